package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

class CostTest {

  private static final LayeredSpace SMALL = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);

  @Test
  void countsTheReferenceNetworkOfTheSmallSpace() {
    Cost cost = Cost.of(SMALL.architecture(0, 1, 3, 1, 3, 5));
    assertThat(cost.macs()).isEqualTo(11_540_736);
  }
}
