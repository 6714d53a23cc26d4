package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

class ConstraintTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("two", new FeatureShape(4, 8, 8), 2)
          .choice("block", new MbConv(3, 3, 4, 1), new SkipConnect(4, 1))
          .build();

  private static final Architecture SLOW = SPACE.uniform(0);
  private static final Architecture FAST = SPACE.uniform(1);

  private static final Predictor LATENCY =
      Predictor.of(SPACE, Metric.LATENCY, a -> a.pick(0) == 0 ? 2 : 0.5);

  private static Predictor answering(double value) {
    return Predictor.of(SPACE, Metric.LATENCY, a -> value);
  }

  private static Predictor fittedOn(String fingerprint) {
    return new Predictor() {
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
      public Optional<String> fingerprint() {
        return Optional.of(fingerprint);
      }
    };
  }

  private static Device device(String fingerprint, double millis, double spread) {
    return new Device() {
      @Override
      public String fingerprint() {
        return fingerprint;
      }

      @Override
      public Measurement measure(ComputationGraph network) {
        return new Measurement(millis, spread, 7, 1, 1, 1);
      }
    };
  }

  private static ComputationGraph network() {
    return new ComputationGraph(SPACE.toConfiguration(FAST));
  }

  @Test
  void admitsWhatIsPredictedToMeetTheBoundExactly() {
    Constraint bound = Constraint.latency(Duration.ofNanos(500_000), LATENCY);
    assertThat(bound.bound()).isEqualTo(0.5);
    assertThat(bound.admits(FAST)).isTrue();
    assertThat(bound.admits(SLOW)).isFalse();
    assertThat(bound.metric()).isEqualTo(Metric.LATENCY);
    assertThat(bound.withBound(2).admits(SLOW)).isTrue();
  }

  @Test
  void verdictsOnArchitecturesRestOnThePrediction() {
    Verdict verdict = Constraint.atMost(1, LATENCY).verify(SLOW);
    assertThat(verdict).isEqualTo(new Verdict(Metric.LATENCY, 1, 2.0, null));
    assertThat(verdict.satisfied()).isFalse();
  }

  @Test
  void verdictsOnNetworksRestOnTheMeasurement() {
    Constraint bound = Constraint.atMost(1, LATENCY).measuredOn(device("here", 0.9, 0.04));
    Verdict alone = bound.verify(network());
    assertThat(alone.predicted()).isNull();
    assertThat(alone.satisfied()).isTrue();
    Verdict both = bound.verify(SLOW, network());
    assertThat(both.predicted()).isEqualTo(2);
    assertThat(both.satisfied()).isTrue();
    assertThat(bound.withBound(0.95).verify(network()).satisfied()).isFalse();
  }

  @Test
  void refusesBoundsThatAreNotPositiveNumbers() {
    assertThatThrownBy(() -> Constraint.atMost(Double.NaN, LATENCY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The latency bound (NaN ms) must be a positive number.");
    assertThatThrownBy(() -> Constraint.latency(Duration.ZERO, LATENCY))
        .hasMessage("The latency bound (0.0 ms) must be a positive number.");
  }

  @Test
  void refusesALatencyBoundOnAnotherMetric() {
    Predictor macs = Predictor.of(SPACE, Metric.MACS, a -> 5);
    assertThatThrownBy(() -> Constraint.latency(Duration.ofMillis(1), macs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A latency bound needs a latency predictor, but this one predicts macs.");
    assertThatThrownBy(() -> Constraint.atMost(9, macs).measuredOn(device("here", 1, 0)))
        .hasMessage("A device measures latency, so it cannot verify a bound on macs.");
  }

  @Test
  void refusesADeviceOtherThanThePredictorsNamingBoth() {
    Constraint bound = Constraint.atMost(1, fittedOn("there, 2 threads"));
    assertThatThrownBy(() -> bound.measuredOn(device("here, 1 thread", 1, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The predictor was fitted on device [there, 2 threads], but [here, 1 thread] is to"
                + " verify it.\nMaybe profile the space on this device.");
    assertThat(bound.measuredOn(device("there, 2 threads", 1, 0)).device()).isNotNull();
  }

  @Test
  void guardsAgainstPredictionsThatAreNone() {
    for (double value : new double[] {Double.NaN, -0.1, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Constraint.atMost(1, answering(value)).admits(FAST))
          .isInstanceOf(NasException.class)
          .hasMessage(
              "The latency predictor of space 'two' predicts "
                  + value
                  + " ms for architecture skip.\nMaybe fit it on architectures like this one.");
    }
  }

  @Test
  void withoutADeviceNetworksCannotBeJudged() {
    assertThatThrownBy(() -> Constraint.atMost(1, LATENCY).verify(network()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The latency constraint names no device, so a network cannot be measured.\n"
                + "Maybe use constraint.measuredOn(device).");
  }

  @Test
  void defaultSensitivityIsTheChangeOfEverySwap() {
    assertThat(LATENCY.sensitivity(FAST)).isDeepEqualTo(new double[][] {{1.5, 0}});
    assertThat(LATENCY.fingerprint()).isEmpty();
  }

  @Test
  void boundsMayBeVeryLong() {
    Constraint bound = Constraint.latency(ChronoUnit.FOREVER.getDuration(), LATENCY);
    assertThat(bound.admits(SLOW)).isTrue();
    assertThat(Constraint.latency(Duration.ofNanos(1_234_567_891), LATENCY).bound())
        .isEqualTo(1234.567891);
  }

  @Test
  void anArchitectureIsMeasuredWhereADeviceIsNamed() {
    Verdict measured =
        Constraint.atMost(1, LATENCY).measuredOn(device("here", 0.9, 0.04)).verify(SLOW, 1);
    assertThat(measured.predicted()).isEqualTo(2);
    assertThat(measured.satisfied()).isTrue();
    assertThat(Constraint.atMost(1, LATENCY).verify(SLOW, 1))
        .isEqualTo(Constraint.atMost(1, LATENCY).verify(SLOW));
  }
}
