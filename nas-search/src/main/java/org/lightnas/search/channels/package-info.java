/**
 * The second stage of LightNAS: from a found network to better widths of its layers, under the same
 * bounds.
 *
 * <pre>
 * SearchResult found =
 *     LightNas.builder().channels(ChannelSearch.defaults()).build().search(space, bound);
 * found.architecture();            // the operations
 * found.refined().architecture();  // the same operations in other widths
 * </pre>
 */
@NullMarked
package org.lightnas.search.channels;

import org.jspecify.annotations.NullMarked;
