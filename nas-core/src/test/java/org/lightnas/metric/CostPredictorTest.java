package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.zoo.LightNasSpace;

class CostPredictorTest {

  private static final LayeredSpace SPACE = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);

  @Test
  void countsWhatCostCounts() {
    CostPredictor macs = CostPredictor.macs(SPACE);
    CostPredictor parameters = CostPredictor.parameters(SPACE);
    for (int i = 0; i < 50; i++) {
      Architecture architecture = SPACE.sample(Seeds.random(1, "any", i));
      Cost cost = Cost.of(architecture);
      assertThat(macs.predict(architecture)).isEqualTo((double) cost.macs());
      assertThat(parameters.predict(architecture)).isEqualTo((double) cost.parameters());
    }
  }

  @Test
  void sensitivitiesAreSwaps() {
    for (CostPredictor predictor :
        new CostPredictor[] {CostPredictor.macs(SPACE), CostPredictor.activations(SPACE)}) {
      Architecture architecture = SPACE.sample(Seeds.random(2, "any", 0));
      double[][] change = predictor.sensitivity(architecture);
      for (int l = 0; l < change.length; l++) {
        for (int k = 0; k < change[l].length; k++) {
          assertThat(change[l][k])
              .isEqualTo(
                  predictor.predict(architecture.with(l, k)) - predictor.predict(architecture));
        }
      }
    }
  }

  /** By hand: the most that is alive at once is the input and the output of one convolution. */
  @Test
  void activationMemoryIsThatOfTheWidestMoment() {
    LayeredSpace space =
        LayeredSpace.named("maps", new FeatureShape(3, 8, 8), 2)
            .stem(new ConvBnAct(3, 4, 1))
            .choice("one", new ConvBnAct(3, 6, 1), new ConvBnAct(1, 6, 1))
            .build();
    // 64 pixels: 4 channels in, 6 out; norms and activations work in place.
    assertThat(FeatureMaps.peakBytes(LayerGraph.of(space, space.uniform(0))))
        .isEqualTo(4 * 64 * (4 + 6));
    LayeredSpace residual =
        LayeredSpace.named("residual", new FeatureShape(3, 8, 8), 2)
            .stem(new ConvBnAct(3, 4, 1))
            .choice("one", new MbConv(3, 3, 4, 1), new SkipConnect(4, 1))
            .build();
    // The block's input is kept for the sum, beside 12 expanded channels in and out of the
    // depthwise convolution.
    assertThat(CostPredictor.activations(residual).predict(residual.uniform(0)))
        .isEqualTo(4 * 64 * (4 + 12 + 12));
    assertThat(CostPredictor.activations(residual).predict(residual.uniform(1)))
        .isEqualTo(4 * 64 * (3 + 4));
  }

  @Test
  void refusesArchitecturesOfOtherSpaces() {
    Architecture other = LightNasSpace.small(new FeatureShape(3, 28, 28), 10).uniform(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CostPredictor.macs(SPACE).predict(other))
        .withMessageContaining("belongs to space 'lightnas-small (3x28x28, ")
        .withMessageContaining(", not to 'lightnas-small (3x32x32, ");
  }

  @Test
  void saysWhatItIs() {
    assertThat(CostPredictor.activations(SPACE))
        .hasToString("exact count of activation memory in space 'lightnas-small'");
    assertThat(CostPredictor.activations(SPACE).metric().unit()).isEqualTo("bytes");
    assertThat(CostPredictor.macs(SPACE).space()).isEqualTo(SPACE);
  }
}
