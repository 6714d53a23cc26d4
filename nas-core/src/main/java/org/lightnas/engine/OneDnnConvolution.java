package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.List;
import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.engine.OneDnn.PostOp;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;

/**
 * All convolutions of one kind and size. Weights come and gradients go in ND4J's layouts; oneDNN
 * chooses its own in between.
 *
 * <p>Two backward passes of depthwise convolutions are expressed by forward ones, which oneDNN has
 * made faster: the gradient of the map is the convolution of dy with the mirrored kernel; the
 * gradient of the kernel is, image by image, the convolution of x with dy as its kernel. Both are
 * taken only where the kernel's chosen layout says that the AVX-512 code is at work.
 */
final class OneDnnConvolution {

  /** Bytes of dy that two cores still find in their caches when they read it again. */
  private static final long CACHED = 2 << 20;

  /** From this kernel size on, the second of the two pays. */
  private static final int LARGE_KERNEL = 5;

  private final OneDnn dnn;
  private final Kind kind;
  private final long[] weightDims;
  private final Format x;
  private final Format y;
  private final Format canonical;
  private final Description forwardDescription;
  private final OneDnnPrimitive forward;
  private final Format forwardWeights;
  private final OneDnnPrimitive packForward;
  private final boolean mirrored;
  private @Nullable OneDnnConvolution part;
  private @Nullable Backward backward;

  /** What one is made for. */
  record Kind(
      int batch,
      FeatureShape in,
      FeatureShape out,
      Window window,
      boolean depthwise,
      boolean bias) {

    Kind withBatch(int images) {
      return new Kind(images, in, out, window, depthwise, bias);
    }

    static Kind of(Node.Convolution node, int batch) {
      return new Kind(
          batch, node.in(), node.output(), node.window(), node.depthwise(), node.hasBias());
    }

    /** With a batch norm folded in there always is a bias. */
    static Kind folded(Node.Convolution node, int batch) {
      return new Kind(batch, node.in(), node.output(), node.window(), node.depthwise(), true);
    }
  }

