package org.lightnas.engine;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Pixels;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;

/**
 * Every operation of the port in plain Java over doubles, written from its definition and for
 * clarity alone: what other kernels are held against. Areas are of float64.
 */
final class ReferenceKernels implements Kernels {

  private final boolean images;

  /**
   * Kernels that may stand beside others.
   *
   * @param images whether those differentiate by the images
   */
  ReferenceKernels(boolean images) {
    this.images = images;
  }

  /** One product {@code x w} of the sum that is {@code y}; all by index. */
  @FunctionalInterface
  private interface Term {
    void of(int x, int w, int y);
  }

  /** A pixel of the input under a window's pixel of the output, both without the channel. */
  @FunctionalInterface
  private interface Meeting {
    void of(int x, int tap, int y);
  }

  /** All terms of a bilinear map. */
  @FunctionalInterface
  private interface Terms {
    void forEach(Term term);
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public long kept(Node node, Activation function, int batch) {
    return node instanceof Node.Dropout ? batch * node.output().size() : 0;
  }

  @Override
  public boolean differentiatesImages() {
    return images;
  }

  @Override
  public void images(Pixels nhwc, Area to) {
    Host.write(to.array(), nhwc);
  }

  @Override
  public Kernel convolution(
      Node.Convolution node, Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    int in = (int) x.map().size(3);
    int out = (int) y.map().size(3);
    int multiplier = node.multiplier();
    return bilinear(
        x,
        y,
        kernel,
        bias,
        term ->
            windows(
                node.window(),
                x.map(),
                y.map(),
                (from, tap, to) -> {
                  for (int o = 0; o < out; o++) {
                    if (node.depthwise()) {
                      term.of(from * in + o / multiplier, tap * out + o, to * out + o);
                    } else {
                      for (int i = 0; i < in; i++) {
                        term.of(from * in + i, (tap * in + i) * out + o, to * out + o);
                      }
                    }
                  }
                }));
  }

  @Override
  public Kernel dense(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    int in = (int) x.map().size(3);
    int out = (int) y.map().size(3);
    return bilinear(
        x,
        y,
        kernel,
        bias,
        term -> {
          for (int n = 0; n < x.map().size(0); n++) {
            for (int i = 0; i < in; i++) {
              for (int o = 0; o < out; o++) {
                term.of(n * in + i, i * out + o, n * out + o);
              }
            }
          }
        });
  }

  /** Every pair of pixels that a window brings together; the padding is left out. */
  private static void windows(Window w, Area x, Area y, Meeting meeting) {
    int height = (int) x.size(1);
    int width = (int) x.size(2);
    int to = 0;
    for (int n = 0; n < y.size(0); n++) {
      for (int oy = 0; oy < y.size(1); oy++) {
        for (int ox = 0; ox < y.size(2); ox++, to++) {
          for (int ky = 0; ky < w.kernelH(); ky++) {
            for (int kx = 0; kx < w.kernelW(); kx++) {
              int iy = oy * w.strideH() - w.top() + ky * w.dilationH();
              int ix = ox * w.strideW() - w.left() + kx * w.dilationW();
              if (iy >= 0 && iy < height && ix >= 0 && ix < width) {
                meeting.of((n * height + iy) * width + ix, ky * w.kernelW() + kx, to);
              }
            }
          }
        }
      }
    }
  }

  private static Kernel bilinear(
      Slot x, Slot y, Weight kernel, @Nullable Weight bias, Terms terms) {
    int channels = (int) y.map().size(3);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] from = read(x.map());
        double[] w = Host.read(kernel.value());
        double[] to = new double[(int) y.map().length()];
        terms.forEach((i, k, o) -> to[o] += from[i] * w[k]);
        if (bias != null) {
          double[] b = Host.read(bias.value());
          for (int o = 0; o < to.length; o++) {
            to[o] += b[o % channels];
          }
        }
        write(y.map(), to);
      }

