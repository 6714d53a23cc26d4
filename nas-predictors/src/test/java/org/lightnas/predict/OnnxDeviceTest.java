package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.device.Inference;
import org.lightnas.device.LocalDevice;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.api.ndarray.INDArray;

class OnnxDeviceTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("two", new FeatureShape(1, 24, 24), 3)
          .stem(new ConvBnAct(3, 16, 1))
          .choice("block", new SkipConnect(16, 1), new MbConv(7, 6, 16, 1))
          .build();

  private static OnnxDevice device;

  @TempDir private Path folder;

  /** On a machine that others use too. */
  @BeforeAll
  static void calibrate() {
    device =
        OnnxDevice.builder().busyFactor(1000).maxSpread(0.2).maxTime(Duration.ofSeconds(1)).build();
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
  @Tag("slow")
  void aNetworkThatDoesMoreTakesLonger() {
    ComputationGraph skip = network(0);
    ComputationGraph block = network(1);
    Measurement small = device.measure(skip);
    Measurement large = device.measure(block);
    assertThat(large.millis()).isGreaterThan(1.5 * small.millis());
    assertThat(small.batch()).isEqualTo(1);
    assertThat(small.threads()).isEqualTo(1);
    assertThat(small.referenceMillis()).isEqualTo(device.referenceMillis());
    assertThat(device.measureUnfolded(block).millis()).isPositive();
    Networks.close(skip);
    Networks.close(block);
  }

  @Test
  void fingerprintNamesRuntimeThreadsAndBatch() {
    assertThat(device.fingerprint())
        .containsPattern("Java \\d+, ONNX Runtime \\d+\\.\\d+\\.\\d+, 1 thread, batch 1$");
    assertThat(device).hasToString("OnnxDevice (" + device.fingerprint() + ")");
  }

  @Test
  @Tag("slow")
  void threadsAndBatchAreWhatWasAskedFor() {
    ComputationGraph network = network(0);
    try (OnnxDevice wide =
        OnnxDevice.builder().threads(2).batch(3).busyFactor(1000).maxSpread(0.5).build()) {
      Measurement measured = wide.measure(network);
      assertThat(measured.threads()).isEqualTo(2);
      assertThat(measured.batch()).isEqualTo(3);
      assertThat(wide.fingerprint()).endsWith("2 threads, batch 3");
    }
    Networks.close(network);
  }

  @Test
  void leavesTheNetworkAsItWas() {
    ComputationGraph network = network(1);
    INDArray before = network.params().dup();
    device.measure(network);
    assertThat(network.params()).isEqualTo(before);
    Networks.close(network);
  }

  @Test
  void namesTheLayerThatCannotBeMeasured() {
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "conv",
                    new ConvolutionLayer.Builder(1, 1).nIn(1).nOut(2).build(),
                    new FeedForwardToCnnPreProcessor(4, 4, 1),
                    "in")
                .addLayer("local", new LocalResponseNormalization.Builder().build(), "conv")
                .setOutputs("local")
                .build());
    network.init();
    assertThatThrownBy(() -> device.measure(network))
        .isInstanceOf(NasException.class)
        .hasMessageStartingWith(
            "Layer 'local' of type LocalResponseNormalization cannot be written as ONNX");
  }

  @Test
  @Tag("slow")
  void aClosedDeviceSaysSo() {
    OnnxDevice closed = OnnxDevice.builder().build();
    closed.close();
    ComputationGraph network = network(0);
    assertThatThrownBy(() -> closed.measure(network))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("The device is closed");
    Networks.close(network);
  }

  @Test
  void aClosedSessionIsGone() {
    ComputationGraph network = LocalDevice.referenceNetwork();
    Inference inference =
        OnnxSessions.onThreads(1).prepare(network, new FeatureShape(3, 24, 24), 1, true);
    inference.run();
    inference.close();
    assertThatThrownBy(inference::run).isInstanceOf(IllegalStateException.class);
    Networks.close(network);
  }

  @Test
  void whatTheRuntimeRefusesIsSaidInOurWords() {
    byte[] noModel = {1, 2, 3};
    assertThatThrownBy(() -> OnnxSessions.onThreads(1).open(noModel, 1))
        .isInstanceOf(NasException.class)
        .hasMessageMatching(
            "(?s)ONNX Runtime cannot run the network: .+\\nMaybe measure with Dl4jDevice, and tell"
                + " us what the network is\\.");
  }

  private static List<String> classPath() {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator));
  }

  /** In a JVM of its own, whose natives are looked for where there are none. */
  @Test
  @Tag("slow")
  void whereItsNativesDoNotLoadItSaysForWhichMachineTheyAreMissing() throws Exception {
    String said =
        WithoutOnnxRuntime.run(
            classPath(), folder.resolve("out"), "-Donnxruntime.native.path=" + folder);
    assertThat(said)
        .startsWith(
            "org.lightnas.NasException: ONNX Runtime does not start on this machine: java.lang.")
        .endsWith(
            "\nMaybe add a release of com.microsoft.onnxruntime:onnxruntime that has natives for "
                + System.getProperty("os.name")
                + " "
                + System.getProperty("os.arch")
                + ", or measure with Dl4jDevice.");
  }

  /** In a JVM of its own, whose class path lacks ONNX Runtime. */
  @Test
  @Tag("slow")
  void withoutOnnxRuntimeItSaysWhatToAdd() throws Exception {
    List<String> rest =
        classPath().stream()
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("onnxruntime"))
            .toList();
    assertThat(WithoutOnnxRuntime.run(rest, folder.resolve("out")))
        .isEqualTo(
            "org.lightnas.NasException: ONNX Runtime is not on the class path, so OnnxDevice cannot"
                + " measure.\nMaybe add com.microsoft.onnxruntime:onnxruntime, or measure with"
                + " Dl4jDevice.");
  }

  /** The program of that JVM. */
  static final class WithoutOnnxRuntime {

    private WithoutOnnxRuntime() {}

    public static void main(String[] args) {
      try {
        OnnxDevice.thisMachine().close();
        System.out.println("measured");
      } catch (NasException e) {
        System.out.println(e);
      }
    }

    static String run(List<String> classPath, Path out, String... options) throws Exception {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of(options));
      command.add(WithoutOnnxRuntime.class.getName());
      ProcessBuilder builder = new ProcessBuilder(command);
      builder
          .environment()
          .put("CLASSPATH", classPath.stream().collect(Collectors.joining(File.pathSeparator)));
      builder.redirectOutput(out.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
      Process process = builder.start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return Files.readString(out).strip();
    }
  }
}
