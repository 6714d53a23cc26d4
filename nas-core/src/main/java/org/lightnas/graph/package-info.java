/** The one reading of a DL4J network. Public to our modules, promised to nobody. */
@NullMarked
package org.lightnas.graph;

import org.jspecify.annotations.NullMarked;
