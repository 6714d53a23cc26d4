package org.lightnas.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Samples;

class OnnxProperties {

  /** Of the network as it is, and with its batch norms folded. */
  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  @Tag("slow")
  void onnxRuntimeComputesWhatDl4jDoes(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int steps) throws OrtException {
    ComputationGraph network = RandomGraph.network(seed, steps);
    try {
      FeatureShape shape = LayerGraph.read(network.getConfiguration()).input();
      var images = Samples.images(shape, 3, seed).subi(0.5).muli(4);
      double error =
          Math.max(
              OnnxRun.error(Onnx.of(network).toBytes(), network, images),
              OnnxRun.error(Onnx.of(network).foldBatchNorms().toBytes(), network, images));
      if (error > OnnxRun.LIMIT) {
        assertThat(error).isLessThanOrEqualTo(OnnxRun.limit(network, images));
      }
    } finally {
      Networks.close(network);
    }
  }
}
