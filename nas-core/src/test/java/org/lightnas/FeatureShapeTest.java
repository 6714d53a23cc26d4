package org.lightnas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class FeatureShapeTest {

  @Test
  void countsAndPrintsItsAxes() {
    FeatureShape shape = new FeatureShape(3, 32, 20);
    assertThat(shape.size()).isEqualTo(1920);
    assertThat(shape).hasToString("3x32x20");
    assertThat(FeatureShape.vector(10)).isEqualTo(new FeatureShape(10, 1, 1));
    assertThat(new FeatureShape(70_000, 300, 300).size()).isEqualTo(6_300_000_000L);
  }

  @Test
  void stridesRoundUp() {
    FeatureShape shape = new FeatureShape(3, 9, 8);
    assertThat(shape.strided(1)).isEqualTo(shape);
    assertThat(shape.strided(2)).isEqualTo(new FeatureShape(3, 5, 4));
    assertThat(shape.strided(4)).isEqualTo(new FeatureShape(3, 3, 2));
    assertThat(shape.strided(100)).isEqualTo(new FeatureShape(3, 1, 1));
    assertThat(shape.withChannels(7)).isEqualTo(new FeatureShape(7, 9, 8));
  }

  @Test
  void rejectsAxesThatAreNotPositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FeatureShape(3, 0, 8))
        .withMessage(
            "A feature shape needs positive axes, but is 3 x 0 x 8 (channels x height x width).");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FeatureShape(0, 8, 8))
        .withMessageContaining("0 x 8 x 8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureShape.vector(3).withChannels(-1))
        .withMessageContaining("-1 x 1 x 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureShape.vector(3).strided(0))
        .withMessage("A stride must be at least 1, but is 0.");
  }
}
