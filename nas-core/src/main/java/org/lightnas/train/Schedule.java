package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * How the learning rate goes on after its rise, as a share of its peak. A value without a length:
 * {@link LearningRate} lays it over the steps of a training.
 *
 * @since 0.1.0
 */
public sealed interface Schedule {

  /**
   * The share of the peak rate at some point.
   *
   * @param way how much of the way from the end of the rise to the end of the training lies behind,
   *     in [0, 1]
   * @param epochs whole epochs that lie behind, those of the rise included
   */
  double share(double way, long epochs);

  /** Half a cosine from the peak to zero (Loshchilov and Hutter 2017). */
  static Schedule cosine() {
    return new Cosine();
  }

  /** The peak rate to the end. */
  static Schedule constant() {
    return new Constant();
  }

  /**
   * Multiplied by a factor after every so many epochs.
   *
   * @throws IllegalArgumentException unless 0 &lt; factor &lt; 1 and epochs are at least 1
   */
  static Schedule decay(double factor, int epochs) {
    return new Decay(factor, epochs);
  }

  /**
   * Multiplied by a factor after each of these numbers of epochs: {@code milestones(0.1, 60, 80)}.
   *
   * @throws IllegalArgumentException unless 0 &lt; factor &lt; 1 and the epochs are positive and
   *     rise
   */
  static Schedule milestones(double factor, Integer... epochs) {
    return new Milestones(factor, List.of(epochs));
  }

  /**
   * Half a cosine from the peak to zero.
   *
   * @since 0.1.0
   */
  record Cosine() implements Schedule {
    @Override
    public double share(double way, long epochs) {
      return 0.5 * (1 + Math.cos(Math.PI * Math.min(1, way)));
    }
  }

  /**
   * The peak rate to the end.
   *
   * @since 0.1.0
   */
  record Constant() implements Schedule {
    @Override
    public double share(double way, long epochs) {
      return 1;
    }
  }

  /**
   * A stair of equal steps.
   *
   * @param factor between 0 and 1, both excluded
   * @param every epochs between falls, at least 1
   * @since 0.1.0
   */
  record Decay(double factor, int every) implements Schedule {

    /** Checks the ranges. */
    public Decay {
      requireFactor(factor);
      checkArgument(every >= 1, "The rate can fall every 1 or more epochs, not %s.", every);
    }

    @Override
    public double share(double way, long epochs) {
      int falls = (int) (epochs / every);
      return Math.pow(factor, falls);
    }
  }

  /**
   * A stair.
   *
   * @param factor between 0 and 1, both excluded
   * @param epochs after which the rate falls, positive and rising
   * @since 0.1.0
   */
  record Milestones(double factor, List<Integer> epochs) implements Schedule {

    /** Checks the ranges and copies the list. */
    public Milestones {
      requireFactor(factor);
      epochs = List.copyOf(epochs);
      int before = 0;
      for (int epoch : epochs) {
        checkArgument(epoch > before, "Milestones must be positive and rise, but are %s.", epochs);
        before = epoch;
      }
    }

    @Override
    public double share(double way, long now) {
      int falls = (int) epochs.stream().filter(epoch -> epoch <= now).count();
      return Math.pow(factor, falls);
    }
  }

  private static void requireFactor(double factor) {
    checkArgument(
        factor > 0 && factor < 1,
        "The factor of a falling rate must lie between 0 and 1, but is %s.",
        factor);
  }
}
