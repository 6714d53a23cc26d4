/** Labelled images: readers, a generator, splits, batches, augmentation. */
@NullMarked
package org.lightnas.data;

import org.jspecify.annotations.NullMarked;
