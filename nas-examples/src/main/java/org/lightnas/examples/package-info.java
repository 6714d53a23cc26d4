/** Programs to run and to copy from. */
@NullMarked
package org.lightnas.examples;

import org.jspecify.annotations.NullMarked;
