/** Tests of the image data. */
@NullMarked
package org.lightnas.data;

import org.jspecify.annotations.NullMarked;
