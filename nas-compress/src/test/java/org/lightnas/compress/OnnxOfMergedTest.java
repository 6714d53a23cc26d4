package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.FeatureShape;
import org.lightnas.export.Onnx;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Seeds;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What was merged here is written like anything else, and still computes the same. */
class OnnxOfMergedTest {

  private static final FeatureShape INPUT = new FeatureShape(3, 24, 24);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  @Tag("slow")
  void onnxRuntimeComputesWhatTheNetworkDidBeforeItsBatchNormsWereFolded(int seed)
      throws OrtException {
    SearchSpace space = LightNasSpace.small(INPUT, 10);
    ComputationGraph network = space.network(space.sample(Seeds.random(seed, "net", 0)), seed);
    compare(network, Reparameterize.batchNorms(), INPUT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  @Tag("slow")
  void onnxRuntimeComputesWhatTheNetworkDidBeforeItsChainsWereMerged(int seed) throws OrtException {
    FeatureShape input = new FeatureShape(3, 9, 8);
    compare(RandomBlocks.network(seed, input, 6, true).toNetwork(), Reparameterize.all(), input);
  }

  private static void compare(ComputationGraph network, Compressor compressor, FeatureShape input)
      throws OrtException {
    ComputationGraph merged = compressor.compress(network).network();
    INDArray images = Nd4j.rand(5, input.channels(), input.height(), input.width());
    double[] expected = network.outputSingle(images).dup('c').data().asDouble();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(Onnx.of(merged).toBytes());
        OnnxTensor tensor =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(images.data().asFloat()), images.shape());
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), tensor))) {
      FloatBuffer actual = ((OnnxTensor) result.get(0)).getFloatBuffer();
      double most = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElseThrow());
      for (double y : expected) {
        assertThat((double) actual.get()).isCloseTo(y, within(1e-5 * most));
      }
      assertThat(actual.hasRemaining()).isFalse();
    } finally {
      Networks.close(merged);
      Networks.close(network);
    }
  }
}
