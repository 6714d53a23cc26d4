package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Samples;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

class CostTest {

  private static final LayeredSpace SMALL = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);

  @Test
  void countsTheReferenceNetworkOfTheSmallSpace() {
    Cost cost = Cost.of(SMALL.architecture(0, 1, 3, 1, 3, 5));
    assertThat(cost.macs()).isEqualTo(11_540_736);
  }

  /** By hand, vertex by vertex; what DL4J alone understands (a PReLU of 24) has parameters only. */
  @Test
  void countsEveryKindOfNode() {
    long macs = 72 * 8 * 15 * 3 + 20 * 16 * 9 + 20 * 16 * 9 * 8 + 144 * 12 + 12 * 5;
    long parameters =
        (15 * 3 * 8 + 8) + 2 * 8 + (9 * 16 + 16) + 9 * 8 * 16 + 24 + (144 * 12 + 12) + (12 * 5 + 5);
    assertThat(Cost.of(Samples.everything())).isEqualTo(new Cost(macs, parameters));
  }

  @Test
  void refusesArchitecturesThatAreNoNetworks() {
    record Plain(String name, List<Choice> choices) implements ChoiceSpace {}
    Architecture bare = new Plain("bare", SMALL.choices()).uniform(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cost.of(bare))
        .withMessage(
            "Space 'bare' describes choices only, so its architectures have no network to count.");
  }
}
