package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.data.Batches;
import org.lightnas.graph.LayerGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/** Operations that are one operation in several sizes. */
class SharedWeightsTest {

  private static final FeatureShape INPUT = new FeatureShape(3, 12, 12);

  /** In the second choice neither of two is part of the other. */
  private static final LayeredSpace SPACE =
      LayeredSpace.named("families", INPUT, 3)
          .stem(new ConvBnAct(3, 8, 1))
          .choice(
              "one",
              new MbConv(3, 2, 8, 1),
              new MbConv(5, 3, 8, 1),
              new MbConv(5, 1, 8, 1),
              new SkipConnect(8, 1))
          .choice("two", new MbConv(5, 2, 8, 1), new MbConv(3, 6, 8, 1), new MbConv(3, 1, 8, 1))
          .build();

  private static SharedWeights widths(boolean families) {
    return new SharedWeights(SPACE, families, path -> LayerGraph.of(SPACE, path));
  }

  @Test
  void partsOfTheLargestOfAFamilyAreKeptWithIt() {
    SharedWeights widths = widths(true);
    assertThat(widths.any()).isTrue();
    assertThat(widths.kept("one/k3e2/depthwise/W")).isEqualTo("one/k5e3/depthwise/W");
    assertThat(widths.kept("one/k5e1/depthwise-bn/gamma")).isEqualTo("one/k5e3/depthwise-bn/gamma");
    assertThat(widths.kept("one/k5e3/depthwise/W")).isEqualTo("one/k5e3/depthwise/W");
    assertThat(widths.kept("two/k3e1/project/W")).isEqualTo("two/k3e6/project/W");
    assertThat(widths.widened(SPACE.architecture(0, 2))).isEqualTo(SPACE.architecture(1, 1));
    assertThat(widths.widened(SPACE.architecture(3, 0))).isEqualTo(SPACE.architecture(3, 0));
  }

  @Test
  void whatIsNoPartOfItKeepsItsOwn() {
    assertThat(widths(true).kept("two/k5e2/expand/W")).isEqualTo("two/k5e2/expand/W");
    assertThat(widths(true).kept("stem/W")).isEqualTo("stem/W");
    assertThat(widths(true).kept("W")).isEqualTo("W");
  }

  @Test
  void withoutFamiliesEveryOperationKeepsItsOwn() {
    assertThat(widths(false).any()).isFalse();
    assertThat(widths(false).kept("one/k3e2/depthwise/W")).isEqualTo("one/k3e2/depthwise/W");
  }

  @Test
  void searchesShareUnlessTheyArePublishedOnesOrToldNotTo() {
    assertThat(BilevelProcedure.robust().abilities().families()).isTrue();
    assertThat(BilevelProcedure.robust().sharing(false).abilities().families()).isFalse();
    assertThat(BilevelProcedure.published().abilities().families()).isFalse();
    assertThat(OneLevelProcedure.robust().abilities().families()).isFalse();
    assertThat(LightNas.builder().sharedKernels(false).settings().facts())
        .containsEntry("weights shared by", "equal operations");
    assertThat(LightNas.builder().settings().facts())
        .containsEntry("weights shared by", "families of operations");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LightNas.faithful().sharedKernels(true))
        .withMessage(
            "The published search has weights of its own for each operation.\n"
                + "Maybe take LightNas.builder().");
  }

  /** Trains the largest, and looks at what a smaller one has then. */
  @Test
  void aSmallerKernelIsTheMiddleOfTheLargest() {
    Batches.Batch batch = Tiny.images(16, 16).train().batch(0, 16);
    Architecture small = SPACE.architecture(0, 1);
    Architecture large = SPACE.architecture(1, 1);
    for (boolean families : new boolean[] {true, false}) {
      try (Supernet supernet =
          new Supernet(SPACE, 16, 1, 0, Supernet.Abilities.plain(families), 1 << 20)) {
        double[] before = supernet.values(small).get("one/k3e2/depthwise/W");
        supernet.train(large, batch.nhwc(), batch.labels(), 0, 0.5);
        Map<String, double[]> values = supernet.values(small);
        double[] whole = supernet.values(large).get("one/k5e3/depthwise/W");
        double[] part = values.get("one/k3e2/depthwise/W");
        assertThat(part).hasSize(3 * 3 * 16);
        if (!families) {
          assertThat(part).isEqualTo(before);
          continue;
        }
        assertThat(part).isNotEqualTo(before);
        for (int y = 0; y < 3; y++) {
          for (int x = 0; x < 3; x++) {
            for (int c = 0; c < 16; c++) {
              assertThat(part[(3 * y + x) * 16 + c])
                  .isEqualTo(whole[(5 * (y + 1) + x + 1) * 24 + c]);
            }
          }
        }
        // The other way round.
        supernet.train(small, batch.nhwc(), batch.labels(), 1, 0.5);
        double[] after = supernet.values(large).get("one/k5e3/depthwise/W");
        for (int i = 0; i < after.length; i++) {
          int y = i / 24 / 5;
          int x = i / 24 % 5;
          boolean inside = y >= 1 && y < 4 && x >= 1 && x < 4 && i % 24 < 16;
          assertThat(after[i] == whole[i]).as("%s", i).isEqualTo(!inside);
        }
      }
    }
  }
}
