package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Verdict;

class DominoProMaxTest extends DominoFixture {

  @Test
  @Tag("slow")
  void proMaxJoinsBlocksAndTakesRounds() {
    Compressed apart =
        domino(ExactDevice.BY_LAYERS).preset(Domino.Preset.AGGRESSIVE).build().compress(network);
    assertThat(kinds(apart)).containsOnly(MERGED);
    Compressed made = proMax().build().compress(network);
    assertThat(kinds(made)).contains(BlockForm.Kind.JOINED);
    assertThat(millis(made.after())).isLessThan(millis(apart.after()));
    assertThat(made.blocks()).extracting(BlockForm::round).contains(1, 2);
    assertThat(made.equivalence().relativeError()).isLessThan(1e-5);
    assertThat(made.maps()).allMatch(map -> map.relativeError() < 1e-5);
    assertThat(made.count(Step.Action.MERGED)).isLessThan(4);
    Verdict asked = Objects.requireNonNull(made.asked());
    assertThat(asked.satisfied()).isTrue();
    assertThat(asked.measured()).isEqualTo(made.after().latency());
    assertThat(Objects.requireNonNull(asked.predicted()))
        .isCloseTo(millis(made.after()), within(1e-3));
    assertThat(made.report()).contains(": joined", "in round 2", "asked ≤ ", "predicted ");
    assertThat(made.page("Pro").html())
        .contains(", joined", "<td class=\"n\">2</td>", "predicted ");
    Networks.close(apart.network());
    Networks.close(made.network());
  }

  @Test
  @Tag("slow")
  void proMaxScoresJoinedMasksByItself() {
    Compressed made =
        Domino.builder(ExactDevice.BY_LAYERS, IMAGES)
            .samples(10)
            .preset(Domino.Preset.MODERATE)
            .proMax()
            .epochs(2)
            .training(t -> t.batchSize(16).batchNormReestimation(2))
            .build()
            .compress(network);
    assertThat(kinds(made)).contains(BlockForm.Kind.JOINED);
    assertThat(Objects.requireNonNull(made.asked()).satisfied()).isTrue();
    Networks.close(made.network());
  }
}
