package org.lightnas.compress;

import java.util.stream.IntStream;

/**
 * Blocks in a row.
 *
 * @param first position of the first in the space
 * @param last position of the last
 */
record BlockSpan(int first, int last) {

  /** The positions of its blocks. */
  IntStream blocks() {
    return IntStream.rangeClosed(first, last);
  }
}
