package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lightnas.compress.SpanSplit;
import org.lightnas.examples.tables.MergedSpans;

/**
 * Whether our span programme finds the best times that others published for merging three networks:
 * {@code mvn -q -Pbench -Dbench=SpanBench -Dnas.data=DIR} (default {@code ../shared/data}, which
 * holds {@code depth_compression}). Correctness, not speed: exact, the same everywhere, seconds.
 */
public final class SpanBench {

  private SpanBench() {}

  /**
   * How near our splits of a network come.
   *
   * @param spans compared
   * @param sameBreaks how many of them are split at the published places
   * @param maxAbsError largest difference of times, in ms
   */
  record Outcome(int spans, int sameBreaks, double maxAbsError) {

    static Outcome of(MergedSpans network) {
      int same = 0;
      double error = 0;
      for (MergedSpans.Best best : network.best()) {
        SpanSplit.Span row = best.row();
        SpanSplit split =
            SpanSplit.fastest(network.merged(), row.start(), row.end(), Integer.MAX_VALUE);
        same += split.breaks().equals(best.breaks()) ? 1 : 0;
        error = Math.max(error, Math.abs(split.millis() - row.millis()));
      }
      return new Outcome(network.best().size(), same, error);
    }
  }

  /** Compares all networks. */
  public static void main(String... args) throws IOException {
    String within = "depth_compression";
    Path folder = Options.data(Options.SHARED, within).resolve(within);
    Bench.say("SpanBench: less than 0.1 minutes");
    List<List<?>> table = new ArrayList<>();
    table.add(List.of("file", "spans", "same breaks", "max |error| ms"));
    List<Map<String, Object>> results = new ArrayList<>();
    for (MergedSpans network : MergedSpans.read(folder)) {
      Outcome outcome = Outcome.of(network);
      table.add(
          List.of(
              network.file(),
              outcome.spans(),
              outcome.sameBreaks(),
              String.format(Locale.ROOT, "%.1e", outcome.maxAbsError())));
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("file", network.file());
      result.put("spans", outcome.spans());
      result.put("max_abs_error", outcome.maxAbsError());
      results.add(result);
    }
    Bench.table(table);
    results.forEach(Bench::result);
  }
}
