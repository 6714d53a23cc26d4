package org.lightnas.space.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.Choice;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

class OpsTest {

  @Test
  void idsSayWhatDistinguishesCandidatesOfAChoice() {
    assertThat(new MbConv(5, 6, 24, 2).id()).isEqualTo("k5e6");
    assertThat(new ConvBnAct(3, 16, 1).id()).isEqualTo("conv3");
    assertThat(new SkipConnect(16, 1).id()).isEqualTo("skip");
    assertThat(new ConvBnAct(7, 16, 2, Activation.RELU).id()).isEqualTo("relu_conv7");
    assertThat(new MaxPool(3, 2).id()).isEqualTo("maxpool3");
    assertThat(new BasicBlock(16, 2).id()).isEqualTo("basic");
    assertThat(new Bottleneck(16, 2).id()).isEqualTo("bottleneck");
    Op op = new MbConv(5, 6, 24, 2);
    assertThat(op.weightKey()).isEqualTo(op.id());
    assertThat(op).isEqualTo(new MbConv(5, 6, 24, 2)).isNotEqualTo(new MbConv(5, 6, 24, 1));
  }

  /** Of the others {@link OpShapeProperties} builds spaces. */
  @Test
  void idsAreWhatAChoiceTakes() {
    List<Op> ops = new ArrayList<>(List.of(new DenseBnAct(8, 0.5), new DenseAct(8, 0.5)));
    for (Activation activation : Activation.values()) {
      ops.add(new ConvBnAct(3, 8, 1, activation));
    }
    assertThat(new Choice("all", List.copyOf(ops)).size()).isEqualTo(ops.size());
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

  @Test
  void widthsOfAShuffledUnitShareTheirWeights() {
    assertThat(new ShuffleUnit(5, 0.3, 64, 2).id()).isEqualTo("shuffle5w0.3");
    assertThat(new ShuffleUnit(5, 0.3, 64, 2).weightKey()).isEqualTo("shuffle5");
    assertThat(new ShuffleXception(1, 64, 2).id()).isEqualTo("xceptionw1.0");
    assertThat(new ShuffleXception(1, 64, 2).weightKey()).isEqualTo("xception");
  }

  @Test
  void shuffledUnitsRefuseWhatTheyCannotMake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ShuffleUnit(4, 1, 8, 1))
        .withMessage("The kernel of ShuffleUnit must be odd, but is 4.");
    for (double width : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ShuffleUnit(3, width, 8, 1))
          .withMessage("The width of ShuffleUnit must be a positive number, but is %s.", width);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ShuffleXception(1, 7, 1))
        .withMessage(
            "The channels of ShuffleXception must be even and positive, the stride positive, but"
                + " are 7 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ShuffleXception(1, 8, 0))
        .withMessageContaining("are 8 and 0.");
    FeatureShape in = new FeatureShape(8, 4, 4);
    assertThat(new ShuffleUnit(3, 1, 8, 1).outputShape(in)).isEqualTo(in);
    for (Op op : new Op[] {new ShuffleUnit(3, 1, 8, 2), new ShuffleUnit(3, 1, 6, 1)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> op.outputShape(in))
          .withMessage(
              "'shuffle3w1.0' joins others to the 8 channels that it is given, so it cannot make"
                  + " %s.\nMaybe give it more channels.",
              ((ShuffleUnit) op).channels());
    }
  }
}
