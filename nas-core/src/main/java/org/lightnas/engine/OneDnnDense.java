package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_inner_product_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.jspecify.annotations.Nullable;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;

/** All matrix products of one size, on weights as ND4J has them. */
final class OneDnnDense {

  private final OneDnnPrimitive forward;
  private final OneDnnPrimitive ofWeights;
  private final OneDnnPrimitive ofVectors;

  /** What one is made for. */
  record Kind(int batch, int in, int out, boolean bias) {}

  OneDnnDense(OneDnn dnn, Kind kind) {
    Format x = dnn.format(dnnl_nc, kind.batch(), kind.in());
    Format y = dnn.format(dnnl_nc, kind.batch(), kind.out());
    Format w = dnn.format(dnnl_io, kind.out(), kind.in());
    dnnl_memory_desc_t b = kind.bias() ? dnn.format(dnnl_x, kind.out()).desc() : null;
    dnnl_inner_product_desc_t ahead = new dnnl_inner_product_desc_t();
    OneDnn.check(
        dnnl_inner_product_forward_desc_init(
            ahead, dnnl_forward_training, x.desc(), w.desc(), b, y.desc()),
        "a matrix product");
    Description description = dnn.describe(ahead, null);
    dnnl_inner_product_desc_t weights = new dnnl_inner_product_desc_t();
    OneDnn.check(
        dnnl_inner_product_backward_weights_desc_init(weights, x.desc(), w.desc(), b, y.desc()),
        "the weight gradient of a matrix product");
    Description weightGradient = dnn.describe(weights, description);
    if (kind.bias()) {
      this.forward =
          dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_BIAS);
      this.ofWeights =
          dnn.primitive(
              weightGradient,
              DNNL_ARG_SRC,
              DNNL_ARG_DIFF_DST,
              DNNL_ARG_DIFF_WEIGHTS,
              DNNL_ARG_DIFF_BIAS);
    } else {
      this.forward = dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
      this.ofWeights =
          dnn.primitive(weightGradient, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS);
    }
    dnnl_inner_product_desc_t vectors = new dnnl_inner_product_desc_t();
    OneDnn.check(
        dnnl_inner_product_backward_data_desc_init(vectors, x.desc(), w.desc(), y.desc()),
        "the gradient of a matrix product");
    this.ofVectors =
        dnn.primitive(
            dnn.describe(vectors, description),
            DNNL_ARG_DIFF_DST,
            DNNL_ARG_WEIGHTS,
            DNNL_ARG_DIFF_SRC);
  }

  Kernel bind(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        long weights = Host.address(kernel.value());
        if (bias == null) {
          forward.run(x.map().address(), weights, y.map().address());
        } else {
          forward.run(x.map().address(), weights, y.map().address(), Host.address(bias.value()));
        }
      }

      @Override
      public void backward() {
        long dy = y.slope().address();
        long gradient = kernel.gradientArea().address();
        if (bias == null) {
          ofWeights.run(x.map().address(), dy, gradient);
        } else {
          ofWeights.run(x.map().address(), dy, gradient, bias.gradientArea().address());
        }
        if (x.differentiated()) {
          ofVectors.run(dy, Host.address(kernel.value()), x.slope().address());
        }
      }
    };
  }
}
