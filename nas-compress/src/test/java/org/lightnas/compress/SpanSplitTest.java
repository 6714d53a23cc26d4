package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.lightnas.NasException;
import org.lightnas.compress.SpanSplit.Span;

class SpanSplitTest {

  private static final int ANY = Integer.MAX_VALUE;

  /** Sums of up to a dozen times, taken in two orders. */
  private static final double ROUNDING = 1e-12;

  private static final List<Span> ROW =
      List.of(
          new Span(0, 1, 3, 4),
          new Span(1, 2, 1, 4),
          new Span(2, 3, 9, 4),
          new Span(0, 2, 3, 7),
          new Span(1, 3, 5, 3),
          new Span(0, 3, 7, 6.5));

  @Test
  void takesTheFastestSplit() {
    SpanSplit split = SpanSplit.fastest(ROW, 0, 3, ANY);
    assertThat(split.breaks()).containsExactly(0, 3);
    assertThat(split.millis()).isEqualTo(6.5);
    assertThat(SpanSplit.fastest(ROW, 0, 2, ANY).breaks()).containsExactly(0, 2);
    assertThat(SpanSplit.fastest(ROW, 1, 3, ANY).spans()).containsExactly(new Span(1, 3, 5, 3));
  }

  @Test
  void leavesOutLargeKernelsButKeepsTheLayersThatHaveThem() {
    SpanSplit split = SpanSplit.fastest(ROW, 0, 3, 5);
    assertThat(split.breaks()).containsExactly(0, 1, 3);
    assertThat(split.millis()).isEqualTo(7);
    // Layer 3 has a kernel of 9 by itself.
    assertThat(SpanSplit.fastest(ROW, 0, 3, 3).breaks()).containsExactly(0, 2, 3);
    assertThat(SpanSplit.fastest(ROW, 0, 3, 1).breaks()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void equallyFastMeansTheLongerSpan() {
    List<Span> equal = List.of(new Span(1, 2, 3, 1), new Span(0, 1, 3, 1), new Span(0, 2, 5, 2));
    assertThat(SpanSplit.fastest(equal, 0, 2, ANY).breaks()).containsExactly(0, 2);
  }

  /** Against all splits there are. */
  @Property(tries = 200)
  void noSplitIsFaster(@ForAll Random random) {
    int layers = 1 + random.nextInt(7);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      for (int j = i + 1; j <= layers; j++) {
        if (j == i + 1 || random.nextInt(3) > 0) {
          spans.add(new Span(i, j, 1 + random.nextInt(9), 0.1 + (j - i) * random.nextDouble()));
        }
      }
    }
    Collections.shuffle(spans, random);
    int cap = 1 + random.nextInt(9);
    SpanSplit found = SpanSplit.fastest(spans, 0, layers, cap);
    assertThat(found.millis()).isCloseTo(least(spans, 0, layers, cap), within(ROUNDING));
    int at = 0;
    for (Span span : found.spans()) {
      assertThat(spans).contains(span);
      assertThat(span.start()).isEqualTo(at);
      at = span.end();
    }
    assertThat(at).isEqualTo(layers);
  }

  private static double least(List<Span> spans, int from, int end, int cap) {
    return from == end
        ? 0
        : spans.stream()
            .filter(s -> s.start() == from && (s.end() == from + 1 || s.kernel() <= cap))
            .mapToDouble(s -> s.millis() + least(spans, s.end(), end, cap))
            .min()
            .orElse(Double.POSITIVE_INFINITY);
  }

  @Test
  void saysHowFarSpansLead() {
    List<Span> gap = List.of(new Span(0, 1, 3, 1), new Span(1, 3, 7, 1), new Span(4, 5, 3, 1));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> SpanSplit.fastest(gap, 0, 5, 7))
        .withMessage(
            "No spans with kernels up to 7 lead from 0 to 5, only up to 3.\n"
                + "Maybe give the times of the single layers too.");
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> SpanSplit.fastest(gap, 0, 3, 5))
        .withMessageStartingWith("No spans with kernels up to 5 lead from 0 to 3, only up to 1.");
  }

  @Test
  void refusesWhatIsNoSpan() {
    for (int[] range : new int[][] {{-1, 1}, {2, 2}, {3, 2}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Span(range[0], range[1], 3, 1))
          .withMessage(
              "A span must begin at 0 or later and end behind its beginning, but is %s..%s.",
              range[0], range[1]);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Span(0, 1, 0, 1))
        .withMessage("Span 0..1 must have a kernel of at least 1, not 0.");
    for (double millis : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Span(0, 1, 3, millis))
          .withMessage("Span 0..1 must take a positive time, not %s ms.", millis);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpanSplit.fastest(ROW, 2, 2, ANY))
        .withMessage("A row of layers must end behind its beginning, but is 2..2.");
    List<Span> twice = List.of(new Span(0, 1, 3, 1), new Span(0, 1, 3, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpanSplit.fastest(twice, 0, 1, ANY))
        .withMessage(
            "Span 0..1 is given twice, with 1.0 ms and 2.0 ms.\nMaybe give the mean of the two.");
  }
}
