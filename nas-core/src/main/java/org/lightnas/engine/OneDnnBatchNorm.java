package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_batch_normalization_desc_t;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;

/**
 * All batch norms of one size, with the ReLU or ReLU6 after them.
 *
 * <p>oneDNN does ReLU on the way and remembers in one bit per value where it let through. It does
 * not know ReLU6 there, and a separate sweep forward and another backward would cost a quarter of
 * the training step. But values above 6 are rare behind a batch norm: so ReLU6 is done as ReLU,
 * looking for the largest value costs a fraction of a sweep, and only if 6 is reached the two
 * sweeps are run.
 */
final class OneDnnBatchNorm {

  private static final int FLAGS = dnnl_use_scale | dnnl_use_shift;
  private static final int[] ARGUMENTS = {
    DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE
  };
  private static final int[] BACKWARD_ARGUMENTS = {
    DNNL_ARG_SRC,
    DNNL_ARG_DIFF_DST,
    DNNL_ARG_DIFF_SRC,
    DNNL_ARG_SCALE,
    DNNL_ARG_SHIFT,
    DNNL_ARG_MEAN,
    DNNL_ARG_VARIANCE,
    DNNL_ARG_DIFF_SCALE,
    DNNL_ARG_DIFF_SHIFT
  };

  private final int channels;
  private final boolean rectified;
  private final OneDnnPrimitive training;
  private final OneDnnPrimitive inference;
  private final OneDnnPrimitive backward;
  private final long bitsOfRelu;

  /** ReLU6 proper, and the search for values that need it; null for other functions. */
  private final @Nullable OneDnnActivation clip;

  private final @Nullable OneDnnMaximum largest;

  /** What one is made for. */
  record Kind(int batch, FeatureShape shape, double eps, Activation function) {}

  OneDnnBatchNorm(OneDnn dnn, Kind kind) {
    FeatureShape shape = kind.shape();
    this.channels = shape.channels();
    this.rectified = kind.function() != Activation.IDENTITY;
    Format map = dnn.format(dnnl_nhwc, kind.batch(), channels, shape.height(), shape.width());
    int flags = rectified ? FLAGS | dnnl_fuse_norm_relu : FLAGS;
    float eps = (float) kind.eps();
    Description ahead = dnn.describe(forward(map, eps, dnnl_forward_training, flags), null);
    dnnl_batch_normalization_desc_t back = new dnnl_batch_normalization_desc_t();
    OneDnn.check(
        dnnl_batch_normalization_backward_desc_init(
            back, dnnl_backward, map.desc(), map.desc(), eps, flags),
        "the gradient of a batch norm");
    Description reverse = dnn.describe(back, ahead);
    this.training = dnn.primitive(ahead, withBits(ARGUMENTS));
    this.backward = dnn.primitive(reverse, withBits(BACKWARD_ARGUMENTS));
    this.bitsOfRelu = rectified ? ahead.argument(DNNL_ARG_WORKSPACE).bytes() : 0;
    this.inference =
        dnn.primitive(
            dnn.describe(
                forward(map, eps, dnnl_forward_inference, flags | dnnl_use_global_stats), null),
            ARGUMENTS);
    boolean bounded = kind.function() == Activation.RELU6;
    this.clip =
        bounded
            ? new OneDnnActivation(dnn, map, OneDnnActivation.Function.of(Activation.RELU6))
            : null;
    this.largest = bounded ? new OneDnnMaximum(dnn, map, kind.batch(), shape) : null;
  }

  private int[] withBits(int[] arguments) {
    if (!rectified) {
      return arguments;
    }
    int[] more = Arrays.copyOf(arguments, arguments.length + 1);
    more[arguments.length] = DNNL_ARG_WORKSPACE;
    return more;
  }

  private static dnnl_batch_normalization_desc_t forward(
      Format map, float eps, int direction, int flags) {
    dnnl_batch_normalization_desc_t operation = new dnnl_batch_normalization_desc_t();
    OneDnn.check(
        dnnl_batch_normalization_forward_desc_init(operation, direction, map.desc(), eps, flags),
        "a batch norm");
    return operation;
  }

