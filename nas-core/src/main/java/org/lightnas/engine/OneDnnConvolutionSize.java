package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_convolution_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.engine.OneDnn.PostOp;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;

/**
 * The convolutions of one kind and size in oneDNN's terms: where x and y lie, and what each of the
 * three passes is called.
 */
final class OneDnnConvolutionSize {

  private final OneDnn dnn;
  private final Kind kind;
  private final long[] weightDims;
  private final Format x;
  private final Format y;
  private final Format canonical;

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

  OneDnnConvolutionSize(OneDnn dnn, Kind kind) {
    this.dnn = dnn;
    this.kind = kind;
    int in = kind.in().channels();
    int out = kind.out().channels();
    Window w = kind.window();
    this.weightDims =
        kind.depthwise()
            ? new long[] {in, out / in, 1, w.kernelH(), w.kernelW()}
            : new long[] {out, in, w.kernelH(), w.kernelW()};
    this.canonical = weights(kind.depthwise() ? dnnl_hwigo : dnnl_hwio);
    this.x = map(kind.in());
    this.y = map(kind.out());
  }

  Kind kind() {
    return kind;
  }

  /** The weights in a known layout. */
  Format weights(int tag) {
    return dnn.format(tag, weightDims);
  }

  /**
   * As {@link OneDnn#describe}, by the plain implementation where a dilated kernel spans more than
   * the map: for some of these oneDNN 2.5.2 is wrong by up to a tenth (5x5 with dilation 2 on 2x7
   * pixels of one channel).
   */
  OneDnn.Description describe(
      Pointer operation, OneDnn.@Nullable Description hint, PostOp... after) {
    Window w = kind.window();
    boolean spans =
        SpreadKernel.needed(w)
            && ((w.kernelH() - 1) * w.dilationH() >= kind.in().height()
                || (w.kernelW() - 1) * w.dilationW() >= kind.in().width());
    return spans
        ? dnn.describePreferring("ref", operation, hint, after)
        : dnn.describe(operation, hint, after);
  }

  /** The weights in ND4J's layout. */
  Format canonical() {
    return canonical;
  }

  private Format map(FeatureShape shape) {
    return dnn.format(dnnl_nhwc, kind.batch(), shape.channels(), shape.height(), shape.width());
  }

  /** Brings weights from one layout into another; they may lie in the session's transit. */
  OneDnnPrimitive copy(Format from, Format to, PostOp... after) {
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

  /** At the top and left. */
  long[] begin() {
    return new long[] {kind.window().top(), kind.window().left()};
  }

  /** At the bottom and right. */
  long[] end() {
    return new long[] {kind.window().bottom(), kind.window().right()};
  }

  private @Nullable dnnl_memory_desc_t bias(boolean bias) {
    return bias ? dnn.format(dnnl_x, kind.out().channels()).desc() : null;
  }

  /** The forward pass. */
  dnnl_convolution_desc_t forward() {
    return forward(x, y, begin(), end(), kind.bias());
  }

  /** The gradient of x as the convolution of dy with the mirrored kernel. */
  dnnl_convolution_desc_t mirroredForward() {
    Window w = kind.window();
    long rows = (w.kernelH() - 1L) * w.dilationH();
    long columns = (w.kernelW() - 1L) * w.dilationW();
    return forward(
        y,
        x,
        new long[] {rows - w.top(), columns - w.left()},
        new long[] {rows - w.bottom(), columns - w.right()},
        false);
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
            bias(bias),
            to.desc(),
            strides(),
            dilation(),
            begin,
            end),
        "a convolution");
    return operation;
  }

  dnnl_convolution_desc_t weightGradient() {
    dnnl_convolution_desc_t operation = new dnnl_convolution_desc_t();
    OneDnn.check(
        dnnl_dilated_convolution_backward_weights_desc_init(
            operation,
            dnnl_convolution_direct,
            x.desc(),
            OneDnn.anyFormat(weightDims),
            bias(kind.bias()),
            y.desc(),
            strides(),
            dilation(),
            begin(),
            end()),
        "the weight gradient of a convolution");
    return operation;
  }

  dnnl_convolution_desc_t mapGradient() {
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
            begin(),
            end()),
        "the map gradient of a convolution");
    return operation;
  }
}
