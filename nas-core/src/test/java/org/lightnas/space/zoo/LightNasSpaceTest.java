package org.lightnas.space.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lightnas.FeatureShape;
import org.lightnas.metric.Cost;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;

class LightNasSpaceTest {

  private static final LayeredSpace SMALL = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);

  @Test
  void hasSevenCandidatesForEachOfSixChoices() {
    assertThat(SMALL.choices().stream().map(Choice::name))
        .containsExactly("block1", "block2", "block3", "block4", "block5", "block6");
    assertThat(SMALL.choices())
        .allSatisfy(
            choice ->
                assertThat(choice.candidates().stream().map(Candidate::id))
                    .containsExactly("k3e3", "k3e6", "k5e3", "k5e6", "k7e3", "k7e6", "skip"));
    assertThat(SMALL.size()).isEqualTo(BigInteger.valueOf(117_649));
  }

  @Test
  void costsWhatItsDescriptionSays() {
    int[] in = {16, 16, 24, 24, 32, 32};
    int[] out = {16, 24, 24, 32, 32, 32};
    int[] stride = {1, 2, 1, 2, 1, 1};
    int[] picks = {0, 1, 3, 1, 3, 5};
    int[] kernel = {3, 3, 5, 5, 7, 7};
    int[] expand = {3, 6, 3, 6, 3, 6};
    long side = 32;
    long parameters = convBn(3, 3, 16);
    long macs = side * side * 3 * 3 * 3 * 16;
    for (int l = 0; l < 6; l++) {
      int k = kernel[picks[l]];
      int inner = in[l] * expand[picks[l]];
      parameters += convBn(1, in[l], inner) + convBn(k, 1, inner) + convBn(1, inner, out[l]);
      macs += side * side * in[l] * inner;
      side /= stride[l];
      macs += side * side * inner * (k * k + out[l]);
    }
    parameters += convBn(1, 32, 128) + 128 * 10 + 10;
    macs += side * side * 32 * 128 + 128 * 10;
    Cost cost = Cost.of(SMALL.architecture(picks));
    assertThat(cost).isEqualTo(new Cost(macs, parameters));
    assertThat(cost.macs()).isEqualTo(11_540_736);
  }

  /** Counted from the authors' published layers; the six are their LightNets. */
  @ParameterizedTest
  @CsvSource({
    "-- 33 36 73 33 53 73 36 33 76 53 76 73 53 73 -- 53 73 73 36 76, 344853248, 7383808",
    "76 -- 76 36 -- -- 53 76 76 73 73 -- 73 76 76 -- 56 73 73 73 56, 338999120, 7497960",
    "33 76 33 56 56 73 36 -- 76 36 33 73 53 73 -- -- 73 73 53 56 36, 371924768, 7091168",
    "-- 76 76 36 76 33 53 56 76 36 -- 76 76 76 33 56 53 -- 56 73 56, 421050992, 7775536",
    "53 76 33 76 56 56 53 53 36 73 33 76 33 76 73 -- 56 56 76 56 76, 448181312, 8161096",
    "36 73 36 76 76 33 36 33 76 56 76 76 73 -- 76 76 56 -- 76 76 36, 476000768, 8142264",
    "33, 274161536, 6656280",
    "36, 496736000, 8717544",
    "53, 293730176, 6763032",
    "56, 535873280, 8931048",
    "73, 323083136, 6923160",
    "76, 594579200, 9251304",
    "--, 61873152, 4722248"
  })
  void thePublishedSpaceCostsWhatTheAuthorsNetworksCost(
      String published, long macs, long parameters) {
    LayeredSpace space = LightNasSpace.imagenet();
    String[] ops = published.split(" ");
    int[] picks = new int[21];
    for (int l = 0; l < picks.length; l++) {
      String op = ops[ops.length == 1 ? 0 : l];
      String id = op.equals("--") ? "skip" : "k" + op.charAt(0) + "e" + op.charAt(1);
      picks[l] = space.choices().get(l).indexOf(id);
    }
    assertThat(Cost.of(space.architecture(picks))).isEqualTo(new Cost(macs, parameters));
  }

  @Test
  void thePublishedSpaceHasTwentyOneChoicesAndOtherSizes() {
    assertThat(LightNasSpace.imagenet().size()).isEqualTo(BigInteger.valueOf(7).pow(21));
    LayeredSpace smaller = LightNasSpace.imagenet(new FeatureShape(3, 64, 64), 10);
    assertThat(Cost.of(smaller.uniform(6)).parameters()).isEqualTo(4_722_248 - 990 * 1281);
  }

  /** Kernel without bias; scale and shift of the batch norm. */
  private static long convBn(int k, int in, int out) {
    return (long) k * k * in * out + 2L * out;
  }

  @Test
  void skipsCostNothingWhereNothingChanges() {
    Cost all = Cost.of(SMALL.uniform(6));
    // Stem, block2 and block4 as 1x1 convolutions with stride, head, classifier.
    assertThat(all.macs())
        .isEqualTo(1024 * 27 * 16 + 256 * 16 * 24 + 64 * 24 * 32 + 64 * 32 * 128 + 128 * 10);
  }

  /** The batch norm behind the hidden layer is all that the supernet's head lacks. */
  @Test
  void thePublishedSupernetDiffersInItsHeadOnly() {
    FeatureShape input = new FeatureShape(3, 64, 64);
    LayeredSpace space = LightNasSpace.imagenet(input, 10);
    LayeredSpace supernet = LightNasSpace.imagenetSupernet(input, 10);
    assertThat(supernet.choices()).isEqualTo(space.choices());
    Cost alone = Cost.of(space.uniform(0));
    Cost shared = Cost.of(supernet.uniform(0));
    assertThat(shared.macs()).isEqualTo(alone.macs());
    assertThat(alone.parameters() - shared.parameters()).isEqualTo(2 * 1280);
  }
}
