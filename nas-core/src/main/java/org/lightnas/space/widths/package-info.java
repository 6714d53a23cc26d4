/** Spaces of the widths of a network, and of the size of its images. */
@NullMarked
package org.lightnas.space.widths;

import org.jspecify.annotations.NullMarked;
