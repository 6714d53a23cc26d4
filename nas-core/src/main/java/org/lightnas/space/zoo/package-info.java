/** Ready-made search spaces. */
@NullMarked
package org.lightnas.space.zoo;

import org.jspecify.annotations.NullMarked;
