package org.lightnas.compress;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.graph.Window;

/**
 * Runs a network in double, every node from its definition; maps are {@code [C, H, W]}. Beside each
 * value it keeps what the value would be if no term of its sums cancelled another: by that, errors
 * of rounding are judged.
 */
final class DoubleNetwork {

  private final TrainedGraph network;
  private final Map<String, double[]> values = new HashMap<>();
  private final Map<String, double[]> sizes = new HashMap<>();

  private DoubleNetwork(TrainedGraph network) {
    this.network = network;
  }

  /** The answer and, for each of its values, the sum of the absolute values of all terms. */
  record Answer(double[] values, double[] sizes) {

    /** The largest difference from another answer, in units of what rounding is judged by. */
    double error(Answer other) {
      double worst = 0;
      for (int i = 0; i < values.length; i++) {
        double size = Math.max(sizes[i], Double.MIN_NORMAL);
        worst = Math.max(worst, Math.abs(values[i] - other.values[i]) / size);
      }
      return worst;
    }
  }

  static Answer run(TrainedGraph network, double[] image) {
    DoubleNetwork run = new DoubleNetwork(network);
    for (Node node : network.graph().nodes()) {
      if (node instanceof Node.Input) {
        run.values.put(node.name(), image);
        run.sizes.put(node.name(), absolute(image));
      } else {
        run.node(node);
      }
    }
    String output = network.graph().outputName();
    return new Answer(run.values.get(output), run.sizes.get(output));
  }

  private static double[] absolute(double[] from) {
    return Arrays.stream(from).map(Math::abs).toArray();
  }

  private void node(Node node) {
    double[] y = new double[(int) node.output().size()];
    double[] size = new double[y.length];
    if (node instanceof Node.Convolution convolution) {
      bias(node, convolution.hasBias(), y, size);
      convolve(convolution, y, size);
    } else if (node instanceof Node.Dense dense) {
      bias(node, dense.hasBias(), y, size);
      double[] w = network.value(node.name() + "/W");
      for (int i = 0; i < dense.in(); i++) {
        for (int o = 0; o < y.length; o++) {
          add(node, i, w[i * y.length + o], y, size, o);
        }
      }
    } else if (node instanceof Node.BatchNorm norm) {
      BatchNormFolding.Line line = line(norm);
      int area = y.length / norm.output().channels();
      for (int i = 0; i < y.length; i++) {
        y[i] = line.shift()[i / area];
        size[i] = Math.abs(y[i]);
        add(node, i, line.scale()[i / area], y, size, i);
      }
    } else if (node instanceof Node.Pool pool) {
      average(pool, y, size);
    } else if (node instanceof Node.Add) {
      for (String input : node.inputs()) {
        Arrays.setAll(y, i -> y[i] + values.get(input)[i]);
        Arrays.setAll(size, i -> size[i] + sizes.get(input)[i]);
      }
    } else if (node instanceof Node.Scale scale) {
      for (int i = 0; i < y.length; i++) {
        add(node, i, scale.factor(), y, size, i);
      }
    } else if (node instanceof Node.Activate activate) {
      double[] x = values.get(node.inputs().get(0));
      Arrays.setAll(y, i -> function(activate, x[i]));
      Arrays.setAll(size, i -> sizes.get(node.inputs().get(0))[i]);
    } else {
      throw new IllegalArgumentException("not here: " + node);
    }
    values.put(node.name(), y);
    sizes.put(node.name(), size);
  }

  private static double function(Node.Activate activate, double x) {
    return switch (activate.function()) {
      case IDENTITY -> x;
      case RELU6 -> Math.min(6, Math.max(0, x));
      case LEAKYRELU -> x < 0 ? 0.01 * x : x;
      default -> throw new IllegalArgumentException("not here: " + activate);
    };
  }

  /** Written a second time on purpose: {@code gamma (x - mean) / sqrt(var + eps) + beta}. */
  private BatchNormFolding.Line line(Node.BatchNorm norm) {
    int channels = norm.output().channels();
    double[] scale = new double[channels];
    double[] shift = new double[channels];
    for (int c = 0; c < channels; c++) {
      double gamma = norm.affine() ? network.value(norm.name() + "/gamma")[c] : norm.gamma();
      double beta = norm.affine() ? network.value(norm.name() + "/beta")[c] : norm.beta();
      scale[c] = gamma / Math.sqrt(network.value(norm.name() + "/var")[c] + norm.eps());
      shift[c] = beta - scale[c] * network.value(norm.name() + "/mean")[c];
    }
    return new BatchNormFolding.Line(scale, shift);
  }

  private void bias(Node node, boolean has, double[] y, double[] size) {
    if (has) {
      double[] b = network.value(node.name() + "/b");
      int area = y.length / b.length;
      Arrays.setAll(y, i -> b[i / area]);
      Arrays.setAll(size, i -> Math.abs(b[i / area]));
    }
  }

  private void add(Node node, int from, double weight, double[] y, double[] size, int to) {
    String input = node.inputs().get(0);
    y[to] += weight * values.get(input)[from];
    size[to] += Math.abs(weight) * sizes.get(input)[from];
  }

  private void convolve(Node.Convolution node, double[] y, double[] size) {
    double[] w = network.value(node.name() + "/W");
    int in = node.in().channels();
    int out = node.output().channels();
    windows(
        node.window(),
        node.in().height(),
        node.in().width(),
        node.output().height(),
        node.output().width(),
        (x, tap, to) -> {
          int from = node.in().height() * node.in().width();
          int area = node.output().height() * node.output().width();
          for (int o = 0; o < out; o++) {
            if (node.depthwise()) {
              int c = o / node.multiplier();
              add(node, c * from + x, w[tap * out + o], y, size, o * area + to);
            } else {
              for (int c = 0; c < in; c++) {
                add(node, c * from + x, w[(tap * in + c) * out + o], y, size, o * area + to);
              }
            }
          }
        });
  }

  private void average(Node.Pool node, double[] y, double[] size) {
    int area = node.output().height() * node.output().width();
    int from = node.in().height() * node.in().width();
    int taps = node.window().kernelH() * node.window().kernelW();
    int[] met = new int[area];
    Meeting count = (x, tap, to) -> met[to]++;
    windows(node, count);
    windows(
        node,
        (x, tap, to) -> {
          for (int c = 0; c < node.output().channels(); c++) {
            double share = 1.0 / (node.countPadding() ? taps : met[to]);
            add(node, c * from + x, share, y, size, c * area + to);
          }
        });
  }

  private static void windows(Node.Pool node, Meeting meeting) {
    windows(
        node.window(),
        node.in().height(),
        node.in().width(),
        node.output().height(),
        node.output().width(),
        meeting);
  }

  /** A pixel of the input under a tap of a window at a pixel of the output. */
  private interface Meeting {
    void of(int x, int tap, int y);
  }

  private static void windows(
      Window w, int height, int width, int outHeight, int outWidth, Meeting meeting) {
    for (int oy = 0; oy < outHeight; oy++) {
      for (int ox = 0; ox < outWidth; ox++) {
        for (int ky = 0; ky < w.kernelH(); ky++) {
          for (int kx = 0; kx < w.kernelW(); kx++) {
            int iy = oy * w.strideH() - w.top() + ky * w.dilationH();
            int ix = ox * w.strideW() - w.left() + kx * w.dilationW();
            if (iy >= 0 && iy < height && ix >= 0 && ix < width) {
              meeting.of(iy * width + ix, ky * w.kernelW() + kx, oy * outWidth + ox);
            }
          }
        }
      }
    }
  }
}
