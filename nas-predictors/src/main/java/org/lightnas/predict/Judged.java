package org.lightnas.predict;

import java.util.Optional;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** A predictor from elsewhere that does not know how good it is, together with its quality. */
class Judged<P extends Predictor> implements Predictor {

  final P fitted;
  private final Quality quality;

  private Judged(P fitted, Quality quality) {
    this.fitted = fitted;
    this.quality = quality;
  }

  /** A predictor that knows its quality. */
  static Predictor of(Predictor fitted, PredictorReport report) {
    if (fitted instanceof Reported ours) {
      return ours.withReport(report);
    }
    if (fitted.quality().isPresent()) {
      return fitted;
    }
    return fitted instanceof GradientPredictor smooth
        ? new Smooth(smooth, report.quality())
        : new Judged<>(fitted, report.quality());
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
  public boolean extrapolates(Architecture architecture) {
    return fitted.extrapolates(architecture);
  }

  @Override
  public Optional<String> fingerprint() {
    return fitted.fingerprint();
  }

  @Override
  public Optional<Quality> quality() {
    return Optional.of(quality);
  }

  @Override
  public String toString() {
    return fitted.toString();
  }

  /** The same for predictors that are defined between architectures. */
  private static final class Smooth extends Judged<GradientPredictor> implements GradientPredictor {

    Smooth(GradientPredictor fitted, Quality quality) {
      super(fitted, quality);
    }

    @Override
    public double predict(double[][] relaxed) {
      return fitted.predict(relaxed);
    }

    @Override
    public double[][] gradient(double[][] relaxed) {
      return fitted.gradient(relaxed);
    }
  }
}
