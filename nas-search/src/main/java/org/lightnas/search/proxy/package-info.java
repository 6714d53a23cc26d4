/**
 * Scores that cost little: how fast a network learns in its first batches, and what can be seen of
 * it before it has learned anything.
 *
 * <pre>
 * Evaluator bte = BatchwiseTrainingEstimation.builder(space.on(images)).batches(100).build();
 * EvolutionSearch.builder(bte).build().search(space, bound);
 * </pre>
 *
 * All of them are stand-ins, so {@link org.lightnas.search.proxy.BteReport} says how well they rank
 * networks of equal cost, by training some of these.
 */
@NullMarked
package org.lightnas.search.proxy;

import org.jspecify.annotations.NullMarked;
