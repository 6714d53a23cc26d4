package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Samples;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

class ConstraintTest {

  record Plain(String name, List<Choice> choices) implements ChoiceSpace {}

  private static Choice choice(String name) {
    return new Choice(name, List.<Candidate>of(() -> "a", () -> "b", () -> "c"));
  }

  private static final ChoiceSpace SPACE =
      new Plain("plain", List.of(choice("left"), choice("right")));

  private static Predictor constant(Metric metric, double value) {
    return Predictor.of(SPACE, metric, architecture -> value);
  }

  private static final Predictor PICKS =
      Predictor.of(SPACE, Metric.LATENCY, a -> 1 + a.pick(0) + 10 * a.pick(1));

  /** Fitted on a device of this name. */
  private record Fitted(String device) implements Predictor {
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
      return 2;
    }

    @Override
    public Optional<String> fingerprint() {
      return Optional.of(device);
    }
  }

  /** Says it is this device and that everything takes 3 ms. */
  private record Fixed(String fingerprint) implements Device {
    @Override
    public Measurement measure(ComputationGraph network) {
      return new Measurement(3, 0.25, 5, 1, 2, 1);
    }
  }

  @Test
  void boundsLatencyToTheNanosecond() {
    Constraint constraint = Constraint.latency(Duration.ofNanos(1_234_567), PICKS);
    assertThat(constraint.bound()).isCloseTo(1.234567, within(1e-12));
    assertThat(constraint.metric()).isEqualTo(Metric.LATENCY);
    assertThat(constraint.withBound(7)).isEqualTo(Constraint.atMost(7, PICKS));
  }

  @Test
  void admitsWhatIsPredictedWithinTheBound() {
    Constraint constraint = Constraint.atMost(12, PICKS);
    assertThat(constraint.admits(SPACE.architecture(1, 1))).isTrue();
    assertThat(constraint.admits(SPACE.architecture(2, 1))).isFalse();
    assertThat(constraint.verify(SPACE.architecture(1, 1)).satisfied()).isTrue();
    assertThat(constraint.verify(SPACE.architecture(2, 1)))
        .hasToString("asked ≤ 12.000 ms, predicted 13.000 ms: not satisfied");
  }

  @Test
  void aMeasurementDecidesWithTwiceItsSpread() {
    Constraint constraint = Constraint.atMost(3.5, PICKS).measuredOn(new Fixed("desk"));
    ComputationGraph network = new ComputationGraph(Samples.everything());
    assertThat(constraint.verify(network).satisfied()).isTrue();
    assertThat(constraint.withBound(3.49).verify(network).satisfied()).isFalse();
    assertThat(constraint.verify(SPACE.architecture(0, 0), network))
        .hasToString("asked ≤ 3.500 ms, predicted 1.000 ms, measured 3.000 ±0.250 ms: satisfied");
  }

  @Test
  void rejectsBoundsThatAreNotPositive() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Constraint.atMost(bad, PICKS))
          .withMessage("The latency bound (%s ms) must be a positive number.", bad);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Constraint.latency(Duration.ZERO, PICKS))
        .withMessage("The latency bound (0.0 ms) must be a positive number.");
  }

  @Test
  void rejectsALatencyBoundOnSomethingElse() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Constraint.latency(Duration.ofMillis(3), constant(Metric.MACS, 5)))
        .withMessage("A latency bound needs a latency predictor, but this one predicts macs.");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Constraint.atMost(9, constant(Metric.MACS, 5)).measuredOn(new Fixed("desk")))
        .withMessage("A device measures latency, so it cannot verify a bound on macs.");
  }

  @Test
  void rejectsAnotherDeviceThanThePredictorsNamingBoth() {
    Constraint constraint = Constraint.atMost(9, new Fitted("desk"));
    assertThat(constraint.measuredOn(new Fixed("desk")).device()).isEqualTo(new Fixed("desk"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> constraint.measuredOn(new Fixed("phone")))
        .withMessage(
            "The predictor was fitted on device [desk], but [phone] is to verify it.\n"
                + "Maybe profile the space on this device.");
  }

  @Test
  void rejectsPredictionsThatAreNone() {
    for (double bad : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      Constraint constraint = Constraint.atMost(9, constant(Metric.LATENCY, bad));
      assertThatExceptionOfType(NasException.class)
          .isThrownBy(() -> constraint.predict(SPACE.architecture(0, 2)))
          .withMessage(
              "The latency predictor of space 'plain' predicts %s ms for architecture a-c.\n"
                  + "Maybe fit it on architectures like this one.",
              bad);
    }
  }

  @Test
  void cannotMeasureWithoutADevice() {
    Constraint constraint = Constraint.atMost(9, PICKS);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> constraint.verify(new ComputationGraph(Samples.everything())))
        .withMessage(
            "The latency constraint names no device, so a network cannot be measured.\n"
                + "Maybe use constraint.measuredOn(device).");
  }

  @Test
  void aVerdictOnNothingIsNotSatisfied() {
    assertThat(new Verdict(Metric.MACS, 2_000_000, null, null).satisfied()).isFalse();
    assertThat(new Verdict(Metric.MACS, 2_000_000, 1_500_000.4, null))
        .hasToString("asked ≤ 2,000,000 MAC, predicted 1,500,000 MAC: satisfied");
  }

  @Test
  void sensitivityIsWhatEachSwapChanges() {
    assertThat(PICKS.sensitivity(SPACE.architecture(1, 2)))
        .isDeepEqualTo(new double[][] {{-1, 0, 1}, {-20, -10, 0}});
    assertThat(Arrays.stream(PICKS.sensitivity(SPACE.architecture(0, 0))[0]).max()).hasValue(2);
    assertThat(PICKS.fingerprint()).isEmpty();
  }

  @Test
  void metricsNeedANameAndAUnit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Metric(" ", "ms"))
        .withMessage("A metric needs a name and a unit, but got ' ' and 'ms'.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Metric("energy", ""))
        .withMessage("A metric needs a name and a unit, but got 'energy' and ''.");
  }
}
