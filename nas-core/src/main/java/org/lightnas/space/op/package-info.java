/** The operations of the zoo's spaces; each writes plain DL4J layers. */
@NullMarked
package org.lightnas.space.op;

import org.jspecify.annotations.NullMarked;
