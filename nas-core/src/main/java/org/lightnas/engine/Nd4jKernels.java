package org.lightnas.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Pixels;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Kernels made of ND4J operations: they run on every backend. Batch norm and ReLU alone run in
 * plain Java where the memory is the host's (see {@link HostBatchNorm}). Operations are bound to
 * their arrays once, views included, so that a step allocates no native memory.
 */
final class Nd4jKernels implements Kernels {

  private static final int NHWC = 1;

  private final Workers workers = new Workers(Runtime.getRuntime().availableProcessors());
  private final HostBatchNorm.Scratch scratch = new HostBatchNorm.Scratch(workers);

  @Override
  public String name() {
    return "nd4j " + Nd4j.getBackend().getClass().getSimpleName();
  }

  @Override
  public long kept(Node node, Activation function, int batch) {
    return node instanceof Node.Dropout ? batch * node.output().size() : 0;
  }

  @Override
  public boolean differentiatesImages() {
    return true;
  }

  @Override
  public void images(Pixels nhwc, Area to) {
    Host.write(to.array(), nhwc);
  }

  @Override
  public Kernel convolution(
      Node.Convolution node, Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    Window window = node.window();
    if (!SpreadKernel.needed(window)) {
      return convolution(node, window, x, y, kernel.value(), kernel.gradient(), bias);
    }
    SpreadKernel spread = SpreadKernel.of(kernel, window);
    Window plain = SpreadKernel.plain(window);
    return spread.around(convolution(node, plain, x, y, spread.value(), spread.gradient(), bias));
  }

  private static Kernel convolution(
      Node.Convolution node,
      Window window,
      Slot x,
      Slot y,
      INDArray kernel,
      INDArray gradient,
      @Nullable Weight bias) {
    List<INDArray> back = new ArrayList<>(List.of(x.value(), kernel));
    List<INDArray> gradients = new ArrayList<>(List.of(x.gradient(), gradient));
    if (bias != null) {
      back.add(bias.value());
      gradients.add(bias.gradient());
    }
    back.add(y.gradient());
    return Nd4jCall.kernel(
        List.of(ahead(node, window, x, y, kernel, bias == null ? null : bias.value())),
        List.of(Nd4jCall.of(operation(node) + "_bp", settings(window, NHWC), back, gradients)));
  }

  private static String operation(Node.Convolution node) {
    return node.depthwise() ? "depthwise_conv2d" : "conv2d";
  }

  private static Nd4jCall ahead(
      Node.Convolution node,
      Window window,
      Slot x,
      Slot y,
      INDArray kernel,
      @Nullable INDArray bias) {
    List<INDArray> inputs =
        bias == null ? List.of(x.value(), kernel) : List.of(x.value(), kernel, bias);
    return Nd4jCall.of(operation(node), settings(window, NHWC), inputs, List.of(y.value()));
  }

  @Override
  public Kernel folded(
      Node.Convolution node, Activation function, Slot x, Slot y, FoldedWeights weights) {
    Kernel convolution = folded(node, x, y, weights);
    IActivation applied = function.getActivationFunction();
    return Kernel.of(
        pass -> {
          weights.renew();
          convolution.forward(pass);
          if (function != Activation.IDENTITY) {
            applied.getActivation(y.value(), false);
          }
        },
        () -> {});
  }

  private static Kernel folded(Node.Convolution node, Slot x, Slot y, FoldedWeights weights) {
    Window window = node.window();
    INDArray bias = weights.bias();
    if (!SpreadKernel.needed(window)) {
      return Nd4jCall.kernel(List.of(ahead(node, window, x, y, weights.kernel(), bias)), List.of());
    }
    SpreadKernel spread = SpreadKernel.of(weights, window);
    Nd4jCall plain = ahead(node, SpreadKernel.plain(window), x, y, spread.value(), bias);
    return spread.around(Nd4jCall.kernel(List.of(plain), List.of()));
  }

