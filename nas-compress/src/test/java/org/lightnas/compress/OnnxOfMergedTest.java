package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.FeatureShape;
import org.lightnas.export.Onnx;
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
  void onnxRuntimeComputesWhatTheNetworkDidBeforeMerging(int seed) throws OrtException {
    SearchSpace space = LightNasSpace.small(INPUT, 10);
    ComputationGraph network = space.network(space.sample(Seeds.random(seed, "net", 0)), seed);
    ComputationGraph merged = Reparameterize.batchNorms().compress(network).network();
    INDArray images = Nd4j.rand(5, 3, 24, 24);
    INDArray expected = network.outputSingle(images);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(Onnx.of(merged).toBytes());
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(images.data().asFloat()), images.shape());
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), input))) {
      FloatBuffer actual = ((OnnxTensor) result.get(0)).getFloatBuffer();
      for (int n = 0; n < 5; n++) {
        for (int c = 0; c < 10; c++) {
          assertThat((double) actual.get()).isCloseTo(expected.getDouble(n, c), within(1e-5));
        }
      }
    } finally {
      merged.close();
      network.close();
    }
  }
}
