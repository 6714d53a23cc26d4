package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.lightnas.compress.SpanSplit.Span;
import org.lightnas.examples.bench.SpanBench.Outcome;
import org.lightnas.examples.tables.MergedSpans;
import org.lightnas.examples.tables.MergedSpans.Best;

class SpanBenchTest {

  private static final List<Span> MERGED =
      List.of(new Span(0, 1, 1, 2), new Span(1, 2, 1, 3), new Span(0, 2, 1, 7));

  @Test
  void saysHowFarAndHowOftenItIsOff() {
    Best right = new Best(new Span(0, 2, 1, 5), List.of(0, 1, 2));
    Best late = new Best(new Span(0, 2, 1, 5.5), List.of(0, 2));
    assertThat(Outcome.of(new MergedSpans("a", MERGED, List.of(right))))
        .isEqualTo(new Outcome(1, 1, 0));
    assertThat(Outcome.of(new MergedSpans("a", MERGED, List.of(right, late))))
        .isEqualTo(new Outcome(2, 1, 0.5));
  }

  @Test
  @EnabledIfSystemProperty(named = "nas.data", matches = ".+")
  void findsThePublishedTimesAndSplits() throws IOException {
    Path data = Path.of(System.getProperty("nas.data"));
    for (MergedSpans network : MergedSpans.read(data.resolve("depth_compression"))) {
      Outcome outcome = Outcome.of(network);
      assertThat(outcome.maxAbsError()).isLessThanOrEqualTo(1e-9);
      assertThat(outcome.sameBreaks()).isEqualTo(network.best().size());
    }
  }
}
