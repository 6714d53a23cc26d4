package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_binary_desc_t;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Format;

/**
 * Batch norms of a number of channels for which oneDNN has no vectorised code: where channels lie
 * side by side, it must be a multiple of 16. But pixels of C channels lie in memory as a k-th of
 * the pixels of k C channels do. Taken so, each of the k lanes has statistics of its own, from
 * which those of the channels follow exactly; to normalise by given statistics, lanes are no
 * matter; and what the gradient owes to the statistics, {@code -scale / (M s) (dShift + (x - mean)
 * / s dScale)} with M values a channel and s their deviation, is a batch norm of x itself, which is
 * added. Five sweeps instead of two, in about a fifth of the time.
 */
final class OneDnnLaneNorm implements OneDnnNorm {

  /** Floats in the widest vector register. */
  private static final int VECTOR = 16;

  // Vectors over all lanes, one after the other.
  private static final int MEAN = 0;
  private static final int VARIANCE = 1;
  private static final int SCALE = 2;
  private static final int SHIFT = 3;
  private static final int D_SCALE = 4;
  private static final int D_SHIFT = 5;
  private static final int VECTORS = 6;

  private final int channels;
  private final int lanes;
  private final double values;
  private final double eps;
  private final OneDnnPrimitive statistics;
  private final OneDnnDirectNorm given;
  private final OneDnnPrimitive line;
  private final OneDnnPrimitive sum;
  private final OneDnn dnn;
  private final NativeMemory memory;
  private final float[] wide;
  private final Floats floats = new Floats();

  /** Floats at any address; JavaCPP takes none. */
  private static final class Floats extends FloatPointer {
    float[] read(long place, int count) {
      address = place;
      float[] values = new float[count];
      get(values, 0, count);
      return values;
    }

    void write(long place, float[] values) {
      address = place;
      put(values, 0, values.length);
    }
  }

  private OneDnnLaneNorm(
      OneDnn dnn, int lanes, int batch, FeatureShape shape, float eps, boolean rectified) {
    this.channels = shape.channels();
    this.lanes = lanes;
    this.eps = eps;
    this.values = (double) batch * shape.height() * shape.width();
    this.wide = new float[lanes * channels];
    Format map = dnn.format(dnnl_nhwc, 1, wide.length, 1, (long) values / lanes);
    this.statistics = OneDnnDirectNorm.statistics(dnn, map, eps);
    this.given = new OneDnnDirectNorm(dnn, map, eps, rectified, dnnl_use_global_stats);
    this.line = OneDnnDirectNorm.inference(dnn, map, eps, false);
    dnnl_binary_desc_t add = new dnnl_binary_desc_t();
    OneDnn.check(
        dnnl_binary_desc_init(add, dnnl_binary_add, map.desc(), map.desc(), map.desc()), "a sum");
    this.sum = dnn.primitive(dnn.describe(add, null), DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST);
    this.dnn = dnn;
    dnn.needTransit(map.bytes());
    this.memory = dnn.memory((long) VECTORS * wide.length * Float.BYTES);
  }

  /** One for a size; null where pixels cannot be put together. */
  static @Nullable OneDnnLaneNorm of(
      OneDnn dnn, int batch, FeatureShape shape, float eps, boolean rectified) {
    int lanes = 1;
    while (lanes * shape.channels() % VECTOR != 0) {
      lanes *= 2;
    }
    long pixels = (long) batch * shape.height() * shape.width();
    return pixels % lanes == 0
        ? new OneDnnLaneNorm(dnn, lanes, batch, shape, eps, rectified)
        : null;
  }

  private long vector(int which) {
    return memory.address() + (long) which * wide.length * Float.BYTES;
  }

  private void spread(float[] vector, int which) {
    for (int i = 0; i < wide.length; i++) {
      wide[i] = vector[i % channels];
    }
    floats.write(vector(which), wide);
  }

  private void spread(long vector, int which) {
    spread(floats.read(vector, channels), which);
  }

  private double[] sums(float[] all) {
    double[] sums = new double[channels];
    for (int i = 0; i < all.length; i++) {
      sums[i % channels] += all[i];
    }
    return sums;
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Override
  public long bits() {
    return given.bits();
  }

  @Override
  public void forward(long x, long y, Places layer) {
    statistics.run(x, y, vector(MEAN), vector(VARIANCE));
    float[] means = floats.read(vector(MEAN), wide.length);
    float[] variances = floats.read(vector(VARIANCE), wide.length);
    double[] meanOfAll = sums(means);
    double[] varianceOfAll = sums(variances);
    for (int c = 0; c < channels; c++) {
      meanOfAll[c] /= lanes;
      for (int i = c; i < wide.length; i += channels) {
        double apart = means[i] - meanOfAll[c];
        varianceOfAll[c] += apart * apart;
      }
      varianceOfAll[c] /= lanes;
    }
    floats.write(layer.mean(), toFloats(meanOfAll));
    floats.write(layer.variance(), toFloats(varianceOfAll));
    given.forward(x, y, spread(layer));
  }

  /** What a layer has, over all lanes. */
  private Places spread(Places layer) {
    spread(layer.scale(), SCALE);
    spread(layer.shift(), SHIFT);
    spread(layer.mean(), MEAN);
    spread(layer.variance(), VARIANCE);
    return new Places(
        vector(SCALE),
        vector(SHIFT),
        vector(MEAN),
        vector(VARIANCE),
        vector(D_SCALE),
        vector(D_SHIFT),
        layer.bits());
  }

  @Override
  public void backward(long x, long dy, long dx, Places layer) {
    given.backward(x, dy, dx, spread(layer));
    double[] scaleSums = sums(floats.read(vector(D_SCALE), wide.length));
    double[] shiftSums = sums(floats.read(vector(D_SHIFT), wide.length));
    floats.write(layer.dScale(), toFloats(scaleSums));
    floats.write(layer.dShift(), toFloats(shiftSums));
    float[] scales = floats.read(layer.scale(), channels);
    float[] variances = floats.read(layer.variance(), channels);
    for (int c = 0; c < channels; c++) {
      double factor = -scales[c] / Math.sqrt(variances[c] + eps) / values;
      scaleSums[c] *= factor;
      shiftSums[c] *= factor;
    }
    spread(toFloats(scaleSums), D_SCALE);
    spread(toFloats(shiftSums), D_SHIFT);
    long owed = dnn.transit().address();
    line.run(x, owed, vector(D_SCALE), vector(D_SHIFT), vector(MEAN), vector(VARIANCE));
    sum.run(dx, owed, dx);
  }
}
