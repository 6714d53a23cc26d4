package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.engine.OneDnn.PostOp;
import org.lightnas.engine.OneDnnConvolutionSize.Kind;
import org.lightnas.graph.Window;

/**
 * The gradients of the convolutions of one size.
 *
 * <p>Two backward passes of depthwise convolutions are expressed by forward ones, which oneDNN has
 * made faster: the gradient of the map is the convolution of dy with the mirrored kernel; the
 * gradient of the kernel is, image by image, the convolution of x with dy as its kernel. Both are
 * taken only where the kernel's chosen layout says that the AVX-512 code is at work.
 */
final class OneDnnConvolutionGradient {

  /** From this kernel size on, the second of the two pays. */
  private static final int LARGE_KERNEL = 5;

  private final OneDnn dnn;
  private final Kind kind;
  private final OneDnnConvolutionSize size;
  private final boolean mirrored;
  private final OneDnnPrimitive ofWeights;
  private final OneDnnPrimitive unpackGradient;
  private final OneDnnPrimitive addGradient;
  private final @Nullable OneDnnPrimitive ofWeightsByImage;
  private final OneDnnPrimitive ofMap;
  private final OneDnnPrimitive packForMap;
  private final float[] kernelValues;

  /**
   * Made for so many images as the size says.
   *
   * @param forward what oneDNN does forward, its hint for what to do backward
   */
  OneDnnConvolutionGradient(OneDnn dnn, OneDnnConvolutionSize size, Description forward) {
    this.dnn = dnn;
    this.kind = size.kind();
    this.size = size;
    this.mirrored = isMirrored(forward.argument(DNNL_ARG_WEIGHTS));
    Description description = size.describe(size.weightGradient(), forward);
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
    this.unpackGradient = size.copy(gradient, size.canonical());
    this.addGradient = size.copy(gradient, size.canonical(), PostOp.SUM);
    this.ofWeightsByImage = weightGradientByImage();
    Description map;
    if (mirrored) {
      map = dnn.describe(size.mirroredForward(), null);
      this.ofMap = dnn.primitive(map, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
    } else {
      map = size.describe(size.mapGradient(), forward);
      this.ofMap = dnn.primitive(map, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC);
    }
    Format mapWeights = map.argument(DNNL_ARG_WEIGHTS);
    this.packForMap = size.copy(size.canonical(), mapWeights);
    dnn.needPacked(mapWeights.bytes());
    this.kernelValues = new float[mirrored ? (int) (size.canonical().bytes() / Float.BYTES) : 0];
  }

  private boolean isMirrored(Format weights) {
    Window w = kind.window();
    int channels = kind.in().channels();
    return kind.depthwise()
        && channels == kind.out().channels()
        && channels % 16 == 0
        && w.strideH() == 1
        && w.strideW() == 1
        && Math.max(w.top(), w.bottom()) <= (w.kernelH() - 1) * w.dilationH()
        && Math.max(w.left(), w.right()) <= (w.kernelW() - 1) * w.dilationW()
        && weights == size.weights(dnnl_hwioG16g);
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
            size.begin(),
            size.end()),
        "a convolution with a gradient");
    Description description = dnn.tryDescribe(operation, null, PostOp.SUM);
    return description == null || description.implementation().startsWith("ref")
        ? null
        : dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
  }

  /** For how many images it is made. */
  int images() {
    return kind.batch();
  }

  /** The gradients of kernel and bias; added to what is there unless these images are the first. */
  void weights(long x, long dy, Weight kernel, @Nullable Weight bias, boolean first) {
    Area place = kernel.gradientArea();
    long gradient = place.address();
    if (ofWeightsByImage != null) {
      long imageIn = kind.in().size() * Float.BYTES;
      long imageOut = kind.out().size() * Float.BYTES;
      if (first) {
        Pointer.memset(place.pointer(), 0, place.length() * Float.BYTES);
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
      ofWeights.run(x, dy, transit, bias.gradientArea().address());
    }
    (first ? unpackGradient : addGradient).run(transit, gradient);
  }

  void map(long dy, long dx, Weight kernel) {
    if (mirrored) {
      mirror(kernel);
      packForMap.run(dnn.transit().address(), dnn.packed().address());
    } else {
      packForMap.run(Host.address(kernel.value()), dnn.packed().address());
    }
    ofMap.run(dy, dnn.packed().address(), dx);
  }

  private void mirror(Weight kernel) {
    FloatBuffer values = Host.floats(kernel.value());
    values.get(0, kernelValues);
    int channels = kind.in().channels();
    FloatBuffer mirror = dnn.transit().asFloats();
    for (int i = 0; i < kernelValues.length; i += channels) {
      mirror.put(kernelValues.length - channels - i, kernelValues, i, channels);
    }
  }
}
