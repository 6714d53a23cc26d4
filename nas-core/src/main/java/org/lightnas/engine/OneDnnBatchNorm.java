package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_batch_normalization_desc_t;
import org.jspecify.annotations.Nullable;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;

/**
 * All batch norms of one size, with the activation after them, which works in place on the result
 * and, backward, from it.
 */
final class OneDnnBatchNorm {

  private static final int FLAGS = dnnl_use_scale | dnnl_use_shift;

  private final int channels;
  private final OneDnnPrimitive training;
  private final OneDnnPrimitive inference;
  private final OneDnnPrimitive backward;
  private final @Nullable OneDnnActivation activation;

  /** What one is made for. */
  record Kind(Format map, double eps, Activation function) {}

  OneDnnBatchNorm(
      OneDnn dnn, Kind kind, int channels, @Nullable OneDnnActivation activation) {
    
    this.channels = channels;
    this.activation = activation;
    Description ahead = dnn.describe(forward(kind, dnnl_forward_training, FLAGS), null);
    this.training =
        dnn.primitive(
            ahead,
            DNNL_ARG_SRC,
            DNNL_ARG_DST,
            DNNL_ARG_SCALE,
            DNNL_ARG_SHIFT,
            DNNL_ARG_MEAN,
            DNNL_ARG_VARIANCE);
    this.inference =
        dnn.primitive(
            dnn.describe(
                forward(kind, dnnl_forward_inference, FLAGS | dnnl_use_global_stats), null),
            DNNL_ARG_SRC,
            DNNL_ARG_DST,
            DNNL_ARG_SCALE,
            DNNL_ARG_SHIFT,
            DNNL_ARG_MEAN,
            DNNL_ARG_VARIANCE);
    dnnl_batch_normalization_desc_t back = new dnnl_batch_normalization_desc_t();
    OneDnn.check(
        dnnl_batch_normalization_backward_desc_init(
            back, dnnl_backward, kind.map().desc(), kind.map().desc(), (float) kind.eps(), FLAGS),
        "the gradient of a batch norm");
    this.backward =
        dnn.primitive(
            dnn.describe(back, ahead),
            DNNL_ARG_SRC,
            DNNL_ARG_DIFF_DST,
            DNNL_ARG_DIFF_SRC,
            DNNL_ARG_SCALE,
            DNNL_ARG_SHIFT,
            DNNL_ARG_MEAN,
            DNNL_ARG_VARIANCE,
            DNNL_ARG_DIFF_SCALE,
            DNNL_ARG_DIFF_SHIFT);
  }

  private static dnnl_batch_normalization_desc_t forward(Kind kind, int direction, int flags) {
    dnnl_batch_normalization_desc_t operation = new dnnl_batch_normalization_desc_t();
    OneDnn.check(
        dnnl_batch_normalization_forward_desc_init(
            operation, direction, kind.map().desc(), (float) kind.eps(), flags),
        "a batch norm");
    return operation;
  }

  /** Floats that a layer keeps: six vectors over the channels, each from a cache line on. */
  static long kept(int channels) {
    return 6 * stride(channels);
  }

  private static long stride(int channels) {
    return (channels + 15) / 16 * 16;
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
        training.run(from, to, scale, shift, vector(0), vector(1));
        double share = pass.kept(node.decay());
        if (share < 1) {
          move(mean, 0, share);
          move(variance, (int) stride(channels), share);
        }
      } else {
        inference.run(
            from, to, scale, shift, Host.address(mean.value()), Host.address(variance.value()));
      }
      if (activation != null) {
        activation.forward(to, to);
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
      // dy may belong to others too, so the gradient before the activation waits in dx.
      long dx = x.slope().address();
      if (activation != null) {
        activation.backward(y.map().address(), dy, dx);
        dy = dx;
      }
      backward.run(
          x.map().address(),
          dy,
          dx,
          factor(gamma, 2, node.gamma()),
          factor(beta, 3, node.beta()),
          vector(0),
          vector(1),
          gradient(gamma, 4),
          gradient(beta, 5));
    }
  }
}
