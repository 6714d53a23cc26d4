package org.lightnas.predict;

import java.util.random.RandomGenerator;

/**
 * A small network over the picks of an architecture, in two parts: a linear one, in which every
 * pick adds a row of a table to the input of the second, and the rest. Parameters are one flat
 * array; a net itself holds none and is immutable. float64 throughout.
 */
interface Net {

  /** The number of parameters. */
  int parameters();

  /** Writes initial parameters. */
  void initialise(double[] parameters, RandomGenerator random);

  /** The number of table rows: one per candidate of each choice, then constants. */
  int rows();

  /** The length of a table row. */
  int width();

  /** How many rows of {@link #width} the rest reads for one architecture. */
  int slots();

  /** To which slot the choice at this position adds its row. */
  int slot(int choice);

  /**
   * Writes the table {@code [rows][width]} that the parameters stand for.
   *
   * @param table overwritten
   */
  void table(double[] parameters, double[] table);

  /** Adds to the gradient what a gradient by the table makes of it. */
  void tableBackward(double[] tableGradient, double[] gradient);

  /** What the slots hold before any choice adds to them. */
  void constants(double[] table, double[] slots, int batch);

  /** Adds to the table's gradient what the constants contribute. */
  void constantsBackward(double[] slotGradient, double[] tableGradient, int batch);

  /** Memory for batches of up to so many architectures, for one thread. */
  Work work(int batch);

  /** The net under parameters that stay as they are; they are not copied. */
  default FixedNet fixed(double[] parameters) {
    double[] table = new double[rows() * width()];
    table(parameters, table);
    double[] start = new double[slots() * width()];
    constants(table, start, 1);
    return new FixedNet(
        width(),
        table,
        start,
        batch -> {
          Work work = work(batch);
          return new FixedNet.Work(work.slots, work.out) {
            @Override
            void forward(int count) {
              work.forward(parameters, count);
            }
          };
        });
  }

  /** Buffers of one thread. */
  abstract class Work {

    final int batch;

    /** Input of the rest, {@code [batch][slots][width]}. */
    final double[] slots;

    /** Gradient by it. */
    final double[] slotGradient;

    /** Result, {@code [batch]}. */
    final double[] out;

    Work(int batch, int size) {
      this.batch = batch;
      this.slots = new double[batch * size];
      this.slotGradient = new double[batch * size];
      this.out = new double[batch];
    }

    /** From {@link #slots} to {@link #out}. */
    abstract void forward(double[] parameters, int count);

    /**
     * From the gradient by the outputs to {@link #slotGradient}, after {@link #forward}.
     *
     * @param gradient by the parameters; added to, or null if it is not wanted
     */
    abstract void backward(
        double[] parameters,
        double[] outGradient,
        int count,
        double @org.jspecify.annotations.Nullable [] gradient);
  }
}
