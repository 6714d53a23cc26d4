package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.Map;
import org.bytedeco.dnnl.dnnl_eltwise_desc_t;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.nd4j.linalg.activations.Activation;

/** A function of each value by itself, on maps of one size. */
final class OneDnnActivation {

  private final OneDnnPrimitive forward;
  private final OneDnnPrimitive backward;

  /**
   * A function in oneDNN's terms.
   *
   * @param fromResult whether the backward pass reads the result instead of the input
   */
  record Function(int algorithm, int backward, float alpha, float beta, boolean fromResult) {

    /** Functions that oneDNN computes as DL4J does. */
    private static final Map<Activation, Function> KNOWN =
        Map.of(
            Activation.RELU,
            new Function(dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd, 0, 0, true),
            Activation.RELU6,
            new Function(dnnl_eltwise_clip_v2, dnnl_eltwise_clip_v2_use_dst_for_bwd, 0, 6, true),
            Activation.TANH,
            ofInput(dnnl_eltwise_tanh, 0, 0),
            Activation.SIGMOID,
            ofInput(dnnl_eltwise_logistic, 0, 0),
            Activation.SWISH,
            ofInput(dnnl_eltwise_swish, 1, 0),
            Activation.ELU,
            ofInput(dnnl_eltwise_elu, 1, 0),
            Activation.LEAKYRELU,
            ofInput(dnnl_eltwise_relu, 0.01f, 0));

    static boolean knows(Activation activation) {
      return KNOWN.containsKey(activation);
    }

    static Function of(Activation activation) {
      Function function = KNOWN.get(activation);
      if (function == null) {
        throw new IllegalArgumentException(activation + " is none of " + KNOWN.keySet() + ".");
      }
      return function;
    }

    /** Multiplication by a constant. */
    static Function scale(double factor) {
      return ofInput(dnnl_eltwise_linear, (float) factor, 0);
    }

    private static Function ofInput(int algorithm, float alpha, float beta) {
      return new Function(algorithm, algorithm, alpha, beta, false);
    }
  }

  OneDnnActivation(OneDnn dnn, Format map, Function f) {
    dnnl_eltwise_desc_t ahead = new dnnl_eltwise_desc_t();
    OneDnn.check(
        dnnl_eltwise_forward_desc_init(
            ahead, dnnl_forward_training, f.algorithm(), map.desc(), f.alpha(), f.beta()),
        "an activation");
    Description description = dnn.describe(ahead, null);
    this.forward = dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_DST);
    dnnl_eltwise_desc_t back = new dnnl_eltwise_desc_t();
    OneDnn.check(
        dnnl_eltwise_backward_desc_init(
            back, f.backward(), map.desc(), map.desc(), f.alpha(), f.beta()),
        "the gradient of an activation");
    this.backward =
        dnn.primitive(
            dnn.describe(back, description),
            f.fromResult() ? DNNL_ARG_DST : DNNL_ARG_SRC,
            DNNL_ARG_DIFF_DST,
            DNNL_ARG_DIFF_SRC);
  }

  void forward(long x, long y) {
    forward.run(x, y);
  }

  /**
   * From dy to dx, which may be the same.
   *
   * @param known x or y, as {@link Function#fromResult} says
   */
  void backward(long known, long dy, long dx) {
    backward.run(known, dy, dx);
  }
}
