package org.lightnas.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Kernel and bias of a convolution with the batch norm behind it folded in, by running statistics:
 * {@code W' = W s}, {@code b' = beta + (b - mean) s} with {@code s = gamma / sqrt(var + eps)} per
 * output channel, in double. Renewed when one of the tensors has changed. Owned by the kernel's
 * weight.
 */
final class FoldedWeights implements Weight.Derived {

  private final Weight kernel;
  private final @Nullable Weight bias;
  private final @Nullable Norm norm;
  private final int channels;
  private final List<Weight> sources;
  private final INDArray foldedKernel;
  private final INDArray foldedBias;
  private long version = -1;

  private FoldedWeights(int channels, Weight kernel, @Nullable Weight bias, @Nullable Norm norm) {
    this.channels = channels;
    this.kernel = kernel;
    this.bias = bias;
    this.norm = norm;
    Stream<@Nullable Weight> all =
        norm == null
            ? Stream.of(kernel, bias)
            : Stream.of(kernel, bias, norm.gamma(), norm.beta(), norm.mean(), norm.variance());
    this.sources = all.filter(Objects::nonNull).toList();
    INDArray values = kernel.value();
    this.foldedKernel = Nd4j.create(values.dataType(), values.shape());
    this.foldedBias = Nd4j.create(values.dataType(), channels);
  }

  /**
   * Those of a convolution.
   *
   * @param norm the batch norm behind it; null to fold none, with a bias of zero if there is none
   */
  static FoldedWeights of(
      Node.Convolution node, Weight kernel, @Nullable Weight bias, @Nullable Norm norm) {
    Object key = norm == null ? FoldedWeights.class : norm;
    int channels = node.output().channels();
    return (FoldedWeights)
        kernel.derived(key, () -> new FoldedWeights(channels, kernel, bias, norm));
  }

  /** Whose weights these are. */
  Weight owner() {
    return kernel;
  }

  /** The folded kernel, in the layout of the plain one, as of the last {@link #renew}. */
  INDArray kernel() {
    return foldedKernel;
  }

  /** The folded bias, one per output channel, as of the last {@link #renew}. */
  INDArray bias() {
    return foldedBias;
  }

  /** Folds anew if a tensor has changed. */
  void renew() {
    long now = sources.stream().mapToLong(Weight::version).sum();
    if (now != version) {
      fold();
      version = now;
    }
  }

  private void fold() {
    double[] w = Host.read(kernel.value());
    double[] b = bias == null ? new double[channels] : Host.read(bias.value());
    if (norm != null) {
      double[] gamma = factors(norm.gamma(), norm.node().gamma());
      double[] beta = factors(norm.beta(), norm.node().beta());
      double[] mean = Host.read(norm.mean().value());
      double[] variance = Host.read(norm.variance().value());
      double[] scale = new double[channels];
      for (int c = 0; c < channels; c++) {
        scale[c] = gamma[c] / Math.sqrt(variance[c] + norm.node().eps());
        b[c] = beta[c] + (b[c] - mean[c]) * scale[c];
      }
      for (int i = 0; i < w.length; i++) {
        // Output channels run fastest, of depthwise kernels too.
        w[i] *= scale[i % channels];
      }
    }
    Host.write(foldedKernel, w);
    Host.write(foldedBias, b);
  }

  private double[] factors(@Nullable Weight weight, double fixed) {
    if (weight != null) {
      return Host.read(weight.value());
    }
    double[] all = new double[channels];
    Arrays.fill(all, fixed);
    return all;
  }

  @Override
  public void close() {
    foldedKernel.close();
    foldedBias.close();
  }
}