      @Override
      public void backward() {
        double[] from = read(x.map());
        double[] w = Host.read(kernel.value());
        double[] dy = read(y.slope());
        double[] dx = new double[from.length];
        double[] dw = new double[w.length];
        terms.forEach(
            (i, k, o) -> {
              dx[i] += dy[o] * w[k];
              dw[k] += dy[o] * from[i];
            });
        Host.write(kernel.gradient(), dw);
        if (bias != null) {
          double[] db = new double[channels];
          for (int o = 0; o < dy.length; o++) {
            db[o % channels] += dy[o];
          }
          Host.write(bias.gradient(), db);
        }
        if (x.differentiated()) {
          write(x.slope(), dx);
        }
      }
    };
  }

  @Override
  public Kernel batchNorm(Norm norm, Activation function, Slot x, Slot y, Area kept) {
    Node.BatchNorm node = norm.node();
    Weight gamma = norm.gamma();
    Weight beta = norm.beta();
    Weight mean = norm.mean();
    Weight variance = norm.variance();
    int channels = (int) x.map().size(3);
    int rows = (int) (x.map().length() / channels);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] from = read(x.map());
        double[] m = Host.read(mean.value());
        double[] v = Host.read(variance.value());
        if (pass.training()) {
          double share = pass.kept(node.decay());
          double[] batchMean = means(from);
          double[] batchVariance = variances(from, batchMean);
          Host.write(mean.value(), mix(share, m, batchMean));
          Host.write(variance.value(), mix(share, v, batchVariance));
          m = batchMean;
          v = batchVariance;
        }
        double[] g = factors(gamma, node.gamma());
        double[] b = factors(beta, node.beta());
        double[] to = new double[from.length];
        for (int i = 0; i < from.length; i++) {
          int c = i % channels;
          double normal = (from[i] - m[c]) / Math.sqrt(v[c] + node.eps());
          to[i] = definition(function).applyAsDouble(g[c] * normal + b[c]);
        }
        write(y.map(), to);
      }

      @Override
      public void backward() {
        double[] from = read(x.map());
        double[] to = read(y.map());
        double[] d = read(y.slope());
        double[] m = means(from);
        double[] v = variances(from, m);
        double[] g = factors(gamma, node.gamma());
        double[] normal = new double[from.length];
        double[] dgamma = new double[channels];
        double[] dbeta = new double[channels];
        for (int i = 0; i < from.length; i++) {
          int c = i % channels;
          boolean below = function != Activation.IDENTITY && to[i] <= 0;
          boolean above = function == Activation.RELU6 && to[i] >= 6;
          d[i] = below || above ? 0 : d[i];
          normal[i] = (from[i] - m[c]) / Math.sqrt(v[c] + node.eps());
          dgamma[c] += d[i] * normal[i];
          dbeta[c] += d[i];
        }
        double[] dx = new double[from.length];
        for (int i = 0; i < from.length; i++) {
          int c = i % channels;
          dx[i] =
              (g[c] / Math.sqrt(v[c] + node.eps()))
                  * (d[i] - dbeta[c] / rows - normal[i] * dgamma[c] / rows);
        }
        if (gamma != null && beta != null) {
          Host.write(gamma.gradient(), dgamma);
          Host.write(beta.gradient(), dbeta);
        }
        if (x.differentiated()) {
          write(x.slope(), dx);
        }
      }

      private double[] means(double[] values) {
        double[] means = new double[channels];
        for (int i = 0; i < values.length; i++) {
          means[i % channels] += values[i] / rows;
        }
        return means;
      }

      private double[] variances(double[] values, double[] means) {
        double[] variances = new double[channels];
        for (int i = 0; i < values.length; i++) {
          double away = values[i] - means[i % channels];
          variances[i % channels] += away * away / rows;
        }
        return variances;
      }

      private double[] mix(double share, double[] old, double[] young) {
        double[] mixed = new double[channels];
        for (int c = 0; c < channels; c++) {
          mixed[c] = share * old[c] + (1 - share) * young[c];
        }
        return mixed;
      }

      private double[] factors(@Nullable Weight weight, double fixed) {
        double[] all = new double[channels];
        Arrays.fill(all, fixed);
        return weight == null ? all : Host.read(weight.value());
      }
    };
  }

  /** The functions of single values with DL4J's default settings. */
  static DoubleUnaryOperator definition(Activation function) {
    return switch (function) {
      case IDENTITY -> x -> x;
      case CUBE -> x -> x * x * x;
      case RELU -> x -> Math.max(x, 0);
      case RELU6 -> x -> Math.min(Math.max(x, 0), 6);
      case LEAKYRELU -> x -> x > 0 ? x : 0.01 * x;
      case THRESHOLDEDRELU -> x -> x > 1 ? x : 0;
      case HARDTANH -> x -> Math.min(Math.max(x, -1), 1);
      case HARDSIGMOID -> x -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
      case ELU -> x -> x > 0 ? x : Math.expm1(x);
      case SELU -> x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x));
      case SIGMOID -> ReferenceKernels::sigmoid;
      case SOFTPLUS -> x -> Math.log1p(Math.exp(x));
      case SOFTSIGN -> x -> x / (1 + Math.abs(x));
      case TANH -> Math::tanh;
      case RECTIFIEDTANH -> x -> Math.max(Math.tanh(x), 0);
      case RATIONALTANH ->
          x -> {
            double u = Math.abs(2 * x / 3);
            double tanh = 1 - 1 / (1 + u + u * u + 1.41645 * u * u * u * u);
            return 1.7159 * Math.signum(x) * tanh;
          };
      case SWISH -> x -> x * sigmoid(x);
      case GELU -> x -> x * sigmoid(1.702 * x);
      case MISH -> x -> x * Math.tanh(Math.log1p(Math.exp(x)));
      default -> throw new IllegalArgumentException(function + " is no function of one value");
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** The derivative by differences: x must not lie at a bend. */
  @Override
  public Kernel activation(Activation function, Slot x, Slot y) {
    DoubleUnaryOperator f = definition(function);
    double h = 1e-5;
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        write(y.map(), Arrays.stream(read(x.map())).map(f).toArray());
      }

      @Override
      public void backward() {
        double[] from = read(x.map());
        double[] d = read(y.slope());
        for (int i = 0; i < d.length; i++) {
          d[i] *= (f.applyAsDouble(from[i] + h) - f.applyAsDouble(from[i] - h)) / (2 * h);
        }
        write(x.slope(), d);
      }
    };
  }

  @Override
  public Kernel add(List<Slot> xs, Slot y) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] sum = new double[(int) y.map().length()];
        for (Slot x : xs) {
          double[] summand = read(x.map());
          for (int i = 0; i < sum.length; i++) {
            sum[i] += summand[i];
          }
        }
        write(y.map(), sum);
      }

      @Override
      public void backward() {}
    };
  }

  @Override
  public Kernel multiply(List<Slot> xs, Slot y) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] ones = new double[(int) y.map().length()];
        Arrays.fill(ones, 1);
        write(y.map(), productWithout(-1, ones));
      }

      @Override
      public void backward() {
        for (int k = 0; k < xs.size(); k++) {
          if (xs.get(k).differentiated()) {
            write(xs.get(k).slope(), productWithout(k, read(y.slope())));
          }
        }
      }

      private double[] productWithout(int omitted, double[] product) {
        for (int k = 0; k < xs.size(); k++) {
          double[] factor = read(xs.get(k).map());
          for (int i = 0; k != omitted && i < product.length; i++) {
            product[i] *= factor[i];
          }
        }
        return product;
      }
    };
  }

  @Override
  public Kernel scale(double factor, Slot x, Slot y) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        write(y.map(), times(read(x.map())));
      }

      @Override
      public void backward() {
        write(x.slope(), times(read(y.slope())));
      }

      private double[] times(double[] values) {
        return Arrays.stream(values).map(v -> factor * v).toArray();
      }
    };
  }

  @Override
  public Kernel concat(List<Slot> xs, Slot y) {
    int channels = (int) y.map().size(3);
    int pixels = (int) (y.map().length() / channels);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] all = new double[pixels * channels];
        int first = 0;
        for (Slot x : xs) {
          int own = (int) x.map().size(3);
          double[] values = read(x.map());
          for (int i = 0; i < values.length; i++) {
            all[i / own * channels + first + i % own] = values[i];
          }
          first += own;
        }
        write(y.map(), all);
      }

      @Override
      public void backward() {
        double[] all = read(y.slope());
        int first = 0;
        for (Slot x : xs) {
          int own = (int) x.map().size(3);
          double[] values = new double[pixels * own];
          for (int i = 0; i < values.length; i++) {
            values[i] = all[i / own * channels + first + i % own];
          }
          if (x.differentiated()) {
            write(x.slope(), values);
          }
          first += own;
        }
      }
    };
  }

  @Override
  public Kernel subset(int from, Slot x, Slot y) {
    int all = (int) x.map().size(3);
    int some = (int) y.map().size(3);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] values = read(x.map());
        double[] subset = new double[(int) y.map().length()];
        for (int i = 0; i < subset.length; i++) {
          subset[i] = values[i / some * all + from + i % some];
        }
        write(y.map(), subset);
      }

      @Override
      public void backward() {
        double[] d = read(y.slope());
        double[] dx = new double[(int) x.map().length()];
        for (int i = 0; i < d.length; i++) {
          dx[i / some * all + from + i % some] = d[i];
        }
        write(x.slope(), dx);
      }
    };
  }

  @Override
  public Kernel pool(Node.Pool node, Slot x, Slot y, Area kept) {
    Window w = node.window();
    return node.max()
        ? largest(x, y, meeting -> windows(w, x.map(), y.map(), meeting))
        : average(
            x,
            y,
            node.countPadding() ? w.kernelH() * w.kernelW() : 0,
            meeting -> windows(w, x.map(), y.map(), meeting));
  }

  @Override
  public Kernel folded(
      Node.Convolution node, Activation function, Slot x, Slot y, FoldedWeights weights) {
    Weight kernel = new Weight(node.parameters().get(0), weights.kernel());
    Weight bias = new Weight(node.parameters().get(0), weights.bias());
    Kernel convolution = convolution(node, x, y, kernel, bias);
    Kernel applied = activation(function, y, y);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        weights.renew();
        convolution.forward(pass);
        applied.forward(pass);
      }

      @Override
      public void backward() {}
    };
  }

  @Override
  public Kernel shuffle(int groups, Slot x, Slot y) {
    int channels = (int) x.map().size(3);
    int size = channels / groups;
    return moved(
        x,
        y,
        // Channel group * size + member becomes member * groups + group.
        i -> i - i % channels + i % channels % size * groups + i % channels / size);
  }

  /** Element i of x becomes element {@code target(i)} of y. */
  private static Kernel moved(Slot x, Slot y, IntUnaryOperator target) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] from = read(x.map());
        double[] to = new double[from.length];
        for (int i = 0; i < from.length; i++) {
          to[target.applyAsInt(i)] = from[i];
        }
        write(y.map(), to);
      }

      @Override
      public void backward() {
        double[] d = read(y.slope());
        double[] dx = new double[d.length];
        for (int i = 0; i < d.length; i++) {
          dx[i] = d[target.applyAsInt(i)];
        }
        write(x.slope(), dx);
      }
    };
  }

  @Override
  public Kernel globalPool(boolean max, Slot x, Slot y, Area kept) {
    int pixels = (int) (x.map().size(1) * x.map().size(2));
    Meetings whole =
        meeting -> {
          for (int from = 0; from < x.map().size(0) * pixels; from++) {
            meeting.of(from, 0, from / pixels);
          }
        };
    return max ? largest(x, y, whole) : average(x, y, pixels, whole);
  }

  /** All pixels that meet in a pool. */
  @FunctionalInterface
  private interface Meetings {
    void forEach(Meeting meeting);
  }

  private static Kernel largest(Slot x, Slot y, Meetings meetings) {
    int channels = (int) x.map().size(3);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] from = read(x.map());
        write(y.map(), Arrays.stream(chosen(from)).mapToDouble(i -> from[i]).toArray());
      }

      @Override
      public void backward() {
        double[] d = read(y.slope());
        double[] dx = new double[(int) x.map().length()];
        int[] chosen = chosen(read(x.map()));
        for (int i = 0; i < d.length; i++) {
          dx[chosen[i]] += d[i];
        }
        write(x.slope(), dx);
      }

      private int[] chosen(double[] from) {
        int[] best = new int[(int) y.map().length()];
        Arrays.fill(best, -1);
        meetings.forEach(
            (i, tap, o) -> {
              for (int c = 0; c < channels; c++) {
                int at = i * channels + c;
                int to = o * channels + c;
                if (best[to] < 0 || from[at] > from[best[to]]) {
                  best[to] = at;
                }
              }
            });
        return best;
      }
    };
  }

  /** {@code divisor} 0: the number of pixels that met. */
  private static Kernel average(Slot x, Slot y, int divisor, Meetings meetings) {
    int channels = (int) x.map().size(3);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        double[] from = read(x.map());
        int[] divisors = divisors();
        double[] to = new double[(int) y.map().length()];
        meetings.forEach(
            (i, tap, o) -> {
              for (int c = 0; c < channels; c++) {
                to[o * channels + c] += from[i * channels + c] / divisors[o];
              }
            });
        write(y.map(), to);
      }

      @Override
      public void backward() {
        double[] d = read(y.slope());
        int[] divisors = divisors();
        double[] dx = new double[(int) x.map().length()];
        meetings.forEach(
            (i, tap, o) -> {
              for (int c = 0; c < channels; c++) {
                dx[i * channels + c] += d[o * channels + c] / divisors[o];
              }
            });
        write(x.slope(), dx);
      }

      private int[] divisors() {
        int[] divisors = new int[(int) (y.map().length() / channels)];
        meetings.forEach((i, tap, o) -> divisors[o]++);
        if (divisor > 0) {
          Arrays.fill(divisors, divisor);
        }
        return divisors;
      }
    };
  }

  @Override
  public Kernel flatten(Slot x, Slot y) {
    int pixels = (int) (x.map().size(1) * x.map().size(2));
    int channels = (int) x.map().size(3);
    return moved(
        x,
        y,
        i -> {
          int image = i / (pixels * channels);
          int pixel = i / channels % pixels;
          return (image * channels + i % channels) * pixels + pixel;
        });
  }

  @Override
  public Kernel dropout(double keep, String name, Slot x, Slot y, Area kept) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        RandomGenerator random = Seeds.random(pass.seed(), name, 0);
        double[] mask = new double[(int) x.map().length()];
        for (int i = 0; i < mask.length; i++) {
          mask[i] = !pass.training() ? 1 : random.nextDouble() < keep ? 1 / keep : 0;
        }
        write(kept, mask);
        write(y.map(), product(mask, x.map()));
      }

      @Override
      public void backward() {
        write(x.slope(), product(read(kept), y.slope()));
      }

      private double[] product(double[] mask, Area values) {
        double[] product = read(values);
        for (int i = 0; i < product.length; i++) {
          product[i] *= mask[i];
        }
        return product;
      }
    };
  }

  @Override
  public Kernel opaque(Node.Opaque node, Slot x, Slot y, @Nullable Weight parameters) {
    return new OpaqueKernel(node, x, y, parameters);
  }

  @Override
  public Runnable accumulate(Area target, Area other, boolean copy) {
    return () -> {
      double[] sum = read(other);
      double[] before = read(target);
      for (int i = 0; !copy && i < sum.length; i++) {
        sum[i] += before[i];
      }
      write(target, sum);
    };
  }

  @Override
  public void close() {}

  private static double[] read(Area area) {
    return Host.read(area.array());
  }

  private static void write(Area area, double[] values) {
    Host.write(area.array(), values);
  }
}
