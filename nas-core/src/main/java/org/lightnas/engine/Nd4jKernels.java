package org.lightnas.engine;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Kernels made of ND4J operations: they run on every backend and are the reference for faster ones.
 * Batch norm alone runs in plain Java where the memory is the host's (see {@link HostBatchNorm}).
 */
final class Nd4jKernels implements Kernels {

  private static final int NHWC = 1;

  private final Workers workers = new Workers(Runtime.getRuntime().availableProcessors());
  private final HostBatchNorm.Scratch norms = new HostBatchNorm.Scratch(workers);

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
  public Kernel convolution(
      Node.Convolution node, Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    String op = node.depthwise() ? "depthwise_conv2d" : "conv2d";
    int[] settings = settings(node.window(), NHWC);
    return bias == null
        ? new OpPair(
            op(op, settings, List.of(x.value(), kernel.value()), List.of(y.value())),
            op(
                op + "_bp",
                settings,
                List.of(x.value(), kernel.value(), y.gradient()),
                List.of(x.gradient(), kernel.gradient())))
        : new OpPair(
            op(op, settings, List.of(x.value(), kernel.value(), bias.value()), List.of(y.value())),
            op(
                op + "_bp",
                settings,
                List.of(x.value(), kernel.value(), bias.value(), y.gradient()),
                List.of(x.gradient(), kernel.gradient(), bias.gradient())));
  }

  @Override
  public Kernel folded(
      Node.Convolution node, Activation function, Slot x, Slot y, FoldedWeights weights) {
    String op = node.depthwise() ? "depthwise_conv2d" : "conv2d";
    DynamicCustomOp convolution =
        op(
            op,
            settings(node.window(), NHWC),
            List.of(x.value(), weights.kernel(), weights.bias()),
            List.of(y.value()));
    IActivation applied = function.getActivationFunction();
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        weights.renew();
        Nd4j.exec(convolution);
        if (function != Activation.IDENTITY) {
          applied.getActivation(y.value(), false);
        }
      }

