package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
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

  private final int batch;
  private final int channels;
  private final long imageBytes;
  private final OneDnnNorm training;
  private final OneDnnPrimitive inference;

  /** ReLU6 proper and the search for images that need it; null for other functions. */
  private final @Nullable Clip clip;

  /** ReLU6 of one image, and of all. */
  private record Clip(OneDnnMaximum largest, OneDnnActivation one, OneDnnActivation all) {}

  /** What one is made for. */
  record Kind(int batch, FeatureShape shape, double eps, Activation function) {}

  OneDnnBatchNorm(OneDnn dnn, Kind kind) {
    FeatureShape shape = kind.shape();
    this.channels = shape.channels();
    boolean rectified = kind.function() != Activation.IDENTITY;
    Format map = dnn.format(dnnl_nhwc, kind.batch(), channels, shape.height(), shape.width());
    float eps = (float) kind.eps();
    this.training = training(dnn, map, kind.batch(), shape, eps, rectified);
    this.inference = OneDnnDirectNorm.inference(dnn, map, eps, rectified);
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

  private static OneDnnNorm training(
      OneDnn dnn, Format map, int batch, FeatureShape shape, float eps, boolean rectified) {
    OneDnnDirectNorm direct = new OneDnnDirectNorm(dnn, map, eps, rectified, 0);
    OneDnnNorm lanes =
        direct.vectorised() ? null : OneDnnLaneNorm.of(dnn, batch, shape, eps, rectified);
    return lanes == null ? direct : lanes;
  }

  /** Floats that a layer keeps: six vectors over the channels, and the bits of ReLU. */
  long kept() {
    return 6 * stride(channels) + (training.bits() + Float.BYTES - 1) / Float.BYTES;
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
        training.forward(from, to, places(scale, shift));
        revealOverflow();
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

    private OneDnnNorm.Places places(long scale, long shift) {
      return new OneDnnNorm.Places(
          scale,
          shift,
          vector(0),
          vector(1),
          gradient(norm.gamma(), 4),
          gradient(norm.beta(), 5),
          vector(6));
    }

    /**
     * Divided by an infinite variance all values are 0, forward and backward, and nobody would see
     * it; by one that is no number the gradient is none either.
     */
    private void revealOverflow() {
      int from = (int) stride(channels);
      for (int c = from; c < from + channels; c++) {
        if (!Float.isFinite(own().get(c))) {
          own().put(c, Float.NaN);
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
      training.backward(x.map().address(), dy, dx, places(scale, shift));
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
