/**
 * Searches for an architecture under a bound.
 *
 * <pre>
 * SearchResult found = LightNas.searchOnce(space.on(images), Constraint.latency(bound, table));
 * </pre>
 *
 * {@link org.lightnas.search.LightNas} trains the weights of all architectures together and learns,
 * in one run, both which candidate each choice should take and how strongly latency must count for
 * the result to meet the bound.
 */
@NullMarked
package org.lightnas.search;

import org.jspecify.annotations.NullMarked;