  /** Floats that a layer keeps: six vectors over the channels, and the bits of ReLU. */
  long kept() {
    return 6 * stride(channels) + (bitsOfRelu + Float.BYTES - 1) / Float.BYTES;
  }

  private static long stride(int channels) {
    return (channels + 15L) / 16 * 16;
  }

  Kernel bind(
      Node.BatchNorm node,
      Slot x,
      Slot y,
      @Nullable Weight gamma,
      @Nullable Weight beta,
      Weight mean,
      Weight variance,
      Area kept) {
    return new Bound(node, x, y, gamma, beta, mean, variance, kept);
  }

  /** One layer. */
  private final class Bound implements Kernel {
    private final Node.BatchNorm node;
    private final Slot x;
    private final Slot y;
    private final @Nullable Weight gamma;
    private final @Nullable Weight beta;
    private final Weight mean;
    private final Weight variance;
    private final Area kept;
    private @Nullable FloatBuffer own;

    /** Whether the last training pass had values that ReLU6 cuts. */
    private boolean clipped;

    Bound(
        Node.BatchNorm node,
        Slot x,
        Slot y,
        @Nullable Weight gamma,
        @Nullable Weight beta,
        Weight mean,
        Weight variance,
        Area kept) {
      this.node = node;
      this.x = x;
      this.y = y;
      this.gamma = gamma;
      this.beta = beta;
      this.mean = mean;
      this.variance = variance;
      this.kept = kept;
    }

    private long vector(int i) {
      return kept.address() + i * stride(channels) * Float.BYTES;
    }

    private FloatBuffer own() {
      if (own == null) {
        own = Host.floats(kept.array());
      }
      return own;
    }

    /** Fixed factors lie with what the layer keeps. */
    private long factor(@Nullable Weight weight, int i, double fixed) {
      if (weight != null) {
        return Host.address(weight.value());
      }
      int from = (int) (i * stride(channels));
      for (int c = 0; c < channels; c++) {
        own().put(from + c, (float) fixed);
      }
      return vector(i);
    }

    private long gradient(@Nullable Weight weight, int i) {
      return weight != null ? Host.address(weight.gradient()) : vector(i);
    }

    @Override
    public void forward(Pass pass) {
      long scale = factor(gamma, 2, node.gamma());
      long shift = factor(beta, 3, node.beta());
      long from = x.map().address();
      long to = y.map().address();
      if (pass.training()) {
        if (rectified) {
          training.run(from, to, scale, shift, vector(0), vector(1), vector(6));
        } else {
          training.run(from, to, scale, shift, vector(0), vector(1));
        }
        double share = pass.kept(node.decay());
        if (share < 1) {
          move(mean, 0, share);
          move(variance, (int) stride(channels), share);
        }
      } else {
        inference.run(
            from, to, scale, shift, Host.address(mean.value()), Host.address(variance.value()));
      }
      if (clip != null && largest != null) {
        clipped = largest.of(to) >= 6;
        if (clipped) {
          clip.forward(to, to);
        }
      }
    }

    /** Moves running statistics towards those of the batch, which start at {@code from}. */
    private void move(Weight running, int from, double share) {
      FloatBuffer values = Host.floats(running.value());
      for (int c = 0; c < channels; c++) {
        values.put(c, (float) (share * values.get(c) + (1 - share) * own().get(from + c)));
      }
      running.changed();
    }

    @Override
    public void backward() {
      long dy = y.slope().address();
      long dx = x.slope().address();
      if (clipped && clip != null) {
        // dy may belong to others too, so the gradient before the cut waits in dx.
        clip.backward(y.map().address(), dy, dx);
        dy = dx;
      }
      long scale = factor(gamma, 2, node.gamma());
      long shift = factor(beta, 3, node.beta());
      long dScale = gradient(gamma, 4);
      long dShift = gradient(beta, 5);
      long from = x.map().address();
      if (rectified) {
        backward.run(from, dy, dx, scale, shift, vector(0), vector(1), dScale, dShift, vector(6));
      } else {
        backward.run(from, dy, dx, scale, shift, vector(0), vector(1), dScale, dShift);
      }
    }
  }
}
