package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.jspecify.annotations.Nullable;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.engine.OneDnn.PostOp;
import org.lightnas.engine.OneDnnConvolutionSize.Kind;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All convolutions of one kind and size. Weights come and gradients go in ND4J's layouts; oneDNN
 * chooses its own in between.
 */
final class OneDnnConvolution {

  /** Bytes of dy that two cores still find in their caches when they read it again. */
  private static final long CACHED = 2 << 20;

  private final OneDnn dnn;
  private final Kind kind;
  private final OneDnnConvolutionSize size;
  private final Description description;
  private final OneDnnPrimitive forward;
  private final Format weights;
  private final OneDnnPrimitive pack;
  private @Nullable OneDnnConvolutionGradient gradient;

  OneDnnConvolution(OneDnn dnn, Kind kind, PostOp... after) {
    this.dnn = dnn;
    this.kind = kind;
    this.size = new OneDnnConvolutionSize(dnn, kind);
    this.description = size.describe(size.forward(), null, after);
    this.forward =
        kind.bias()
            ? dnn.primitive(
                description, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_BIAS)
            : dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
    this.weights = description.argument(DNNL_ARG_WEIGHTS);
    this.pack = size.copy(size.canonical(), weights);
    dnn.needPacked(weights.bytes());
  }

  Kernel bind(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    return new Bound(x, y, kernel, bias);
  }

  /** On weights with a batch norm folded in. */
  void forward(Area from, Area to, FoldedWeights folded) {
    folded.renew();
    long packed = packed(folded.kernel());
    forward.run(from.address(), packed, to.address(), Host.address(folded.bias()));
  }

  /** The kernel in oneDNN's layout, until the next is packed. */
  private long packed(INDArray kernel) {
    pack.run(Host.address(kernel), dnn.packed().address());
    return dnn.packed().address();
  }

  /**
   * Made when the first gradient is asked for, for as many images as a backward pass should take at
   * a time: both gradients read dy, and the second finds it in the cache if there is not too much
   * of it.
   */
  private OneDnnConvolutionGradient gradient() {
    if (gradient == null) {
      long image = kind.out().size() * Float.BYTES;
      int images = kind.batch();
      while (!kind.bias() && images % 2 == 0 && images * image > CACHED) {
        images /= 2;
      }
      if (images == kind.batch()) {
        gradient = new OneDnnConvolutionGradient(dnn, size, description);
      } else {
        var part = new OneDnnConvolutionSize(dnn, kind.withBatch(images));
        gradient = new OneDnnConvolutionGradient(dnn, part, part.describe(part.forward(), null));
      }
    }
    return gradient;
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
      long packed = packed(kernel.value());
      if (bias == null) {
        forward.run(x.map().address(), packed, y.map().address());
      } else {
        forward.run(x.map().address(), packed, y.map().address(), Host.address(bias.value()));
      }
    }

    @Override
    public void backward() {
      OneDnnConvolutionGradient gradient = gradient();
      int images = gradient.images();
      long in = kind.in().size() * images * Float.BYTES;
      long out = kind.out().size() * images * Float.BYTES;
      for (int i = 0; i < kind.batch() / images; i++) {
        long from = x.map().address() + i * in;
        long dy = y.slope().address() + i * out;
        gradient.weights(from, dy, kernel, bias, i == 0);
        if (x.differentiated()) {
          gradient.map(dy, x.slope().address() + i * in, kernel);
        }
      }
    }
  }
}
