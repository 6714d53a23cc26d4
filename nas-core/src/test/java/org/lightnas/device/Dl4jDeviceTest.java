package org.lightnas.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.Networks;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class Dl4jDeviceTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("two", new FeatureShape(1, 12, 12), 3)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("block", new SkipConnect(8, 1), new MbConv(7, 6, 8, 1))
          .build();

  /** Every look at the clock takes 3 ms, so every portion does, of one run each, whatever it is. */
  private static final AtomicLong CLOCK = new AtomicLong();

  private static final Dl4jRuntime RUNTIME = new Dl4jRuntime(1);

  private static Dl4jDevice device;

  @BeforeAll
  static void calibrate() {
    device =
        Dl4jDevice.builder()
            .batch(2)
            .threads(2)
            .sittings(2)
            .clock(() -> CLOCK.addAndGet(3_000_000))
            .build();
  }

  @AfterAll
  static void free() {
    device.close();
    device.close();
  }

  private static ComputationGraph network(int pick) {
    return SPACE.network(SPACE.architecture(pick), 1);
  }

  @Test
  void saysWhatItMeasuredAndHow() {
    try (Resource network = new Resource(network(1))) {
      assertThat(device.measure(network.graph()))
          .isEqualTo(new Measurement(3, 0, RatioTimer.MIN_ROUNDS, 2, 2, 3));
    }
    assertThat(device.fingerprint()).endsWith("2 threads, batch 2");
    assertThat(device.referenceMillis()).isEqualTo(3);
    assertThat(device).hasToString("Dl4jDevice (" + device.fingerprint() + ")");
  }

  @Test
  void saysHowItIsMade() {
    assertThat(device.code())
        .contains(
            """
            org.lightnas.device.Dl4jDevice.builder()
                .batch(2)
                .threads(2)
                .sittings(2)
                .referenceMillis(3.0)
                .build()\
            """);
  }

  @Test
  void leavesTheNetworkAsItWas() {
    try (Resource network = new Resource(network(1))) {
      INDArray before = network.graph().params().dup();
      String configuration = network.graph().getConfiguration().toJson();
      device.measure(network.graph());
      assertThat(network.graph().params()).isEqualTo(before);
      assertThat(network.graph().getConfiguration().toJson()).isEqualTo(configuration);
    }
  }

  @Test
  @Tag("slow")
  void foldsBatchNormsUnlessAskedNotTo() {
    try (Resource network = new Resource(network(0));
        Dl4jRuntime.Copy folded = RUNTIME.prepare(network.graph(), SPACE.input(), 1, true);
        Dl4jRuntime.Copy asItIs = RUNTIME.prepare(network.graph(), SPACE.input(), 1, false)) {
      int layers = network.graph().getNumLayers();
      assertThat(asItIs.network().getNumLayers()).isEqualTo(layers);
      assertThat(folded.network().getNumLayers()).isLessThan(layers);
      assertThat(device.measureUnfolded(network.graph()).batch()).isEqualTo(2);
    }
  }

  @Test
  void setsTheNumberOfThreadsBack() {
    int before = Nd4j.getEnvironment().maxThreads();
    int blasBefore = Nd4j.factory().blas().getMaxThreads();
    try (Resource network = new Resource(network(0))) {
      device.measure(network.graph());
    }
    assertThat(Nd4j.getEnvironment().maxThreads()).isEqualTo(before);
    assertThat(Nd4j.factory().blas().getMaxThreads()).isEqualTo(blasBefore);
  }

  @Test
  @Tag("slow")
  void aGivenReferenceLatencyScalesTheValues() {
    AtomicLong clock = new AtomicLong();
    try (Dl4jDevice scaled =
            Dl4jDevice.builder()
                .referenceMillis(7)
                .clock(() -> clock.addAndGet(3_000_000))
                .build();
        Resource network = new Resource(network(0))) {
      assertThat(scaled.measure(network.graph()))
          .isEqualTo(new Measurement(7, 0, RatioTimer.MIN_ROUNDS, 1, 1, 7));
    }
  }

  @Test
  @Tag("slow")
  void confirmsInSeveralSittings() {
    try (Resource network = new Resource(network(1))) {
      int rounds = 2 * RatioTimer.MIN_ROUNDS;
      assertThat(device.confirm(() -> device.measure(network.graph())))
          .isEqualTo(new Measurement(3, 0, rounds, 2, 2, 3));
    }
    assertThatThrownBy(() -> Dl4jDevice.builder().sittings(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A network is measured in at least 1 sitting, not 0.");
  }

  @Test
  void doubtsAScaleThatTheReferenceNetworkDoesNotHave() {
    assertThat(Reference.doubtOf(true, 0.2, 0.19)).isEmpty();
    assertThat(Reference.doubtOf(false, 0.2, 0.14)).isEmpty();
    assertThat(Reference.doubtOf(false, 0.14, 0.2)).isEmpty();
    assertThat(Reference.doubtOf(true, 0.27, 0.2))
        .contains(
            "Latencies are 1.35 times what they should be: scaled by 0.270 ms of the reference"
                + " network, which takes 0.200 ms.\n"
                + "The machine was busy when the device was made. Maybe make it anew.");
    assertThat(Reference.doubtOf(false, 0.034, 0.2).orElseThrow())
        .startsWith("Latencies are 0.17 times what they should be")
        .endsWith(
            "Maybe that latency was calibrated on another machine or by another version; leave"
                + " referenceMillis out, and measure what you compare with again.");
  }

  @Test
  void refusesANetworkThatWasNotInitialised() {
    ComputationGraph bare = new ComputationGraph(SPACE.toConfiguration(SPACE.uniform(0)));
    assertThatThrownBy(() -> device.measure(bare))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "The network has no parameters, so it cannot be measured.\nMaybe call init() first.");
  }

  @Test
  void refusesANetworkWithSeveralInputs() {
    ComputationGraphConfiguration two =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("left", "right")
            .setInputTypes(InputType.feedForward(2), InputType.feedForward(2))
            .addLayer("a", new DenseLayer.Builder().nIn(2).nOut(2).build(), "left")
            .addLayer("b", new DenseLayer.Builder().nIn(2).nOut(2).build(), "right")
            .addLayer("out", new OutputLayer.Builder().nIn(4).nOut(2).build(), "a", "b")
            .setOutputs("out")
            .build();
    assertThatThrownBy(() -> device.measure(new ComputationGraph(two)))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "The network has the inputs [left, right], but a device measures networks with one.\n"
                + "Maybe measure its parts.");
  }

  @Test
  @Tag("slow")
  void aClosedDeviceSaysSo() {
    AtomicLong clock = new AtomicLong();
    Dl4jDevice closed = Dl4jDevice.builder().clock(() -> clock.addAndGet(3_000_000)).build();
    closed.close();
    try (Resource network = new Resource(network(0))) {
      assertThatThrownBy(() -> closed.measure(network.graph()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "The device is closed, so it cannot measure.\nMaybe close it after the search.");
    }
  }

  @Test
  void settersRejectNonsenseAtOnce() {
    assertThatThrownBy(() -> Dl4jDevice.builder().batch(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The batch must hold at least 1 image, not 0.");
    assertThatThrownBy(() -> Dl4jDevice.builder().threads(0))
        .hasMessage("A network runs on at least 1 thread, not 0.");
    assertThatThrownBy(() -> Dl4jDevice.builder().maxRounds(5))
        .hasMessage("A measurement needs at least 6 rounds, not 5.");
    assertThatThrownBy(() -> Dl4jDevice.builder().maxTime(Duration.ZERO))
        .hasMessage("The time for a measurement must be positive, not PT0S.");
    assertThatThrownBy(() -> Dl4jDevice.builder().maxSpread(Double.NaN))
        .hasMessage("The spread must be a share between 0 and 1, not NaN.");
    assertThatThrownBy(() -> Dl4jDevice.builder().busyFactor(1))
        .hasMessage("The busy factor must exceed 1, not be 1.0.");
    assertThatThrownBy(() -> Dl4jDevice.builder().referenceMillis(-1))
        .hasMessage("The reference latency must be a positive number of ms, not -1.0.");
  }

  /** Closes a network at the end of a test. */
  private record Resource(ComputationGraph graph) implements AutoCloseable {
    @Override
    public void close() {
      Networks.close(graph);
    }
  }
}
