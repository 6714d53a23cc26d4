package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_batch_normalization_desc_t;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.nd4j.linalg.activations.Activation;

/**
 * All batch norms of one size, with the ReLU or ReLU6 after them.
 *
 * <p>oneDNN does ReLU on the way and remembers in one bit per value where it let through. It does
 * not know ReLU6 there, and a separate sweep forward and another backward would cost an eighth of
 * the training step. But values above 6 are rare behind a batch norm: so ReLU6 is done as ReLU,
 * looking for large values costs a fraction of a sweep, and only images that reach 6 are cut.
 */
final class OneDnnBatchNorm {

  /**
   * Of two implementations for AVX-512 the second choice of oneDNN: backward it takes a tenth to a
   * third less time on large maps.
   */
  private static final String FASTER = "bnorm_tbb_jit:avx512";

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

  private final int batch;
  private final int channels;
  private final long imageBytes;
  private final boolean rectified;
  private final OneDnnPrimitive training;
  private final OneDnnPrimitive inference;
  private final OneDnnPrimitive backward;
  private final long bitsOfRelu;

  /** ReLU6 proper and the search for images that need it; null for other functions. */
  private final @Nullable Clip clip;

  /** ReLU6 of one image, and of all. */
  private record Clip(OneDnnMaximum largest, OneDnnActivation one, OneDnnActivation all) {}

  /** What one is made for. */
  record Kind(int batch, FeatureShape shape, double eps, Activation function) {}

  OneDnnBatchNorm(OneDnn dnn, Kind kind) {
    FeatureShape shape = kind.shape();
    this.channels = shape.channels();
    this.rectified = kind.function() != Activation.IDENTITY;
    Format map = dnn.format(dnnl_nhwc, kind.batch(), channels, shape.height(), shape.width());
    int flags = rectified ? FLAGS | dnnl_fuse_norm_relu : FLAGS;
    float eps = (float) kind.eps();
    Description ahead =
        dnn.describePreferring(FASTER, forward(map, eps, dnnl_forward_training, flags), null);
    dnnl_batch_normalization_desc_t back = new dnnl_batch_normalization_desc_t();
    OneDnn.check(
        dnnl_batch_normalization_backward_desc_init(
            back, dnnl_backward, map.desc(), map.desc(), eps, flags),
        "the gradient of a batch norm");
    Description reverse = dnn.describePreferring(FASTER, back, ahead);
    this.training = dnn.primitive(ahead, withBits(ARGUMENTS));
    this.backward = dnn.primitive(reverse, withBits(BACKWARD_ARGUMENTS));
    this.bitsOfRelu = rectified ? ahead.argument(DNNL_ARG_WORKSPACE).bytes() : 0;
    this.inference =
        dnn.primitive(
            dnn.describe(
                forward(map, eps, dnnl_forward_inference, flags | dnnl_use_global_stats), null),
            ARGUMENTS);
    if (kind.function() == Activation.RELU6) {
      var function = OneDnnActivation.Function.of(Activation.RELU6);
      Format one = dnn.format(dnnl_nhwc, 1, channels, shape.height(), shape.width());
      this.clip =
          new Clip(
              new OneDnnMaximum(dnn, map, kind.batch(), shape),
              new OneDnnActivation(dnn, one, function),
              new OneDnnActivation(dnn, map, function));
    } else {
      this.clip = null;
    }
    this.batch = kind.batch();
    this.imageBytes = shape.size() * Float.BYTES;
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

  Kernel bind(Norm norm, Slot x, Slot y, Area kept) {
    return new Bound(norm, x, y, kept);
  }

  /** One layer. */
  private final class Bound implements Kernel {
    private final Norm norm;
    private final Slot x;
    private final Slot y;
    private final Area kept;
    private @Nullable FloatBuffer own;

    /** The images that ReLU6 cut in the last pass; the first {@code cut} places count. */
    private final int[] images = new int[clip == null ? 0 : batch];

    private int cut;

    Bound(Norm norm, Slot x, Slot y, Area kept) {
      this.norm = norm;
      this.x = x;
      this.y = y;
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
      return weight != null ? weight.gradientArea().address() : vector(i);
    }

    @Override
    public void forward(Pass pass) {
      long scale = factor(norm.gamma(), 2, norm.node().gamma());
      long shift = factor(norm.beta(), 3, norm.node().beta());
      long from = x.map().address();
      long to = y.map().address();
      if (pass.training()) {
        if (rectified) {
          training.run(from, to, scale, shift, vector(0), vector(1), vector(6));
        } else {
          training.run(from, to, scale, shift, vector(0), vector(1));
        }
        double share = pass.kept(norm.node().decay());
        if (share < 1) {
          move(norm.mean(), 0, share);
          move(norm.variance(), (int) stride(channels), share);
        }
      } else {
        long mean = Host.address(norm.mean().value());
        inference.run(from, to, scale, shift, mean, Host.address(norm.variance().value()));
      }
      if (clip != null) {
        cut = clip.largest().reach(6, to, images);
        for (int i = 0; i < cut; i++) {
          long image = to + images[i] * imageBytes;
          clip.one().forward(image, image);
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
      if (clip != null && cut > 0) {
        dy = uncut(clip, dy, dx);
      }
      long scale = factor(norm.gamma(), 2, norm.node().gamma());
      long shift = factor(norm.beta(), 3, norm.node().beta());
      long dScale = gradient(norm.gamma(), 4);
      long dShift = gradient(norm.beta(), 5);
      long from = x.map().address();
      if (rectified) {
        backward.run(from, dy, dx, scale, shift, vector(0), vector(1), dScale, dShift, vector(6));
      } else {
        backward.run(from, dy, dx, scale, shift, vector(0), vector(1), dScale, dShift);
      }
    }

    /** The gradient before the cut, in dy itself where it is this kernel's own, else in dx. */
    private long uncut(Clip clip, long dy, long dx) {
      if (!y.own()) {
        clip.all().backward(y.map().address(), dy, dx);
        return dx;
      }
      for (int i = 0; i < cut; i++) {
        long image = dy + images[i] * imageBytes;
        clip.one().backward(y.map().address() + images[i] * imageBytes, image, image);
      }
      return dy;
    }
  }
}
