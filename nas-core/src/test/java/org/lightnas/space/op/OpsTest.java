package org.lightnas.space.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;

class OpsTest {

  @Test
  void idsSayWhatDistinguishesCandidatesOfAChoice() {
    assertThat(new MbConv(5, 6, 24, 2).id()).isEqualTo("k5e6");
    assertThat(new ConvBnAct(3, 16, 1).id()).isEqualTo("conv3");
    assertThat(new SkipConnect(16, 1).id()).isEqualTo("skip");
    assertThat(new ConvBnRelu(7, 16, 2).id()).isEqualTo("relu_conv7");
    assertThat(new MaxPool(3, 2).id()).isEqualTo("maxpool3");
    assertThat(new BasicBlock(16, 2).id()).isEqualTo("basic");
    assertThat(new Bottleneck(16, 2).id()).isEqualTo("bottleneck");
    Op op = new MbConv(5, 6, 24, 2);
    assertThat(op.weightKey()).isEqualTo(op.id());
    assertThat(op).isEqualTo(new MbConv(5, 6, 24, 2)).isNotEqualTo(new MbConv(5, 6, 24, 1));
  }

  @Test
  void kernelsMustBeOdd() {
    for (int kernel : new int[] {0, 2, -3}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new MbConv(kernel, 3, 8, 1))
          .withMessage("The kernel of MbConv must be odd, but is %s.", kernel);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ConvBnAct(kernel, 8, 1))
          .withMessage("The kernel of ConvBnAct must be odd, but is %s.", kernel);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ConvBnRelu(kernel, 8, 1))
          .withMessage("The kernel of ConvBnRelu must be odd, but is %s.", kernel);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new MaxPool(kernel, 2))
          .withMessage("The kernel of MaxPool must be odd, but is %s.", kernel);
    }
  }

  @Test
  void everythingElseMustBePositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MbConv(3, 0, 8, 1))
        .withMessage(
            "Expansion, channels and stride of MbConv must be positive, but are 0, 8 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MbConv(3, 1, 0, 1))
        .withMessageContaining("are 1, 0 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MbConv(3, 1, 8, -1))
        .withMessageContaining("are 1, 8 and -1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ConvBnAct(3, 0, 1))
        .withMessage("Channels and stride of ConvBnAct must be positive, but are 0 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ConvBnAct(3, 8, 0))
        .withMessageContaining("are 8 and 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SkipConnect(0, 1))
        .withMessage("Channels and stride of SkipConnect must be positive, but are 0 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SkipConnect(8, 0))
        .withMessageContaining("are 8 and 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ConvBnRelu(3, 0, 1))
        .withMessage("Channels and stride of ConvBnRelu must be positive, but are 0 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MaxPool(3, 0))
        .withMessage("The stride of MaxPool must be positive, but is 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BasicBlock(8, 0))
        .withMessage("Channels and stride of BasicBlock must be positive, but are 8 and 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bottleneck(0, 1))
        .withMessage("Inner channels and stride of Bottleneck must be positive, but are 0 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DenseBnAct(0, 1))
        .withMessage("The units of DenseBnAct must be positive, but are 0.");
    for (double keep : new double[] {0, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new DenseBnAct(8, keep))
          .withMessage("DenseBnAct must keep values with a probability in (0, 1], not %s.", keep);
    }
  }

  @Test
  void denseLayersTakeVectors() {
    DenseBnAct op = new DenseBnAct(8, 0.8);
    assertThat(op.id()).isEqualTo("dense8");
    assertThat(op.outputShape(FeatureShape.vector(3))).isEqualTo(FeatureShape.vector(8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> op.outputShape(new FeatureShape(3, 2, 1)))
        .withMessage(
            "DenseBnAct takes vectors, but is given 3x2x1.\n"
                + "Maybe put it into the tail, after the pooling.");
  }

  @Test
  void denseActIsDenseBnActWithoutItsNorm() {
    assertThat(new DenseAct(8, 0.8).outputShape(FeatureShape.vector(3)))
        .isEqualTo(FeatureShape.vector(8));
    assertThat(new DenseAct(8, 1).id()).isNotEqualTo(new DenseBnAct(8, 1).id());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DenseAct(0, 1))
        .withMessage("The units of DenseAct must be positive, but are 0.");
    for (double keep : new double[] {0, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new DenseAct(8, keep))
          .withMessage("DenseAct must keep values with a probability in (0, 1], not %s.", keep);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DenseAct(8, 1).outputShape(new FeatureShape(3, 2, 1)))
        .withMessageStartingWith("DenseAct takes vectors, but is given 3x2x1.");
  }
}