  OneDnnConvolution(OneDnn dnn, Kind kind, PostOp... after) {
    this.dnn = dnn;
    this.kind = kind;
    int in = kind.in().channels();
    int out = kind.out().channels();
    Window w = kind.window();
    this.weightDims =
        kind.depthwise()
            ? new long[] {in, out / in, 1, w.kernelH(), w.kernelW()}
            : new long[] {out, in, w.kernelH(), w.kernelW()};
    this.canonical = dnn.format(kind.depthwise() ? dnnl_hwigo : dnnl_hwio, weightDims);
    this.x = map(kind.in());
    this.y = map(kind.out());
    this.forwardDescription =
        dnn.describe(forward(x, y, padding(false), padding(true), kind.bias()), null, after);
    this.forward =
        kind.bias()
            ? dnn.primitive(
                forwardDescription, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_BIAS)
            : dnn.primitive(forwardDescription, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
    this.forwardWeights = forwardDescription.argument(DNNL_ARG_WEIGHTS);
    this.packForward = copy(canonical, forwardWeights);
    this.mirrored =
        kind.depthwise()
            && in == out
            && in % 16 == 0
            && w.strideH() == 1
            && w.strideW() == 1
            && Math.max(w.top(), w.bottom()) <= (w.kernelH() - 1) * w.dilationH()
            && Math.max(w.left(), w.right()) <= (w.kernelW() - 1) * w.dilationW()
            && forwardWeights == dnn.format(dnnl_hwioG16g, weightDims);
  }

  private Format map(FeatureShape shape) {
    return dnn.format(dnnl_nhwc, kind.batch(), shape.channels(), shape.height(), shape.width());
  }

  private OneDnnPrimitive copy(Format from, Format to, PostOp... after) {
    dnn.needTransit(Math.max(from.bytes(), to.bytes()));
    return dnn.primitive(dnn.describeCopy(from, to, after), DNNL_ARG_FROM, DNNL_ARG_TO);
  }

  private long[] strides() {
    return new long[] {kind.window().strideH(), kind.window().strideW()};
  }

  /** oneDNN counts the rows left out. */
  private long[] dilation() {
    return new long[] {kind.window().dilationH() - 1, kind.window().dilationW() - 1};
  }

  private long[] padding(boolean end) {
    Window w = kind.window();
    return end ? new long[] {w.bottom(), w.right()} : new long[] {w.top(), w.left()};
  }

  private @Nullable dnnl_memory_desc_t biasFormat(boolean bias) {
    return bias ? dnn.format(dnnl_x, kind.out().channels()).desc() : null;
  }

  private dnnl_convolution_desc_t forward(
      Format from, Format to, long[] begin, long[] end, boolean bias) {
    dnnl_convolution_desc_t operation = new dnnl_convolution_desc_t();
    OneDnn.check(
        dnnl_dilated_convolution_forward_desc_init(
            operation,
            dnnl_forward_training,
            dnnl_convolution_direct,
            from.desc(),
            OneDnn.anyFormat(weightDims),
            biasFormat(bias),
            to.desc(),
            strides(),
            dilation(),
            begin,
            end),
        "a convolution");
    return operation;
  }

  Kernel bind(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    return new Bound(x, y, kernel, bias);
  }

  /** On weights with a batch norm folded in. */
  void forward(Area from, Area to, FoldedWeights folded) {
    long version = folded.renew();
    long weights =
        OneDnnWeight.address(
            folded.owner(),
            List.of(folded, forwardWeights),
            version,
            forwardWeights.bytes(),
            packed -> packForward.run(Host.address(folded.kernel()), packed));
    forward.run(from.address(), weights, to.address(), Host.address(folded.bias()));
  }

  /** One layer. */
  private final class Bound implements Kernel {
    private final Slot x;
    private final Slot y;
    private final Weight kernel;
    private final @Nullable Weight bias;

    Bound(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
      this.x = x;
      this.y = y;
      this.kernel = kernel;
      this.bias = bias;
    }

    @Override
    public void forward(Pass pass) {
      long weights =
          OneDnnWeight.address(
              kernel,
              forwardWeights,
              kernel.version(),
              forwardWeights.bytes(),
              packed -> packForward.run(Host.address(kernel.value()), packed));
      if (bias == null) {
        forward.run(x.map().address(), weights, y.map().address());
      } else {
        forward.run(x.map().address(), weights, y.map().address(), Host.address(bias.value()));
      }
    }

    @Override
    public void backward() {
      OneDnnConvolution part = part();
      int images = part.kind.batch();
      long in = kind.in().size() * images * Float.BYTES;
      long out = kind.out().size() * images * Float.BYTES;
      for (int i = 0; i < kind.batch() / images; i++) {
        long from = x.map().address() + i * in;
        long dy = y.slope().address() + i * out;
        part.backward().weights(from, dy, kernel, bias, i == 0);
        if (x.differentiated()) {
          part.backward().map(dy, x.slope().address() + i * in, kernel);
        }
      }
    }
  }

  /**
   * The same for as many images as a backward pass should take at a time: both gradients read dy,
   * and the second finds it in the cache if there is not too much of it.
   */
  private OneDnnConvolution part() {
    if (part == null) {
      long image = kind.out().size() * Float.BYTES;
      int images = kind.batch();
      while (!kind.bias() && images % 2 == 0 && images * image > CACHED) {
        images /= 2;
      }
      part = images == kind.batch() ? this : new OneDnnConvolution(dnn, kind.withBatch(images));
    }
    return part;
  }

  private Backward backward() {
    if (backward == null) {
      backward = new Backward();
    }
    return backward;
  }

  /** Made when the first gradient is asked for. */
  private final class Backward {
    private final OneDnnPrimitive ofWeights;
    private final OneDnnPrimitive unpackGradient;
    private final OneDnnPrimitive addGradient;
    private final @Nullable OneDnnPrimitive ofWeightsByImage;
    private final OneDnnPrimitive ofMap;
    private final Format mapWeights;
    private final OneDnnPrimitive packForMap;
    private final float[] kernelValues;

    Backward() {
      Description description = dnn.describe(weightGradient(), forwardDescription);
      this.ofWeights =
          kind.bias()
              ? dnn.primitive(
                  description,
                  DNNL_ARG_SRC,
                  DNNL_ARG_DIFF_DST,
                  DNNL_ARG_DIFF_WEIGHTS,
                  DNNL_ARG_DIFF_BIAS)
              : dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS);
      Format gradient = description.argument(DNNL_ARG_DIFF_WEIGHTS);
      this.unpackGradient = copy(gradient, canonical);
      this.addGradient = copy(gradient, canonical, PostOp.SUM);
      this.ofWeightsByImage = weightGradientByImage();
      Description map;
      if (mirrored) {
        map = dnn.describe(mirroredForward(), null);
        this.ofMap = dnn.primitive(map, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
      } else {
        map = dnn.describe(mapGradient(), forwardDescription);
        this.ofMap = dnn.primitive(map, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC);
      }
      this.mapWeights = map.argument(DNNL_ARG_WEIGHTS);
      this.packForMap = copy(canonical, mapWeights);
      this.kernelValues = new float[mirrored ? (int) (canonical.bytes() / Float.BYTES) : 0];
    }

    private dnnl_convolution_desc_t weightGradient() {
      dnnl_convolution_desc_t operation = new dnnl_convolution_desc_t();
      OneDnn.check(
          dnnl_dilated_convolution_backward_weights_desc_init(
              operation,
              dnnl_convolution_direct,
              x.desc(),
              OneDnn.anyFormat(weightDims),
              biasFormat(kind.bias()),
              y.desc(),
              strides(),
              dilation(),
              padding(false),
              padding(true)),
          "the weight gradient of a convolution");
      return operation;
    }

    private dnnl_convolution_desc_t mapGradient() {
      dnnl_convolution_desc_t operation = new dnnl_convolution_desc_t();
      OneDnn.check(
          dnnl_dilated_convolution_backward_data_desc_init(
              operation,
              dnnl_convolution_direct,
              x.desc(),
              OneDnn.anyFormat(weightDims),
              y.desc(),
              strides(),
              dilation(),
              padding(false),
              padding(true)),
          "the map gradient of a convolution");
      return operation;
    }

    private dnnl_convolution_desc_t mirroredForward() {
      Window w = kind.window();
      long rows = (w.kernelH() - 1L) * w.dilationH();
      long columns = (w.kernelW() - 1L) * w.dilationW();
      return OneDnnConvolution.this.forward(
          y,
          x,
          new long[] {rows - w.top(), columns - w.left()},
          new long[] {rows - w.bottom(), columns - w.right()},
          false);
    }

    private @Nullable OneDnnPrimitive weightGradientByImage() {
      Window w = kind.window();
      if (!mirrored
          || kind.bias()
          || w.kernelH() < LARGE_KERNEL
          || w.kernelW() < LARGE_KERNEL
          || w.dilationH() != 1
          || w.dilationW() != 1) {
        return null;
      }
      FeatureShape in = kind.in();
      FeatureShape out = kind.out();
      int channels = in.channels();
      dnnl_convolution_desc_t operation = new dnnl_convolution_desc_t();
      OneDnn.check(
          dnnl_convolution_forward_desc_init(
              operation,
              dnnl_forward_inference,
              dnnl_convolution_direct,
              dnn.format(dnnl_nhwc, 1, channels, in.height(), in.width()).desc(),
              // In this layout one image in NHWC is a depthwise kernel.
              dnn.format(dnnl_hwioG16g, channels, 1, 1, out.height(), out.width()).desc(),
              null,
              dnn.format(dnnl_nhwc, 1, channels, w.kernelH(), w.kernelW()).desc(),
              new long[] {1, 1},
              padding(false),
              padding(true)),
          "a convolution with a gradient");
      Description description = dnn.tryDescribe(operation, null, PostOp.SUM);
      return description == null || description.implementation().startsWith("ref")
          ? null
          : dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
    }

    /**
     * The gradients of kernel and bias; added to what is there unless these images are the first.
     */
    void weights(long x, long dy, Weight kernel, @Nullable Weight bias, boolean first) {
      long gradient = Host.address(kernel.gradient());
      if (ofWeightsByImage != null) {
        long imageIn = kind.in().size() * Float.BYTES;
        long imageOut = kind.out().size() * Float.BYTES;
        if (first) {
          Host.clear(kernel.gradient());
        }
        for (int n = 0; n < kind.batch(); n++) {
          // One image's result is [kH, kW, C]: the layout of the gradient.
          ofWeightsByImage.run(x + n * imageIn, dy + n * imageOut, gradient);
        }
        return;
      }
      long transit = dnn.transit().address();
      if (bias == null) {
        ofWeights.run(x, dy, transit);
      } else {
        ofWeights.run(x, dy, transit, Host.address(bias.gradient()));
      }
      (first ? unpackGradient : addGradient).run(transit, gradient);
    }

    void map(long dy, long dx, Weight kernel) {
      Object key = mirrored ? new Mirrored(mapWeights) : mapWeights;
      long weights =
          OneDnnWeight.address(
              kernel, key, kernel.version(), mapWeights.bytes(), to -> packForMap(kernel, to));
      ofMap.run(dy, weights, dx);
    }

    private void packForMap(Weight kernel, long to) {
      if (!mirrored) {
        packForMap.run(Host.address(kernel.value()), to);
        return;
      }
      FloatBuffer values = Host.floats(kernel.value());
      values.get(0, kernelValues);
      int channels = kind.in().channels();
      FloatBuffer mirror = dnn.transit().asFloats();
      for (int i = 0; i < kernelValues.length; i += channels) {
        mirror.put(kernelValues.length - channels - i, kernelValues, i, channels);
      }
      packForMap.run(dnn.transit().address(), to);
    }
  }

  /** The key of a mirrored kernel in a format. */
  private record Mirrored(Format format) {}
}
