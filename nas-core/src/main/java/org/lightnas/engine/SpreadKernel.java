package org.lightnas.engine;

import java.util.List;
import org.lightnas.graph.Window;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dilated kernel written out with its zeros. ND4J 1.0.0-M2.1 forgets the dilation where it works
 * out the padding for oneDNN, which then refuses every dilated convolution; so it gets a plain one.
 */
final class SpreadKernel implements Weight.Derived {

  private final Weight weight;
  private final INDArray value;
  private final INDArray gradient;
  private final INDArray taps;
  private final INDArray gradientOfTaps;

  private SpreadKernel(Weight weight, Window plain, Window dilated) {
    long[] shape = weight.value().shape().clone();
    shape[0] = plain.kernelH();
    shape[1] = plain.kernelW();
    this.weight = weight;
    this.value = Nd4j.create(weight.value().dataType(), shape);
    this.gradient = Nd4j.create(weight.value().dataType(), shape);
    this.taps = taps(value, dilated);
    this.gradientOfTaps = taps(gradient, dilated);
  }

  /** The one for this weight under this window. */
  static SpreadKernel of(Weight weight, Window dilated) {
    List<Object> key = List.of(SpreadKernel.class, dilated.dilationH(), dilated.dilationW());
    return (SpreadKernel)
        weight.derived(key, () -> new SpreadKernel(weight, plain(dilated), dilated));
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
    return Nd4j.create(spread.data(), weight.value().shape(), strides, 0, 'c');
  }

  INDArray value() {
    return value;
  }

  INDArray gradient() {
    return gradient;
  }

  /** The convolution on what this kernel holds, as one on the weight. */
  Kernel around(Kernel plain) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        taps.assign(weight.value());
        plain.forward(pass);
      }

      @Override
      public void backward() {
        plain.backward();
        weight.gradient().assign(gradientOfTaps);
      }
    };
  }

  @Override
  public void close() {
    value.close();
    gradient.close();
  }
}
