package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageSet;
import org.lightnas.internal.Backends;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How far the answers of two networks differ. Both are run by DL4J itself, in inference mode: that
 * is what deployment runs.
 *
 * <p>Any two networks with one input and one output may be compared, whether or not this library
 * made them:
 *
 * <pre>{@code
 * Equivalence same = Equivalence.compare(mine, rewritten, images.test().take(1000));
 * if (!same.withLimit(1e-5).holds()) { … }
 * }</pre>
 *
 * @param inputs how many images were tried, at least 1
 * @param maxDifference the largest absolute difference of any two values, max|Δ|; NaN if an answer
 *     is not finite
 * @param maxOutput the largest absolute value in the answers of the network before, max|y|; NaN if
 *     one is not finite
 * @param limit the largest {@link #relativeError()} that counts as the same, above 0
 * @since 0.1.0
 */
public record Equivalence(long inputs, double maxDifference, double maxOutput, double limit)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * The limit where none is given: float32 keeps 7 digits, and a network of some dozen layers loses
   * about two of them to the order of its sums.
   */
  public static final double LIMIT = 1e-4;

  private static final int BATCH = 32;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if there are no inputs or the limit is not positive
   */
  public Equivalence {
    checkArgument(inputs >= 1, "A comparison needs at least one input, but has %s.", inputs);
    checkArgument(limit > 0, "The limit of a comparison must be positive, but is %s.", limit);
  }

  /**
   * Compares two networks on random images, each value uniform in [0, 1), in order of image,
   * channel, row, column.
   *
   * @param before what the answers are measured against; not changed
   * @param after not changed
   * @param shape of the images both take
   * @param inputs how many images, at least 1
   * @param seed same seed, same images
   * @throws IllegalArgumentException if a network has several inputs or outputs, or the answers
   *     differ in shape
   */
  public static Equivalence compare(
      ComputationGraph before, ComputationGraph after, FeatureShape shape, int inputs, long seed) {
    checkArgument(inputs >= 1, "A comparison needs at least one input, but has %s.", inputs);
    Backends.require();
    Equivalence all = batch(before, after, random(shape, 0, inputs, seed));
    for (int from = BATCH; from < inputs; from += BATCH) {
      all = all.and(batch(before, after, random(shape, from, inputs, seed)));
    }
    return all;
  }

  /** The random images from this one on, as many as fit in a batch. */
  private static INDArray random(FeatureShape shape, int from, int to, long seed) {
    RandomGenerator random = Seeds.random(seed, "equivalence", from);
    int n = Math.min(BATCH, to - from);
    float[] values = new float[Math.toIntExact(n * shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return Nd4j.create(
        values, new long[] {n, shape.channels(), shape.height(), shape.width()}, 'c');
  }

  /**
   * Compares two networks on images, all of them.
   *
   * @param before what the answers are measured against; not changed
   * @param after not changed
   * @param images of the shape both take
   * @throws IllegalArgumentException if a network has several inputs or outputs, or the answers
   *     differ in shape
   */
  public static Equivalence compare(
      ComputationGraph before, ComputationGraph after, ImageSet images) {
    Backends.require();
    DataSetIterator batches = images.iterator(BATCH);
    Equivalence all = batch(before, after, batches.next().getFeatures());
    while (batches.hasNext()) {
      all = all.and(batch(before, after, batches.next().getFeatures()));
    }
    return all;
  }

  private static Equivalence batch(
      ComputationGraph before, ComputationGraph after, INDArray images) {
    requireOneInputAndOutput(before, "before");
    requireOneInputAndOutput(after, "after");
    INDArray expected = before.outputSingle(images);
    INDArray actual = after.outputSingle(images);
    checkArgument(
        Arrays.equals(expected.shape(), actual.shape()),
        "For images of %s the network before answers with %s, the one after with %s.",
        Arrays.toString(images.shape()),
        Arrays.toString(expected.shape()),
        Arrays.toString(actual.shape()));
    double[] y = expected.dup('c').data().asDouble();
    double[] z = actual.dup('c').data().asDouble();
    return among(images.size(0), y, z, i -> true);
  }

  /** Compares some of the values. */
  static Equivalence among(long inputs, double[] before, double[] after, IntPredicate which) {
    double maxDifference = 0;
    double maxOutput = 0;
    for (int i = 0; i < before.length; i++) {
      if (which.test(i)) {
        double y = before[i];
        double z = after[i];
        // Unlike ND4J's maxima, Math.max hands NaN on. Infinite minus infinite is NaN; times zero
        // makes NaN of every value that is not finite.
        maxDifference = Math.max(maxDifference, Math.abs(z - y) + 0 * z);
        maxOutput = Math.max(maxOutput, Math.abs(y) + 0 * y);
      }
    }
    return new Equivalence(inputs, maxDifference, maxOutput, LIMIT);
  }

  private static void requireOneInputAndOutput(ComputationGraph network, String which) {
    checkArgument(
        network.getNumInputArrays() == 1 && network.getNumOutputArrays() == 1,
        "The network %s has %s inputs and %s outputs, but only networks with one of each can be"
            + " compared.",
        which,
        network.getNumInputArrays(),
        network.getNumOutputArrays());
  }

  /** {@code max|Δ| / max(1, max|y|)}; NaN if an answer is not finite. */
  public double relativeError() {
    return maxDifference / Math.max(1, maxOutput);
  }

  /** Whether the relative error is within the limit; never where an answer is not finite. */
  public boolean holds() {
    return relativeError() <= limit;
  }

  /**
   * The same comparison under another limit.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public Equivalence withLimit(double newLimit) {
    return new Equivalence(inputs, maxDifference, maxOutput, newLimit);
  }

  /** The same two networks on further inputs; the smaller limit counts. */
  public Equivalence and(Equivalence further) {
    return new Equivalence(
        inputs + further.inputs,
        Math.max(maxDifference, further.maxDifference),
        Math.max(maxOutput, further.maxOutput),
        Math.min(limit, further.limit));
  }

  /**
   * From the network before this comparison to the one after the next, by the triangle inequality:
   * differences add up, and so do limits. An upper bound where both were tried on the same inputs,
   * an estimate otherwise; the number of inputs is the smaller one.
   */
  public Equivalence then(Equivalence next) {
    return new Equivalence(
        Math.min(inputs, next.inputs),
        maxDifference + next.maxDifference,
        maxOutput,
        limit + next.limit);
  }

  /** One line with all figures. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "relative error %.1e on %,d %s (max|Δ| %.1e, max|y| %.3g, limit %.1e)",
        relativeError(),
        inputs,
        inputs == 1 ? "input" : "inputs",
        maxDifference,
        maxOutput,
        limit);
  }
}
