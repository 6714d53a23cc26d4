package org.lightnas.compress;

import java.util.Arrays;
import org.lightnas.FeatureShape;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.graph.Window;
import org.nd4j.linalg.activations.Activation;

/**
 * Which nodes compute, in inference, a convolution and a shift of one map, or a sum of maps, and
 * which: convolutions, dense layers, batch norms, scalings, identities, averages, sums. Everything
 * else is a barrier.
 */
final class LinearNodes {

  /** How a dense layer moves over its one pixel. */
  private static final Window POINT =
      Window.symmetric(new int[] {1, 1}, new int[] {1, 1}, new int[] {0, 0}, new int[] {1, 1});

  private LinearNodes() {}

  static boolean isLinear(Node node) {
    return hasWeights(node)
        || node instanceof Node.BatchNorm
        || node instanceof Node.Scale
        || node instanceof Node.Add
        || (node instanceof Node.Activate activate && activate.function() == Activation.IDENTITY)
        || (node instanceof Node.Pool pool && isAverage(pool));
  }

  /** Whether it costs operations, so that there is something to be saved. */
  static boolean hasWeights(Node node) {
    return node instanceof Node.Convolution || node instanceof Node.Dense;
  }

  /** An average that leaves padding out divides by less at the border: no convolution does. */
  private static boolean isAverage(Node.Pool pool) {
    return !pool.max() && (pool.countPadding() || !pool.window().isPadded());
  }

  /** What a linear node other than a sum makes of the map that it reads. */
  static AffineConvolution function(Node node, TrainedGraph trained) {
    FeatureShape out = node.output();
    if (node instanceof Node.Convolution convolution) {
      return AffineConvolution.of(
          Geometry.of(convolution.in(), out, convolution.window(), convolution.depthwise()),
          trained.value(node.name() + "/W"),
          bias(node, convolution.hasBias(), trained));
    }
    if (node instanceof Node.Dense dense) {
      FeatureShape in = FeatureShape.vector(dense.in());
      return AffineConvolution.of(
          Geometry.of(in, out, POINT, false),
          trained.value(node.name() + "/W"),
          bias(node, dense.hasBias(), trained));
    }
    if (node instanceof Node.BatchNorm norm) {
      BatchNormFolding.Line line = BatchNormFolding.line(norm, trained.values());
      return AffineConvolution.perChannel(out, line.scale(), line.shift());
    }
    if (node instanceof Node.Pool pool) {
      return average(pool);
    }
    return AffineConvolution.times(out, node instanceof Node.Scale scale ? scale.factor() : 1);
  }

  private static AffineConvolution average(Node.Pool pool) {
    Geometry geometry = Geometry.of(pool.in(), pool.output(), pool.window(), true);
    double[] kernel = new double[Math.toIntExact(geometry.size())];
    Arrays.fill(kernel, 1.0 / geometry.taps());
    return AffineConvolution.of(geometry, kernel, new double[geometry.out()]);
  }

  private static double[] bias(Node node, boolean has, TrainedGraph trained) {
    return has ? trained.value(node.name() + "/b") : new double[node.output().channels()];
  }
}
