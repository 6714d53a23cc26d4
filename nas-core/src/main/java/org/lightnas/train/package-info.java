/** Training of single networks. */
@NullMarked
package org.lightnas.train;

import org.jspecify.annotations.NullMarked;
