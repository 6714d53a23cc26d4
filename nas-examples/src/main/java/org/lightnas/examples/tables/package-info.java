/** Tables that other people measured and published, and the spaces they are of. */
@NullMarked
package org.lightnas.examples.tables;

import org.jspecify.annotations.NullMarked;
