/** Hostile files for every reader of the library; {@code FuzzBench} runs it. */
@NullMarked
package org.lightnas.examples.fuzz;

import org.jspecify.annotations.NullMarked;
