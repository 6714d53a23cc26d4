package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.PoorPredictorException;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.zoo.LightNasSpace;

class QualityTest {

  private static final ChoiceSpace SPACE = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);

  private record Known(Quality known) implements Predictor {

    @Override
    public Metric metric() {
      return Metric.LATENCY;
    }

    @Override
    public ChoiceSpace space() {
      return SPACE;
    }

    @Override
    public double predict(Architecture architecture) {
      return 1;
    }

    @Override
    public Optional<Quality> quality() {
      return Optional.of(known);
    }

    @Override
    public String toString() {
      return "oracle";
    }
  }

  private static Predictor known(double spearman, double medianError) {
    return new Known(new Quality(60, spearman, medianError, 0.5, 0.6));
  }

  @Test
  void poorPredictorsAreRefusedWithBothFigures() {
    assertThatThrownBy(() -> QualityLimit.standard().require(known(0.79, 0.02)))
        .isInstanceOf(PoorPredictorException.class)
        .hasMessage(
            "The oracle is too poor to decide: Spearman 0.790, median error 2.0 % (60 samples held"
                + " out), but Spearman 0.800 and median error 10.0 % are asked for.\n"
                + "Maybe measure more architectures, or on a quieter machine, or compare"
                + " predictors; or ask for less with QualityLimit.");
    assertThatThrownBy(() -> QualityLimit.standard().require(known(0.99, 0.101)))
        .isInstanceOf(PoorPredictorException.class);
    assertThatThrownBy(() -> QualityLimit.standard().require(known(Double.NaN, 0)))
        .isInstanceOf(PoorPredictorException.class);
  }

  @Test
  void goodAndUnknownOnesPass() {
    Predictor unknown = Predictor.of(SPACE, Metric.LATENCY, a -> 1);
    assertThat(unknown.quality()).isEmpty();
    assertThatCode(
            () -> {
              QualityLimit.standard().require(known(0.8, 0.1));
              QualityLimit.standard().require(unknown);
              QualityLimit.none().require(known(Double.NaN, 9));
              new QualityLimit(0.5, 0.3).require(known(0.6, 0.2));
            })
        .doesNotThrowAnyException();
  }

  @Test
  void figuresMustBeOfTheirRange() {
    assertThatThrownBy(() -> new Quality(0, 1, 0, 1, 1))
        .hasMessage("A quality needs a sample, but was told of 0.");
    assertThatThrownBy(() -> new Quality(1, 1.1, 0, 1, 1))
        .hasMessage("A rank correlation is from -1 to 1, but is 1.1.");
    assertThatThrownBy(() -> new Quality(1, 1, Double.NaN, 1, 1))
        .hasMessage("A median error is at least 0, but is NaN.");
    assertThatThrownBy(() -> new Quality(1, 1, 0, 0.6, 0.5))
        .hasMessage(
            "Shares are from 0 to 1 and do not fall, but within 5 and 10 percent are 0.6 and 0.5.");
    assertThatThrownBy(() -> new QualityLimit(1.5, 0))
        .hasMessage("A least rank correlation must be from -1 to 1, but is 1.5.");
    assertThatThrownBy(() -> new QualityLimit(0, -0.1))
        .hasMessage("A greatest median error must be at least 0, but is -0.1.");
  }
}