  @Override
  public Kernel dense(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    List<Nd4jCall> ahead = new ArrayList<>();
    List<Nd4jCall> back = new ArrayList<>();
    ahead.add(Nd4jCall.product(x.rows(), false, kernel.value(), false, y.rows()));
    back.add(Nd4jCall.product(x.rows(), true, y.gradientRows(), false, kernel.gradient()));
    back.add(Nd4jCall.product(y.gradientRows(), false, kernel.value(), true, x.gradientRows()));
    if (bias != null) {
      ahead.add(
          Nd4jCall.of("biasadd", new int[0], List.of(y.rows(), bias.value()), List.of(y.rows())));
      back.add(
          Nd4jCall.of(
              "reduce_sum", new int[] {0}, List.of(y.gradientRows()), List.of(bias.gradient())));
    }
    return Nd4jCall.kernel(ahead, back);
  }

  @Override
  public Kernel batchNorm(Norm norm, Activation function, Slot x, Slot y, Area kept) {
    return Host.visible(x.value())
        ? new HostBatchNorm(norm, function, x, y, scratch)
        : new Nd4jBatchNorm(norm, function, x, y);
  }

  @Override
  public Kernel activation(Activation function, Slot x, Slot y) {
    boolean rectifier = function == Activation.RELU || function == Activation.RELU6;
    if (rectifier && Host.visible(x.value())) {
      return new HostRelu(function, x, y, scratch);
    }
    IActivation applied = function.getActivationFunction();
    return Kernel.of(
        pass -> {
          y.value().assign(x.value());
          applied.getActivation(y.value(), pass.training());
        },
        () -> {
          // DL4J's functions put the derivative where they find the value.
          INDArray dx = x.gradient().assign(x.value());
          INDArray result = applied.backprop(dx, y.gradient()).getFirst();
          if (result != dx) {
            dx.assign(result);
          }
        });
  }

  @Override
  public Kernel add(List<Slot> xs, Slot y) {
    return Nd4jCall.kernel(
        Nd4jCall.chain("add", xs.stream().map(Slot::value).toList(), y.value()), List.of());
  }

  @Override
  public Kernel multiply(List<Slot> xs, Slot y) {
    List<Nd4jCall> back = new ArrayList<>();
    for (int k = 0; k < xs.size(); k++) {
      List<INDArray> factors = new ArrayList<>(xs.stream().map(Slot::value).toList());
      factors.set(k, y.gradient());
      back.addAll(Nd4jCall.chain("multiply", factors, xs.get(k).gradient()));
    }
    return Nd4jCall.kernel(
        Nd4jCall.chain("multiply", xs.stream().map(Slot::value).toList(), y.value()), back);
  }

  @Override
  public Kernel scale(double factor, Slot x, Slot y) {
    Op ahead = new ScalarMultiplication(x.value(), null, y.value(), factor);
    Op back = new ScalarMultiplication(y.gradient(), null, x.gradient(), factor);
    return Kernel.of(() -> Nd4j.exec(ahead), () -> Nd4j.exec(back));
  }

  @Override
  public Kernel concat(List<Slot> xs, Slot y) {
    Nd4jCall join =
        Nd4jCall.of(
            "concat", new int[] {3}, xs.stream().map(Slot::value).toList(), List.of(y.value()));
    List<INDArray> parts = new ArrayList<>();
    long from = 0;
    for (Slot x : xs) {
      parts.add(channels(y.gradient(), from, x.map().size(3)));
      from += x.map().size(3);
    }
    return Kernel.of(
        join::run,
        () -> {
          for (int k = 0; k < parts.size(); k++) {
            xs.get(k).gradient().assign(parts.get(k));
          }
        });
  }

  @Override
  public Kernel subset(int from, Slot x, Slot y) {
    INDArray part = channels(x.value(), from, y.map().size(3));
    INDArray partOfGradient = channels(x.gradient(), from, y.map().size(3));
    Op clear = new ScalarSet(x.gradient(), null, x.gradient(), 0);
    return Kernel.of(
        () -> y.value().assign(part),
        () -> {
          Nd4j.exec(clear);
          partOfGradient.assign(y.gradient());
        });
  }

