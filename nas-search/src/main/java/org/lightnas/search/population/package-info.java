/**
 * Searches that know of an architecture nothing but its score and its predicted cost.
 *
 * <pre>
 * ScoreResult found =
 *     RegularizedEvolution.builder(evaluator)
 *         .stop(StopRule.evaluations(200))
 *         .build()
 *         .search(space, Constraint.latency(bound, table));
 * </pre>
 *
 * An {@link org.lightnas.metric.Evaluator} says how good an architecture is: a table, a short
 * training, a supernet, a function. All searchers run in one loop, which keeps the bounds, refuses
 * duplicates, remembers scores, stops, and goes on where it was stopped; a searcher only proposes
 * what to score next.
 */
@NullMarked
package org.lightnas.search.population;

import org.jspecify.annotations.NullMarked;
