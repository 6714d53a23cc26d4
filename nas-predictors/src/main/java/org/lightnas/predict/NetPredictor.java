package org.lightnas.predict;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** What the predictors made of nets have in common. Immutable and thread-safe. */
abstract sealed class NetPredictor implements GradientPredictor, Reported
    permits MlpPredictor, GnnPredictor {

  private final NetModel model;
  private final @Nullable PredictorReport report;

  NetPredictor(NetModel model, @Nullable PredictorReport report) {
    this.model = model;
    this.report = report;
  }

  final NetModel model() {
    return model;
  }

  @Override
  public final Metric metric() {
    return Metric.LATENCY;
  }

  @Override
  public final ChoiceSpace space() {
    return model.space();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  @Override
  public final double predict(Architecture architecture) {
    return model.predict(architecture);
  }

  @Override
  public final double predict(double[][] relaxed) {
    return model.predict(relaxed);
  }

  @Override
  public final double[][] gradient(double[][] relaxed) {
    return model.gradient(relaxed);
  }

  /** {@inheritDoc} One batch; of a perceptron's first layer only the changed row is new. */
  @Override
  public final double[][] sensitivity(Architecture architecture) {
    return model.sensitivity(architecture);
  }

  @Override
  public final Optional<String> fingerprint() {
    return Optional.ofNullable(model.fingerprint());
  }

  @Override
  public final Optional<PredictorReport> report() {
    return Optional.ofNullable(report);
  }
}
