/** Benchmarks; each side of a comparison runs in a process of its own, by turns with the others. */
@NullMarked
package org.lightnas.examples.bench;

import org.jspecify.annotations.NullMarked;
