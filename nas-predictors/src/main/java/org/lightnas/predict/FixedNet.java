package org.lightnas.predict;

import java.util.function.IntFunction;

/**
 * A {@link Net} whose parameters stay as they are, for architectures and not for mixtures of them:
 * a row of its table may hold all that depends on one pick alone.
 *
 * @param width the length of a row
 * @param table a row for every candidate of each choice, {@code [entries][width]} or more
 * @param start what the slots hold before any choice adds to them, {@code [slots][width]}
 * @param memory for batches of up to so many architectures, for one thread
 */
record FixedNet(int width, double[] table, double[] start, IntFunction<Work> memory) {

  /** Buffers of one thread. */
  abstract static class Work {

    /** What the choices added up, {@code [batch][slots][width]}. */
    final double[] slots;

    /** Result, {@code [batch]}. */
    final double[] out;

    Work(double[] slots, double[] out) {
      this.slots = slots;
      this.out = out;
    }

    /** From {@link #slots} to {@link #out}; may overwrite the slots. */
    abstract void forward(int count);
  }
}
