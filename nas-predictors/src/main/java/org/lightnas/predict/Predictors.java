package org.lightnas.predict;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lightnas.metric.Predictor;
import org.lightnas.space.ChoiceSpace;

/**
 * Fits, compares, transfers, writes and reads predictors.
 *
 * @since 0.1.0
 */
public final class Predictors {

  private static final int WORTH_A_NET = 100;

  private Predictors() {}

  /** The families of this library, the simplest first. */
  public static List<PredictorFamily> families() {
    return List.of(LatencyTable.family(), MlpPredictor.family(), GnnPredictor.family());
  }

  /**
   * The simplest of {@link #families} that is as good as the best within noise. Nets take part from
   * 100 samples on: on fewer they win by luck, and take long.
   *
   * @throws IllegalArgumentException as {@link #best(Profile, List)}
   */
  public static Selection best(Profile profile) {
    return best(
        profile,
        profile.samples().size() < WORTH_A_NET ? List.of(LatencyTable.family()) : families());
  }

  /**
   * The simplest family that is as good as the best within noise, by cross-validation: every sample
   * is predicted once by each family, fitted on the other folds (ten, five from 100 samples on). A
   * family is preferred to a simpler one only if its errors {@code |log(predicted / measured)|} on
   * the same samples are less by a standard error of the mean of the pairwise differences; errors
   * beyond three medians count as that. One that is not ahead after a fold is dropped.
   *
   * <p>Where something of three architectures or more does not reach the output, the first family
   * also competes in its {@linkplain PredictorFamily#reachable reachable} form. What wins tells
   * whether the runtime removes dead operations, so the others take part in that form only.
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

  /**
   * Writes a predictor of one of the {@link #families} as JSON, in one move, with its report.
   *
   * @throws IllegalArgumentException if it is of no such family
   * @throws IOException naming the file, if it cannot be written
   */
  public static void write(Predictor predictor, Path file) throws IOException {
    PredictorFile.write(predictor, file);
  }

  /**
   * Reads what {@link #write} wrote, bit for bit.
   *
   * @param space the space that it predicts
   * @throws IOException if the file cannot be read
   * @throws PredictorFileException if it is no such file, is of a newer format or another space
   *     (both are named), or was changed; naming the line
   */
  public static Predictor read(Path file, ChoiceSpace space) throws IOException {
    return PredictorFile.read(file, space);
  }
}
