/** What becomes of a network's widths after its operations were found. */
@NullMarked
package org.lightnas.search.widths;

import org.jspecify.annotations.NullMarked;
