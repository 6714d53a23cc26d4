package org.lightnas.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ThinningTest {

  private static final double NAN = Double.NaN;

  private static double[] count(int size) {
    return DemoReport.array(size, i -> i);
  }

  @Test
  void keepsEveryPointOfAShortLineAndBreaksAtGaps() {
    double[] y = {1, 2, NAN, 3, NAN, NAN, 4, 5};
    assertThat(Thinning.line(count(8), y, 100))
        .containsExactly(new int[] {0, 1}, new int[] {3}, new int[] {6, 7});
  }

  @Test
  void drawsNothingOfALineWithoutValues() {
    assertThat(Thinning.line(count(2), new double[] {NAN, NAN}, 1)).isEmpty();
  }

  @Test
  void keepsAWideGapOfALongLine() {
    double[] y = DemoReport.array(10_000, i -> i > 4_000 && i < 6_000 ? NAN : i);
    List<int[]> runs = Thinning.line(count(10_000), y, 100);
    assertThat(runs).hasSize(2);
    assertThat(runs.get(0)[runs.get(0).length - 1]).isEqualTo(4_000);
    assertThat(runs.get(1)[0]).isEqualTo(6_000);
  }

  @Property(tries = 200)
  void keepsEndsAndExtremesInBoundedSpace(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3_000) int size,
      @ForAll @IntRange(min = 1, max = 200) int columns) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] y =
        DemoReport.array(size, i -> random.nextInt(5) == 0 ? NAN : random.nextInt(1_000) - 500.0);
    int[] kept =
        Thinning.line(count(size), y, columns).stream().flatMapToInt(Arrays::stream).toArray();
    int[] there = IntStream.range(0, size).filter(i -> !Double.isNaN(y[i])).toArray();

    assertThat(kept).hasSizeLessThanOrEqualTo(2 * columns + 2).doesNotHaveDuplicates().isSorted();
    assertThat(Range.of(pick(y, kept))).isEqualTo(Range.of(pick(y, there)));
    assertThat(there).contains(kept);
    if (there.length > 0) {
      assertThat(kept[0]).isEqualTo(there[0]);
      assertThat(kept[kept.length - 1]).isEqualTo(there[there.length - 1]);
    }
  }

  @Test
  void thinsACloudButKeepsItsExtremes() {
    SplittableRandom random = new SplittableRandom(7);
    double[] x = DemoReport.array(100_000, i -> 400 * random.nextDouble());
    double[] y = DemoReport.array(100_000, i -> 300 * random.nextDouble());
    y[77_777] = 900;
    x[5] = NAN;
    int[] kept = Thinning.cloud(x, y, 4_000);
    assertThat(kept).hasSizeBetween(1_000, 4_004).contains(77_777).doesNotContain(5);
    assertThat(Range.of(pick(x, kept))).isEqualTo(Range.of(x));
  }

  @Test
  void keepsEveryPointOfASmallCloud() {
    double[] same = new double[50];
    assertThat(Thinning.cloud(same, same, 50)).hasSize(50);
  }

  private static double[] pick(double[] values, int[] indices) {
    return Arrays.stream(indices).mapToDouble(i -> values[i]).toArray();
  }
}
