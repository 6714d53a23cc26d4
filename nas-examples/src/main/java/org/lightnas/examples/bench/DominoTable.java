package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints what {@link DominoBench} found: every outcome, then Domino's lead over each rival. */
final class DominoTable {

  private DominoTable() {}

  /** By preset, method and seed. */
  static List<DominoOutcome> sorted(List<DominoOutcome> outcomes) {
    return outcomes.stream()
        .sorted(
            Comparator.comparing((DominoOutcome o) -> o.key().preset())
                .thenComparing(o -> o.key().method())
                .thenComparing(o -> o.key().seed()))
        .toList();
  }

  static void print(List<DominoOutcome> outcomes) {
    List<List<?>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "method",
            "preset",
            "seed",
            "acc_before",
            "acc_after",
            "ms_before",
            "ms_after",
            "ms_reachable",
            "ms_predicted",
            "error",
            "error_onnx",
            "error_border",
            "network"));
    List<DominoOutcome> sorted = sorted(outcomes);
    for (DominoOutcome outcome : sorted) {
      List<Object> cells = new ArrayList<>();
      row(outcome).forEach((name, value) -> cells.add(cell(name, value)));
      rows.add(cells);
    }
    Bench.table(rows);
    Bench.say("");
    for (DominoLead lead : DominoLead.of(sorted)) {
      Bench.say(
          "%s: domino - %s: median %+.2f points (%+.2f to %+.2f, %d pairs) at %.2f of its latency",
          lead.preset(),
          lead.rival(),
          lead.points().median(),
          lead.points().min(),
          lead.points().max(),
          lead.points().count(),
          lead.time().median());
    }
    Stream.of(
            DominoVerdicts.equivalence(sorted),
            DominoVerdicts.prediction(sorted),
            DominoVerdicts.merging(sorted))
        .filter(Objects::nonNull)
        .forEach(line -> Bench.say("%s: %s", line.good() ? "kept" : "NOT KEPT", line.text()));
    sorted.forEach(outcome -> Bench.result(row(outcome)));
  }

  private static Object cell(String name, @Nullable Object value) {
    if (value == null) {
      return "";
    }
    return name.startsWith("error") && value instanceof Double error
        ? String.format(Locale.ROOT, "%.1e", error)
        : value;
  }

  /** A column for each figure; null where it is not known. */
  private static Map<String, @Nullable Object> row(DominoOutcome outcome) {
    DominoCheck check = outcome.check();
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("method", outcome.key().method());
    row.put("preset", outcome.key().preset());
    row.put("seed", outcome.key().seed());
    row.put("acc_before", outcome.accuracyBefore());
    row.put("acc_after", outcome.accuracyAfter());
    row.put("ms_before", outcome.millisBefore());
    row.put("ms_after", outcome.millisAfter());
    row.put("ms_reachable", outcome.millisReachable());
    row.put("ms_predicted", outcome.predictedMillis());
    row.put("error", outcome.error());
    row.put("error_onnx", check == null ? null : check.onnx());
    row.put("error_border", check == null ? null : check.border());
    row.put("network", outcome.network());
    return row;
  }
}
