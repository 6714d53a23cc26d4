package org.lightnas.compress;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.lightnas.FeatureShape;

/**
 * What a part of a network computes, as one convolution with a bias: the value that convolutions,
 * batch norms, shortcuts and branches have in common. Immutable. Kernels are worked out, in double,
 * when somebody asks for them.
 *
 * <p>Composition, sums and identities are those of Ding et al., "Diverse Branch Block" (CVPR 2021),
 * for any stride, padding and dilation, and with the border taken seriously: {@link #exact()}.
 */
final class AffineConvolution {

  private final Geometry geometry;
  private final double[] bias;
  private final boolean exact;
  private final Supplier<double[]> kernel;

  private AffineConvolution(
      Geometry geometry, double[] bias, boolean exact, Supplier<double[]> kernel) {
    this.geometry = geometry;
    this.bias = bias;
    this.exact = exact;
    this.kernel = Suppliers.memoize(kernel);
  }

  /** A convolution as it is. */
  static AffineConvolution of(Geometry geometry, double[] kernel, double[] bias) {
    return new AffineConvolution(geometry, bias, true, () -> kernel);
  }

  /** {@code scale_c x + shift_c}. */
  static AffineConvolution perChannel(FeatureShape shape, double[] scale, double[] shift) {
    return of(Geometry.point(shape), scale, shift);
  }

  /** Everything times a number. */
  static AffineConvolution times(FeatureShape shape, double factor) {
    double[] scale = new double[shape.channels()];
    Arrays.fill(scale, factor);
    return perChannel(shape, scale, new double[shape.channels()]);
  }

  Geometry geometry() {
    return geometry;
  }

  /** The bias, by output channel; not to be changed. */
  double[] bias() {
    return bias;
  }

  /** The kernel in the layout of {@link Geometry}; not to be changed. */
  double[] kernel() {
    return Objects.requireNonNull(kernel.get());
  }

  /**
   * Whether this is what the parts compute at the border too, for this size of images. The zeros
   * that a convolution pads with are not what a merged one sees there: that sees the bias of the
   * convolution before, or even what that would have made of the image's first pixels.
   */
  boolean exact() {
    return exact;
  }

  /**
   * {@code next(this(x))}:
   *
   * <pre>
   * W[o,c,u] = sum over m, i, j with u = i + s1 j of W2[o,m,j] W1[m,c,i]      s = s1 s2
   * b[o] = b2[o] + sum over m, j of W2[o,m,j] b1[m]                           p = p1 + s1 p2
   * </pre>
   */
  AffineConvolution then(AffineConvolution next) {
    Geometry second = next.geometry;
    double[] w = next.kernel();
    double[] shifted = next.bias.clone();
    boolean silent = true;
    for (int tap = 0; tap < second.taps(); tap++) {
      for (int m = 0; m < second.in(); m++) {
        for (int o = second.first(m); o < second.end(m); o++) {
          double term = w[second.at(tap, m, o)] * bias[m];
          shifted[o] += term;
          silent &= term == 0;
        }
      }
    }
    Geometry.Beyond beyond = geometry.beyond(second);
    boolean agree = beyond == Geometry.Beyond.NOTHING || (beyond == Geometry.Beyond.BIAS && silent);
    Geometry both = geometry.then(second);
    return new AffineConvolution(
        both, shifted, exact && next.exact && agree, () -> composed(next, both));
  }

  private double[] composed(AffineConvolution next, Geometry both) {
    Geometry second = next.geometry;
    double[] w1 = kernel();
    double[] w2 = next.kernel();
    double[] w = new double[Math.toIntExact(both.size())];
    for (int tap1 = 0; tap1 < geometry.taps(); tap1++) {
      for (int tap2 = 0; tap2 < second.taps(); tap2++) {
        int tap = geometry.tap(tap1, second, tap2, both);
        for (int c = 0; c < geometry.in(); c++) {
          for (int m = geometry.first(c); m < geometry.end(c); m++) {
            double factor = w1[geometry.at(tap1, c, m)];
            if (factor != 0) {
              int o = second.first(m);
              add(w, both.at(tap, c, o), factor, w2, second.at(tap2, m, o), second.end(m) - o);
            }
          }
        }
      }
    }
    return w;
  }

  private static void add(double[] to, int at, double factor, double[] from, int start, int count) {
    for (int i = 0; i < count; i++) {
      to[at + i] += factor * from[start + i];
    }
  }

  /** {@code this(x) + other(x)}; none if they move over the image differently. */
  Optional<AffineConvolution> plus(AffineConvolution other) {
    return geometry.plus(other.geometry).map(both -> plus(other, both));
  }

  private AffineConvolution plus(AffineConvolution other, Geometry both) {
    double[] sum = bias.clone();
    Arrays.setAll(sum, o -> bias[o] + other.bias[o]);
    return new AffineConvolution(
        both,
        sum,
        exact && other.exact,
        () -> {
          double[] w = placed(both);
          double[] more = other.placed(both);
          Arrays.setAll(w, i -> w[i] + more[i]);
          return w;
        });
  }

  /** The same as DL4J can say it: {@link Geometry#written()}. */
  AffineConvolution written() {
    Geometry written = geometry.written();
    return new AffineConvolution(written, bias, exact, () -> placed(written));
  }

  /** The kernel in a geometry that has its taps among others, dense or as it is. */
  private double[] placed(Geometry larger) {
    double[] from = kernel();
    double[] to = new double[Math.toIntExact(larger.size())];
    for (int tap = 0; tap < geometry.taps(); tap++) {
      int place = geometry.tap(tap, larger);
      for (int c = 0; c < geometry.in(); c++) {
        for (int o = geometry.first(c); o < geometry.end(c); o++) {
          to[larger.at(place, c, o)] = from[geometry.at(tap, c, o)];
        }
      }
    }
    return to;
  }
}