  @Override
  public Kernel shuffle(int groups, Slot x, Slot y) {
    return Kernel.of(
        () -> split(y.value(), -1, groups).assign(split(x.value(), groups, -1).permute(0, 2, 1)),
        () ->
            split(x.gradient(), groups, -1)
                .assign(split(y.gradient(), -1, groups).permute(0, 2, 1)));
  }

  /** As [N H W, rows, columns], one of these two to be found. */
  private static INDArray split(INDArray map, long rows, long columns) {
    return map.reshape('c', map.length() / map.size(3), rows, columns);
  }

  private static INDArray channels(INDArray map, long from, long count) {
    INDArrayIndex all = NDArrayIndex.all();
    return map.get(all, all, all, NDArrayIndex.interval(from, from + count));
  }

  @Override
  public Kernel pool(Node.Pool node, Slot x, Slot y, Area kept) {
    String op = node.max() ? "maxpool2d" : "avgpool2d";
    int divisor = !node.max() && node.countPadding() ? 1 : 0;
    int[] settings = settings(node.window(), divisor, NHWC);
    return Nd4jCall.kernel(
        List.of(Nd4jCall.of(op, settings, List.of(x.value()), List.of(y.value()))),
        List.of(
            Nd4jCall.of(
                op + "_bp", settings, List.of(x.value(), y.gradient()), List.of(x.gradient()))));
  }

  @Override
  public Kernel globalPool(boolean max, Slot x, Slot y, Area kept) {
    String op = max ? "reduce_max" : "reduce_mean";
    int[] pixels = {1, 2};
    Nd4jCall ahead = Nd4jCall.of(op, pixels, List.of(x.value()), List.of(y.value()));
    Nd4jCall back =
        Nd4jCall.of(op + "_bp", pixels, List.of(x.value(), y.gradient()), List.of(x.gradient()));
    ahead.keepAxes();
    back.keepAxes();
    return Nd4jCall.kernel(List.of(ahead), List.of(back));
  }

  @Override
  public Kernel flatten(Slot x, Slot y) {
    INDArray to = channelsFirst(y.value(), x);
    INDArray from = x.value().permute(0, 3, 1, 2);
    INDArray back = channelsFirst(y.gradient(), x).permute(0, 2, 3, 1);
    return Kernel.of(() -> to.assign(from), () -> x.gradient().assign(back));
  }

  private static INDArray channelsFirst(INDArray vectors, Slot map) {
    long[] s = map.value().shape();
    return vectors.reshape('c', s[0], s[3], s[1], s[2]);
  }

  @Override
  public Kernel dropout(double keep, String name, Slot x, Slot y, Area kept) {
    INDArray mask = kept.array().reshape('c', x.value().shape());
    Nd4jCall ahead =
        Nd4jCall.of("multiply", new int[0], List.of(x.value(), mask), List.of(y.value()));
    Nd4jCall back =
        Nd4jCall.of("multiply", new int[0], List.of(y.gradient(), mask), List.of(x.gradient()));
    return Kernel.of(
        pass -> {
          RandomGenerator random = Seeds.random(pass.seed(), name, 0);
          Host.fill(mask, () -> !pass.training() ? 1 : random.nextDouble() < keep ? 1 / keep : 0);
          ahead.run();
        },
        back::run);
  }

  @Override
  public Kernel opaque(Node.Opaque node, Slot x, Slot y, @Nullable Weight parameters) {
    return new OpaqueKernel(node, x, y, parameters);
  }

  @Override
  public Runnable accumulate(Area target, Area other, boolean copy) {
    INDArray to = target.array();
    List<INDArray> from = copy ? List.of(other.array()) : List.of(to, other.array());
    return Nd4jCall.chain("add", from, to).get(0)::run;
  }

  @Override
  public void close() {
    workers.close();
  }

  private static int[] settings(Window w, int... more) {
    int[] all = new int[9 + more.length];
    int[] first = {
      w.kernelH(),
      w.kernelW(),
      w.strideH(),
      w.strideW(),
      w.top(),
      w.left(),
      w.dilationH(),
      w.dilationW(),
      w.isSymmetric() ? 0 : 1
    };
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
