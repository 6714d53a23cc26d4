package org.lightnas.search.channels;

import java.util.Arrays;
import java.util.Optional;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * A predictor corrected by a factor, so that it agrees at one architecture with what is known of
 * that one: what two predictors disagree on is then not taken for a change of the network.
 */
record InProportion(Predictor predictor, double factor) implements Predictor {

  /**
   * Agrees at an architecture.
   *
   * @param known the value there
   */
  static InProportion of(Predictor predictor, Architecture at, double known) {
    return new InProportion(predictor, known / predictor.predict(at));
  }

  @Override
  public Metric metric() {
    return predictor.metric();
  }

  @Override
  public ChoiceSpace space() {
    return predictor.space();
  }

  @Override
  public double predict(Architecture architecture) {
    return factor * predictor.predict(architecture);
  }

  @Override
  public double[][] sensitivity(Architecture architecture) {
    return Arrays.stream(predictor.sensitivity(architecture))
        .map(row -> Arrays.stream(row).map(change -> factor * change).toArray())
        .toArray(double[][]::new);
  }

  @Override
  public boolean extrapolates(Architecture architecture) {
    return predictor.extrapolates(architecture);
  }

  @Override
  public Optional<String> fingerprint() {
    return predictor.fingerprint();
  }

  @Override
  public Optional<Quality> quality() {
    return predictor.quality();
  }

  @Override
  public String toString() {
    return predictor + ", in proportion to the found network";
  }
}
