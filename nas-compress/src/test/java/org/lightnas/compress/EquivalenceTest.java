package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.nd4j.linalg.activations.Activation;

class EquivalenceTest {

  private static final FeatureShape INPUT = new FeatureShape(1, 4, 3);

  /** {@code weight * x + bias} for each pixel, {@code width} times. */
  private static ComputationGraph line(int channels, int width, double weight, double bias) {
    ComputationGraph network =
        new ComputationGraph(map(channels, width).setOutputs("conv").build());
    network.init();
    network.getLayer("conv").getParam("W").assign(weight);
    network.getLayer("conv").getParam("b").assign(bias);
    return network;
  }

  private static GraphBuilder map(int channels, int width) {
    return new NeuralNetConfiguration.Builder()
        .graphBuilder()
        .addInputs("in")
        .addLayer(
            "conv",
            new ConvolutionLayer.Builder(1, 1)
                .nIn(channels)
                .nOut(width)
                .activation(Activation.IDENTITY)
                .build(),
            "in");
  }

  @Test
  void measuresTheLargestDifferenceAgainstTheLargestAnswer() {
    Equivalence shifted = Equivalence.compare(line(1, 2, 0, -8), line(1, 2, 0, -8.5), INPUT, 5, 0);
    assertThat(shifted).isEqualTo(new Equivalence(5, 0.5, 8, Equivalence.LIMIT));
    assertThat(shifted.relativeError()).isEqualTo(0.5 / 8);
    assertThat(shifted.holds()).isFalse();
    assertThat(shifted.withLimit(0.07).holds()).isTrue();
  }

  @Test
  void takesTheDifferenceItselfWhereAnswersAreSmall() {
    Equivalence shifted =
        Equivalence.compare(line(1, 1, 0, 0.125), line(1, 1, 0, 0.25), INPUT, 1, 0);
    assertThat(shifted.relativeError()).isEqualTo(0.125);
  }

  @Test
  void triesUniformImagesInSeveralBatchesAndTheSameForTheSameSeed() {
    ComputationGraph once = line(1, 1, 1, 0);
    ComputationGraph twice = line(1, 1, 2, 0);
    Equivalence all = Equivalence.compare(once, twice, INPUT, 70, 3);
    assertThat(all.inputs()).isEqualTo(70);
    // The largest of 840 uniform values, and what the identity makes of it.
    assertThat(all.maxDifference()).isBetween(0.98, 1.0).isEqualTo(all.maxOutput());
    assertThat(Equivalence.compare(once, twice, INPUT, 70, 3)).isEqualTo(all);
    assertThat(Equivalence.compare(once, twice, INPUT, 70, 4)).isNotEqualTo(all);
    // The second batch shows other images than the first.
    assertThat(Equivalence.compare(once, twice, INPUT, 64, 7).maxOutput())
        .isGreaterThan(Equivalence.compare(once, twice, INPUT, 32, 7).maxOutput());
  }

  @Test
  void triesAllGivenImages() {
    ImageSet images = ImageData.generated(40, 10, 2).train();
    Equivalence same = Equivalence.compare(line(3, 1, 1, 0.5), line(3, 1, 1, 0.75), images);
    assertThat(same.inputs()).isEqualTo(40);
    assertThat(same.maxDifference()).isEqualTo(0.25, within(1e-6));
    assertThat(same.maxOutput()).isBetween(1.5, 3.5);
  }

  @Test
  void neverHoldsWhereAnAnswerIsNotFinite() {
    ComputationGraph good = line(1, 2, 1, 0);
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      ComputationGraph broken = line(1, 2, 1, bad);
      Equivalence after = Equivalence.compare(good, broken, INPUT, 1, 0);
      assertThat(after.holds()).isFalse();
      assertThat(after.maxDifference()).isNaN();
      assertThat(after.maxOutput()).isLessThan(1);
      Equivalence both = Equivalence.compare(broken, broken, INPUT, 1, 0);
      assertThat(both.holds()).isFalse();
      assertThat(both.maxOutput()).isNaN();
      assertThat(after.and(both).maxOutput()).isNaN();
    }
  }

  @Test
  void refusesAnswersOfDifferentShapes() {
    assertThatThrownBy(() -> Equivalence.compare(line(1, 2, 0, 0), line(1, 3, 0, 0), INPUT, 5, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "For images of [5, 1, 4, 3] the network before answers with [5, 2, 4, 3], the one after"
                + " with [5, 3, 4, 3].");
  }

  @Test
  void refusesSeveralOutputs() {
    ComputationGraph two =
        new ComputationGraph(
            map(1, 2)
                .addLayer("more", new ConvolutionLayer.Builder(1, 1).nIn(2).nOut(2).build(), "conv")
                .setOutputs("conv", "more")
                .build());
    two.init();
    assertThatThrownBy(() -> Equivalence.compare(line(1, 2, 0, 0), two, INPUT, 5, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The network after has 1 inputs and 2 outputs, but only networks with one of each can"
                + " be compared.");
  }

  @Test
  void refusesToTryNothing() {
    ComputationGraph network = line(1, 1, 0, 0);
    assertThatThrownBy(() -> Equivalence.compare(network, network, INPUT, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A comparison needs at least one input, but has 0.");
    assertThatThrownBy(() -> new Equivalence(0, 0, 0, 1))
        .hasMessage("A comparison needs at least one input, but has 0.");
  }

  @Test
  void refusesALimitThatNothingMeets() {
    Equivalence any = new Equivalence(1, 0, 0, 1);
    for (double limit : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> any.withLimit(limit))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The limit of a comparison must be positive, but is " + limit + ".");
    }
  }

  @Test
  void joinsInputsAndAddsUpSteps() {
    Equivalence a = new Equivalence(10, 0.5, 3, 0.25);
    Equivalence b = new Equivalence(4, 0.25, 5, 0.5);
    assertThat(a.and(b)).isEqualTo(new Equivalence(14, 0.5, 5, 0.25));
    assertThat(a.then(b)).isEqualTo(new Equivalence(4, 0.75, 3, 0.75));
  }

  @Test
  void isOneLineOfText() {
    assertThat(new Equivalence(1000, 2.5e-6, 5, 1e-4))
        .hasToString(
            "relative error 5.0e-07 on 1,000 inputs (max|Δ| 2.5e-06, max|y| 5.00, limit 1.0e-04)");
    assertThat(new Equivalence(1, 0, 0, 1e-5).toString()).contains("on 1 input (");
  }
}
