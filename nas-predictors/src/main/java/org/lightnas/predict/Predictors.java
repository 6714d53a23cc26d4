package org.lightnas.predict;

import java.util.List;

/** Fits, compares and transfers predictors. */
public final class Predictors {

  private Predictors() {}

  /** The families of this library, the simplest first. */
  public static List<PredictorFamily> families() {
    return List.of(LatencyTable.family());
  }

  /**
   * The simplest of {@link #families} that is as good as the best within noise.
   *
   * @throws IllegalArgumentException as {@link #best(Profile, List)}
   */
  public static Selection best(Profile profile) {
    return best(profile, families());
  }

  /**
   * The simplest family that is as good as the best within noise, by cross-validation. Every sample
   * is predicted once by each family, fitted on the other folds (ten, five from 100 samples on);
   * families are compared by {@code |log(predicted / measured)|} on the same samples. Within noise
   * is who exceeds the least mean by at most one standard error of the pairwise differences. A
   * family that exceeds it by three after a fold is dropped and not fitted again.
   *
   * <p>Where not all of every architecture reaches the output, the {@linkplain
   * PredictorFamily#reachable reachable} form of each family takes part beside it; as neither is
   * simpler, the better of the two is taken.
   *
   * <p>Deterministic; the order of the samples decides nothing.
   *
   * @param families the simplest first, of distinct names
   * @throws IllegalArgumentException if there is no family, two share a name, there are fewer than
   *     4 samples, or no family can be fitted, with the first one's reason
   */
  public static Selection best(Profile profile, List<PredictorFamily> families) {
    return new CrossValidation(profile, families).select();
  }

  /**
   * A family that predicts a new device from few samples with the help of others. Worth its while
   * below 50 samples or so.
   *
   * @param others profiles of other devices, of one space; the more samples they have the better
   * @throws IllegalArgumentException if there is none, they are of several spaces, or one has fewer
   *     than 3 samples
   */
  public static PredictorFamily transfer(List<Profile> others) {
    return new Transfer(others);
  }
}
