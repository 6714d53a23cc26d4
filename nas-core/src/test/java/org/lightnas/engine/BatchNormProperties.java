package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.data.Pixels;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.Parameter.Role;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The batch norm in plain Java computes what ND4J's operations compute. */
class BatchNormProperties {

  /** float32 and other orders of summation, values up to about 20. */
  private static final double TOLERANCE = 1e-4;

  /** One kernel to compare with another. */
  record Case(
      int batch,
      int height,
      int width,
      int channels,
      boolean affine,
      Activation function,
      int threads,
      long seed) {

    long[] shape() {
      return new long[] {batch, height, width, channels};
    }

    int length() {
      return batch * height * width * channels;
    }

    Node.BatchNorm node() {
      FeatureShape shape = new FeatureShape(channels, height, width);
      return new Node.BatchNorm("norm", List.of("in"), shape, 1e-3, 0.9, affine, 3, 1.5, false);
    }

    RandomGenerator random(String purpose) {
      return Seeds.random(seed, purpose, 0);
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    Arbitrary<Integer> channels =
        Arbitraries.frequencyOf(
            Tuple.of(5, Arbitraries.integers().between(1, 40)),
            Tuple.of(1, Arbitraries.of(1023, 1025, 2047, 2048, 2049, 3001)));
    return Combinators.combine(
            Arbitraries.integers().between(1, 5),
            Arbitraries.integers().between(1, 8),
            Arbitraries.integers().between(1, 8),
            channels,
            Arbitraries.of(true, false),
            Arbitraries.of(Activation.IDENTITY, Activation.RELU, Activation.RELU6),
            Arbitraries.integers().between(1, 3),
            Arbitraries.longs())
        .as(Case::new);
  }

  /** A kernel with its own arrays and weights, filled from the case's seed. */
  private static final class Bench implements AutoCloseable {
    final Case which;
    final Slot x;
    final Slot y;
    final @Nullable Weight gamma;
    final @Nullable Weight beta;
    final Weight mean;
    final Weight variance;
    final Kernel kernel;
    final Workers workers;

    Bench(Case which, boolean host) {
      this.which = which;
      this.x = slot(which);
      this.y = slot(which);
      // Wide enough that ReLU6 clips on both sides.
      this.gamma = which.affine() ? weight("gamma", 3, 2) : null;
      this.beta = which.affine() ? weight("beta", 2, 3) : null;
      this.mean = weight("mean", 0.5, 1);
      this.variance = weight("var", 1.5, 1);
      this.workers = new Workers(which.threads());
      RandomGenerator random = which.random("x");
      double[] offset = random.doubles(which.channels(), -2, 2).toArray();
      double[] scale = random.doubles(which.channels(), 0.2, 2).toArray();
      float[] values = new float[which.length()];
      for (int i = 0; i < values.length; i++) {
        int c = i % which.channels();
        values[i] = (float) (offset[c] + scale[c] * random.nextGaussian());
      }
      Host.write(x.value(), new Pixels.Floats(values));
      Norm norm = new Norm(which.node(), gamma, beta, mean, variance);
      this.kernel =
          host
              ? new HostBatchNorm(norm, which.function(), x, y, new HostBatchNorm.Scratch(workers))
              : new Nd4jBatchNorm(norm, which.function(), x, y);
    }

    private static Slot slot(Case which) {
      return Slot.of(
          Nd4j.createFromArray(new float[which.length()]).reshape('c', which.shape()),
          Nd4j.createFromArray(new float[which.length()]).reshape('c', which.shape()));
    }

    /** Values within {@code centre ± width / 2}. */
    private Weight weight(String name, double centre, double width) {
      RandomGenerator random = which.random(name);
      float[] values = new float[which.channels()];
      for (int c = 0; c < values.length; c++) {
        values[c] = (float) (centre + width * (random.nextDouble() - 0.5));
      }
      Parameter parameter =
          new Parameter(
              "norm/" + name,
              name.length() > 4 || name.equals("beta") ? Role.OFFSET : Role.STATISTIC,
              List.of((long) which.channels()));
      return new Weight(parameter, Nd4j.createFromArray(values));
    }

    double[] gammas() {
      if (gamma != null) {
        return Host.read(gamma.value());
      }
      double[] all = new double[which.channels()];
      Arrays.fill(all, which.node().gamma());
      return all;
    }

    void setGradient() {
      RandomGenerator random = which.random("dy");
      float[] values = new float[which.length()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      Host.write(y.gradient(), new Pixels.Floats(values));
    }

    @Override
    public void close() {
      workers.close();
    }
  }

  @Property(tries = 100)
  @Tag("slow")
  void computesWhatNd4jComputes(@ForAll("cases") Case which) {
    try (Bench host = new Bench(which, true);
        Bench nd4j = new Bench(which, false)) {
      host.setGradient();
      nd4j.setGradient();
      double[] x = Host.read(host.x.value());
      double[] dy = Host.read(host.y.gradient());
      Terms terms = new Terms(which, x, dy, host.gammas());
      for (Pass pass : List.of(Pass.inference(), Pass.training(0))) {
        host.kernel.forward(pass);
        nd4j.kernel.forward(pass);
        assertSame("y", host.y.value(), nd4j.y.value(), terms.ofY);
        assertSame("mean", host.mean.value(), nd4j.mean.value());
        assertSame("var", host.variance.value(), nd4j.variance.value());
      }
      // Where rounding decides which side of a bend a value is on, both must decide alike.
      nd4j.y.value().assign(host.y.value());
      host.kernel.backward();
      nd4j.kernel.backward();
      assertSame("dx", host.x.gradient(), nd4j.x.gradient(), terms.ofDx);
      if (host.gamma != null && host.beta != null && nd4j.gamma != null && nd4j.beta != null) {
        assertSame("dgamma", host.gamma.gradient(), nd4j.gamma.gradient(), terms.ofDx);
        assertSame("dbeta", host.beta.gradient(), nd4j.beta.gradient());
      }
      assertThat(Host.read(host.x.value())).as("x is not touched").isEqualTo(x);
      assertThat(Host.read(host.y.gradient())).as("dy may be another's too").isEqualTo(dy);
    }
  }

  private static void assertSame(String name, INDArray actual, INDArray expected) {
    assertSame(name, actual, expected, new double[] {1});
  }

  /** max|a - b| / max(1, max|b|, size), by channel. */
  private static void assertSame(String name, INDArray actual, INDArray expected, double[] sizes) {
    double[] a = Host.read(actual);
    double[] b = Host.read(expected);
    double[] largest = new double[sizes.length];
    for (int i = 0; i < b.length; i++) {
      int c = i % sizes.length;
      largest[c] = Math.max(Math.max(1, sizes[c]), Math.max(largest[c], Math.abs(b[i])));
    }
    double error = 0;
    for (int i = 0; i < a.length; i++) {
      error = Math.max(error, Math.abs(a[i] - b[i]) / largest[i % sizes.length]);
    }
    assertThat(error).as(name).isLessThan(TOLERANCE);
  }

  /**
   * What y is made of, {@code gamma r |x - m|}, and dx, {@code gamma r |dy|}, at their largest per
   * channel: in a batch of few and nearly equal values these terms cancel, and {@code r} carries
   * the rounding of the mean square, which is one of float32 products.
   */
  private static final class Terms {
    final double[] ofY;
    final double[] ofDx;

    Terms(Case which, double[] x, double[] dy, double[] gamma) {
      int channels = which.channels();
      int rows = x.length / channels;
      ofY = new double[channels];
      ofDx = new double[channels];
      for (int c = 0; c < channels; c++) {
        double mean = 0;
        for (int i = c; i < x.length; i += channels) {
          mean += x[i] / rows;
        }
        double variance = which.node().eps();
        double square = 0;
        double away = 0;
        double slope = 0;
        for (int i = c; i < x.length; i += channels) {
          variance += (x[i] - mean) * (x[i] - mean) / rows;
          square = Math.max(square, x[i] * x[i]);
          away = Math.max(away, Math.abs(x[i] - mean));
          slope = Math.max(slope, Math.abs(dy[i]));
        }
        double rounding = Math.max(1, 0x1p-22 * square / variance / TOLERANCE);
        double scale = rounding * gamma[c] / Math.sqrt(variance);
        ofY[c] = scale * away;
        ofDx[c] = scale * slope;
      }
    }
  }

  /** The cases would prove little if nothing were clipped. */
  @Example
  void theCasesClipOnBothSides() {
    Case which = new Case(4, 6, 6, 9, true, Activation.RELU6, 2, 1);
    try (Bench host = new Bench(which, true)) {
      host.kernel.forward(Pass.training(0));
      double[] y = Host.read(host.y.value());
      assertThat(y).contains(0.0).contains(6.0);
      int inside = 0;
      for (double v : y) {
        inside += v > 0 && v < 6 ? 1 : 0;
      }
      assertThat(inside).isBetween(y.length / 4, y.length * 9 / 10);
    }
  }

  @Property(tries = 20)
  void theNumberOfThreadsChangesNoBit(@ForAll("cases") Case which) {
    try (Bench one = new Bench(withThreads(which, 1), true);
        Bench three = new Bench(withThreads(which, 3), true)) {
      for (Bench bench : List.of(one, three)) {
        bench.kernel.forward(Pass.training(0));
        bench.setGradient();
        bench.kernel.backward();
      }
      assertThat(Host.read(one.y.value())).isEqualTo(Host.read(three.y.value()));
      assertThat(Host.read(one.x.gradient())).isEqualTo(Host.read(three.x.gradient()));
      assertThat(Host.read(one.variance.value())).isEqualTo(Host.read(three.variance.value()));
    }
  }

  private static Case withThreads(Case which, int threads) {
    return new Case(
        which.batch(),
        which.height(),
        which.width(),
        which.channels(),
        which.affine(),
        which.function(),
        threads,
        which.seed());
  }
}
