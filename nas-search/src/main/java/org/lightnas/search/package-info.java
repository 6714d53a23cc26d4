/**
 * Searches for an architecture under a bound.
 *
 * <pre>
 * SearchResult found = LightNas.searchOnce(space.on(images), Constraint.latency(bound, table));
 * </pre>
 *
 * {@link org.lightnas.search.LightNas} trains the weights of all architectures together and learns,
 * in one run, both which candidate each choice should take and how strongly latency must count for
 * the result to meet the bound. {@link org.lightnas.search.SurgeNas} does so on one level: every
 * pass trains all candidates, by paths that run one after the other, and teaches the logits from
 * the same images.
 */
@NullMarked
package org.lightnas.search;

import org.jspecify.annotations.NullMarked;