      @Override
      public void backward() {}
    };
  }

  @Override
  public Kernel dense(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        INDArray product = x.rows().mmul(kernel.value());
        if (bias != null) {
          product.addiRowVector(bias.value());
        }
        y.rows().assign(product);
      }

      @Override
      public void backward() {
        kernel.gradient().assign(x.rows().transpose().mmul(y.gradientRows()));
        if (bias != null) {
          bias.gradient().assign(y.gradientRows().sum(0));
        }
        x.gradientRows().assign(y.gradientRows().mmul(kernel.value().transpose()));
      }
    };
  }

  @Override
  public Kernel batchNorm(
      Node.BatchNorm node,
      Activation function,
      Slot x,
      Slot y,
      @Nullable Weight gamma,
      @Nullable Weight beta,
      Weight mean,
      Weight variance,
      Area kept) {
    return Host.visible(x.value())
        ? new HostBatchNorm(node, function, x, y, gamma, beta, mean, variance, norms)
        : new Nd4jBatchNorm(node, function, x, y, gamma, beta, mean, variance);
  }

  @Override
  public Kernel activation(Activation function, Slot x, Slot y) {
    IActivation applied = function.getActivationFunction();
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        y.value().assign(x.value());
        applied.getActivation(y.value(), pass.training());
      }

      @Override
      public void backward() {
        // DL4J's functions may overwrite both arguments.
        x.gradient().assign(applied.backprop(x.value().dup(), y.gradient().dup()).getFirst());
      }
    };
  }

  @Override
  public Kernel add(List<Slot> xs, Slot y) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        if (xs.size() == 1) {
          y.value().assign(xs.get(0).value());
          return;
        }
        xs.get(0).value().addi(xs.get(1).value(), y.value());
        for (Slot x : xs.subList(2, xs.size())) {
          y.value().addi(x.value());
        }
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
        y.value().assign(xs.get(0).value());
        for (Slot x : xs.subList(1, xs.size())) {
          y.value().muli(x.value());
        }
      }

      @Override
      public void backward() {
        for (int i = 0; i < xs.size(); i++) {
          INDArray gradient = xs.get(i).gradient().assign(y.gradient());
          for (int j = 0; j < xs.size(); j++) {
            if (j != i) {
              gradient.muli(xs.get(j).value());
            }
          }
        }
      }
    };
  }

  @Override
  public Kernel scale(double factor, Slot x, Slot y) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        x.value().muli(factor, y.value());
      }

      @Override
      public void backward() {
        y.gradient().muli(factor, x.gradient());
      }
    };
  }

  @Override
  public Kernel concat(List<Slot> xs, Slot y) {
    DynamicCustomOp join =
        op("concat", new int[] {3}, xs.stream().map(Slot::value).toList(), List.of(y.value()));
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        Nd4j.exec(join);
      }

      @Override
      public void backward() {
        long from = 0;
        for (Slot x : xs) {
          x.gradient().assign(channels(y.gradient(), from, x.value().size(3)));
          from += x.value().size(3);
        }
      }
    };
  }

  @Override
  public Kernel subset(int from, Slot x, Slot y) {
    long count = y.value().size(3);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        y.value().assign(channels(x.value(), from, count));
      }

      @Override
      public void backward() {
        x.gradient().assign(0);
        channels(x.gradient(), from, count).assign(y.gradient());
      }
    };
  }

  @Override
  public Kernel shuffle(int groups, Slot x, Slot y) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        split(y.value(), -1, groups).assign(split(x.value(), groups, -1).permute(0, 2, 1));
      }

      @Override
      public void backward() {
        split(x.gradient(), groups, -1).assign(split(y.gradient(), -1, groups).permute(0, 2, 1));
      }

      /** As [N H W, rows, columns], one of these two to be found. */
      private INDArray split(INDArray map, long rows, long columns) {
        return map.reshape('c', map.length() / map.size(3), rows, columns);
      }
    };
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
    return new OpPair(
        op(op, settings, List.of(x.value()), List.of(y.value())),
        op(op + "_bp", settings, List.of(x.value(), y.gradient()), List.of(x.gradient())));
  }

  @Override
  public Kernel globalPool(boolean max, Slot x, Slot y, Area kept) {
    long area = x.value().size(1) * x.value().size(2);
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        INDArray pooled = max ? x.value().max(true, 1, 2) : x.value().mean(true, 1, 2);
        y.value().assign(pooled);
      }

      @Override
      public void backward() {
        if (area > 1) {
          y.gradient().broadcast(x.gradient());
        } else {
          // To its own shape ND4J broadcasts nothing.
          x.gradient().assign(y.gradient());
        }
        if (max) {
          INDArray largest = x.value().max(true, 1, 2).broadcast(x.value().shape());
          INDArray chosen = x.value().eq(largest);
          x.gradient().muli(chosen.castTo(x.value().dataType()));
        } else {
          x.gradient().divi(area);
        }
      }
    };
  }

  @Override
  public Kernel flatten(Slot x, Slot y) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        channelsFirst(y.value()).assign(x.value().permute(0, 3, 1, 2));
      }

      @Override
      public void backward() {
        x.gradient().assign(channelsFirst(y.gradient()).permute(0, 2, 3, 1));
      }

      private INDArray channelsFirst(INDArray vectors) {
        long[] s = x.value().shape();
        return vectors.reshape('c', s[0], s[3], s[1], s[2]);
      }
    };
  }

  @Override
  public Kernel dropout(double keep, String name, Slot x, Slot y, Area kept) {
    INDArray mask = kept.array().reshape('c', x.value().shape());
    double[] factors = new double[(int) kept.length()];
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        RandomGenerator random = Seeds.random(pass.seed(), name, 0);
        for (int i = 0; i < factors.length; i++) {
          factors[i] = !pass.training() ? 1 : random.nextDouble() < keep ? 1 / keep : 0;
        }
        Host.write(mask, factors);
        x.value().muli(mask, y.value());
      }

      @Override
      public void backward() {
        y.gradient().muli(mask, x.gradient());
      }
    };
  }

  @Override
  public Kernel opaque(Node.Opaque node, Slot x, Slot y, @Nullable Weight parameters) {
    return new OpaqueKernel(node, x, y, parameters);
  }

  @Override
  public Runnable accumulate(Area target, Area other, boolean copy) {
    INDArray to = target.array();
    INDArray from = other.array();
    return copy ? () -> to.assign(from) : () -> to.addi(from);
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

  private static DynamicCustomOp op(
      String name, int[] settings, List<INDArray> inputs, List<INDArray> outputs) {
    return DynamicCustomOp.builder(name)
        .addInputs(inputs.toArray(INDArray[]::new))
        .addOutputs(outputs.toArray(INDArray[]::new))
        .addIntegerArguments(settings)
        .build();
  }

  /** One native operation each way. */
  private record OpPair(DynamicCustomOp ahead, DynamicCustomOp back) implements Kernel {
    @Override
    public void forward(Pass pass) {
      Nd4j.exec(ahead);
    }

    @Override
    public void backward() {
      Nd4j.exec(back);
    }
  }
}
