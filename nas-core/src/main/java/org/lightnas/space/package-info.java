/** Search spaces: choices, candidates, architectures, and how they become DL4J networks. */
@NullMarked
package org.lightnas.space;

import org.jspecify.annotations.NullMarked;
