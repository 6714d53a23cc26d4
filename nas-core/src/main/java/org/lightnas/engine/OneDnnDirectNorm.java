package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_batch_normalization_desc_t;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;

/** oneDNN's own batch norm, with ReLU or without. */
final class OneDnnDirectNorm implements OneDnnNorm {

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

  private final boolean rectified;
  private final boolean vectorised;
  private final long bits;
  private final OneDnnPrimitive training;
  private final OneDnnPrimitive backward;

  /**
   * Chooses implementations.
   *
   * @param more flags: {@code dnnl_use_global_stats} if mean and variance are given, and their
   *     dependence on the map does not count
   */
  OneDnnDirectNorm(OneDnn dnn, Format map, float eps, boolean rectified, int more) {
    int flags = FLAGS | more | (rectified ? dnnl_fuse_norm_relu : 0);
    Description ahead =
        dnn.describePreferring(FASTER, forward(map, eps, dnnl_forward_training, flags), null);
    dnnl_batch_normalization_desc_t back = new dnnl_batch_normalization_desc_t();
    OneDnn.check(
        dnnl_batch_normalization_backward_desc_init(
            back, dnnl_backward, map.desc(), map.desc(), eps, flags),
        "the gradient of a batch norm");
    Description reverse = dnn.describePreferring(FASTER, back, ahead);
    this.rectified = rectified;
    this.vectorised = ahead.implementation().contains("jit");
    this.bits = rectified ? ahead.argument(DNNL_ARG_WORKSPACE).bytes() : 0;
    this.training = dnn.primitive(ahead, withBits(ARGUMENTS));
    this.backward = dnn.primitive(reverse, withBits(BACKWARD_ARGUMENTS));
  }

  /** With the statistics given. */
  static OneDnnPrimitive inference(OneDnn dnn, Format map, float eps, boolean rectified) {
    int flags = FLAGS | dnnl_use_global_stats | (rectified ? dnnl_fuse_norm_relu : 0);
    return dnn.primitive(
        dnn.describe(forward(map, eps, dnnl_forward_inference, flags), null), ARGUMENTS);
  }

  /** Mean and variance, and a normalised map that nobody asked for. */
  static OneDnnPrimitive statistics(OneDnn dnn, Format map, float eps) {
    return dnn.primitive(
        dnn.describePreferring(FASTER, forward(map, eps, dnnl_forward_training, 0), null),
        DNNL_ARG_SRC,
        DNNL_ARG_DST,
        DNNL_ARG_MEAN,
        DNNL_ARG_VARIANCE);
  }

  private static dnnl_batch_normalization_desc_t forward(
      Format map, float eps, int direction, int flags) {
    dnnl_batch_normalization_desc_t operation = new dnnl_batch_normalization_desc_t();
    OneDnn.check(
        dnnl_batch_normalization_forward_desc_init(operation, direction, map.desc(), eps, flags),
        "a batch norm");
    return operation;
  }

  private int[] withBits(int[] arguments) {
    if (!rectified) {
      return arguments;
    }
    int[] more = Arrays.copyOf(arguments, arguments.length + 1);
    more[arguments.length] = DNNL_ARG_WORKSPACE;
    return more;
  }

  /** Whether oneDNN has written code for this number of channels. */
  boolean vectorised() {
    return vectorised;
  }

  @Override
  public long bits() {
    return bits;
  }

  @Override
  public void forward(long x, long y, Places p) {
    if (rectified) {
      training.run(x, y, p.scale(), p.shift(), p.mean(), p.variance(), p.bits());
    } else {
      training.run(x, y, p.scale(), p.shift(), p.mean(), p.variance());
    }
  }

  @Override
  public void backward(long x, long dy, long dx, Places p) {
    if (rectified) {
      backward.run(
          x,
          dy,
          dx,
          p.scale(),
          p.shift(),
          p.mean(),
          p.variance(),
          p.dScale(),
          p.dShift(),
          p.bits());
    } else {
      backward.run(x, dy, dx, p.scale(), p.shift(), p.mean(), p.variance(), p.dScale(), p.dShift());
    }
  }
}
