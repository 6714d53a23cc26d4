package org.lightnas.engine;

import java.util.List;
import java.util.function.Supplier;
import org.lightnas.graph.Window;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dilated kernel written out with its zeros. ND4J 1.0.0-M2.1 forgets the dilation where it works
 * out the padding for oneDNN, which then refuses every dilated convolution; so it gets a plain one.
 */
final class SpreadKernel implements Weight.Derived {

  private final INDArray dense;
  private final Supplier<INDArray> denseGradient;
  private final INDArray value;
  private final INDArray gradient;
  private final INDArray taps;
  private final INDArray gradientOfTaps;

  private SpreadKernel(INDArray dense, Supplier<INDArray> denseGradient, Window dilated) {
    Window plain = plain(dilated);
    long[] shape = dense.shape().clone();
    shape[0] = plain.kernelH();
    shape[1] = plain.kernelW();
    this.dense = dense;
    this.denseGradient = denseGradient;
    this.value = Nd4j.create(dense.dataType(), shape);
    this.gradient = denseGradient.get() == dense ? value : Nd4j.create(dense.dataType(), shape);
    this.taps = taps(value, dilated);
    this.gradientOfTaps = taps(gradient, dilated);
  }

  /** Whether a window has zeros to be written out. */
  static boolean needed(Window window) {
    return window.dilationH() > 1 || window.dilationW() > 1;
  }

  /** The one for this weight under this window. */
  static SpreadKernel of(Weight weight, Window dilated) {
    return of(weight, weight.value(), weight::gradient, weight, dilated);
  }

  /** The one for these weights under this window; it is never run backward. */
  static SpreadKernel of(FoldedWeights weights, Window dilated) {
    return of(weights, weights.kernel(), weights::kernel, weights.owner(), dilated);
  }

  private static SpreadKernel of(
      Object key, INDArray dense, Supplier<INDArray> gradient, Weight owner, Window dilated) {
    return (SpreadKernel)
        owner.derived(
            List.of(SpreadKernel.class, key, dilated.dilationH(), dilated.dilationW()),
            () -> new SpreadKernel(dense, gradient, dilated));
  }

  /** The window without dilation that covers the same pixels. */
  static Window plain(Window dilated) {
    return new Window(
        (dilated.kernelH() - 1) * dilated.dilationH() + 1,
        (dilated.kernelW() - 1) * dilated.dilationW() + 1,
        dilated.strideH(),
        dilated.strideW(),
        dilated.top(),
        dilated.left(),
        dilated.bottom(),
        dilated.right(),
        1,
        1);
  }

  /** Every dilation-th row and column. */
  private INDArray taps(INDArray spread, Window dilated) {
    long[] strides = spread.stride().clone();
    strides[0] *= dilated.dilationH();
    strides[1] *= dilated.dilationW();
    return Nd4j.create(spread.data(), dense.shape(), strides, 0, 'c');
  }

  INDArray value() {
    return value;
  }

  INDArray gradient() {
    return gradient;
  }

  /** The convolution on what this kernel holds, as one on the dense kernel. */
  Kernel around(Kernel plain) {
    return Kernel.of(
        pass -> {
          taps.assign(dense);
          plain.forward(pass);
        },
        () -> {
          plain.backward();
          denseGradient.get().assign(gradientOfTaps);
        });
  }

  @Override
  public void close() {
    value.close();
    if (gradient != value) {
      gradient.close();
    }
  }
}
