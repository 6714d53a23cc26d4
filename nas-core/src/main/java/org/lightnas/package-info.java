/**
 * What every other package shares: shapes, exceptions, provenance.
 *
 * <p>Notation, used in the javadoc of the whole library: {@code N} batch, {@code C} channels,
 * {@code H}, {@code W} rows and columns; {@code L} choices of a space, {@code K} candidates of a
 * choice. DL4J arrays are {@code float32 [N, C, H, W]}; Java arrays over choices are {@code
 * [choice][candidate]}. Images are in {@code [0, 1]}.
 */
@NullMarked
package org.lightnas;

import org.jspecify.annotations.NullMarked;
