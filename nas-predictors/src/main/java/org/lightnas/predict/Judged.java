package org.lightnas.predict;

import java.util.Optional;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** A predictor that does not know how good it is, together with its report. */
record Judged(Predictor fitted, PredictorReport report) implements Predictor {

  /** A predictor that knows its quality: a table stays a table, which can be read and written. */
  static Predictor of(Predictor fitted, PredictorReport report) {
    return fitted instanceof LatencyTable table
        ? table.withReport(report)
        : fitted.quality().isPresent()
            ? fitted
            : fitted instanceof GradientPredictor smooth
                ? new Smooth(smooth, report)
                : new Judged(fitted, report);
  }

  /** What was fitted; other predictors as they are. */
  static Predictor unwrap(Predictor predictor) {
    return predictor instanceof Judged judged
        ? judged.fitted
        : predictor instanceof Smooth smooth ? smooth.fitted : predictor;
  }

  @Override
  public Metric metric() {
    return fitted.metric();
  }

  @Override
  public ChoiceSpace space() {
    return fitted.space();
  }

  @Override
  public double predict(Architecture architecture) {
    return fitted.predict(architecture);
  }

  @Override
  public double[][] sensitivity(Architecture architecture) {
    return fitted.sensitivity(architecture);
  }

  @Override
  public Optional<String> fingerprint() {
    return fitted.fingerprint();
  }

  @Override
  public Optional<Quality> quality() {
    return Optional.of(report.quality());
  }

  @Override
  public String toString() {
    return fitted.toString();
  }

  /** The same for predictors that are defined between architectures. */
  private record Smooth(GradientPredictor fitted, PredictorReport report)
      implements GradientPredictor {

    @Override
    public Metric metric() {
      return fitted.metric();
    }

    @Override
    public ChoiceSpace space() {
      return fitted.space();
    }

    @Override
    public double predict(Architecture architecture) {
      return fitted.predict(architecture);
    }

    @Override
    public double predict(double[][] relaxed) {
      return fitted.predict(relaxed);
    }

    @Override
    public double[][] gradient(double[][] relaxed) {
      return fitted.gradient(relaxed);
    }

    @Override
    public double[][] sensitivity(Architecture architecture) {
      return fitted.sensitivity(architecture);
    }

    @Override
    public Optional<String> fingerprint() {
      return fitted.fingerprint();
    }

    @Override
    public Optional<Quality> quality() {
      return Optional.of(report.quality());
    }

    @Override
    public String toString() {
      return fitted.toString();
    }
  }
}
