/**
 * Scoring and measuring on the executors of an Apache Spark cluster.
 *
 * <pre>
 * try (SparkEvaluator accuracy = SparkEvaluator.of(context, factory, imagesFolder)) {
 *   RegularizedEvolution.builder(accuracy)
 *       .executor(Executors.newFixedThreadPool(8))
 *       .atOnce(8)
 *       .build()
 *       .search(space, bound);
 * }
 * </pre>
 *
 * A {@link org.lightnas.search.spark.RemoteFactory} says how an executor makes its evaluator or
 * device; it makes one, when it is first asked, and keeps it. Files that it needs, images and
 * weights, are broadcast. What is asked and answered is text: architectures as their JSON, scores
 * as numbers that lose no bit.
 *
 * <p>Only Spark's Java API is used, so nothing here depends on the version of Scala that Spark was
 * built for. Spark is an optional dependency: nothing outside this package refers to it. The guide
 * is docs/SCALEOUT.md.
 */
@NullMarked
package org.lightnas.search.spark;

import org.jspecify.annotations.NullMarked;
