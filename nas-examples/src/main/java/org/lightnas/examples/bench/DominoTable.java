package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Prints what {@link DominoBench} found: every outcome, then Domino's lead over each rival. */
final class DominoTable {

  private static final String DOMINO = DominoMethod.DOMINO.label();

  private DominoTable() {}

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
            "error",
            "network"));
    List<DominoOutcome> sorted = new ArrayList<>(outcomes);
    sorted.sort(
        Comparator.comparing((DominoOutcome o) -> o.key().preset())
            .thenComparing(o -> o.key().method())
            .thenComparing(o -> o.key().seed()));
    for (DominoOutcome outcome : sorted) {
      Map<String, Object> row = row(outcome);
      rows.add(List.copyOf(row.values()));
    }
    Bench.table(rows);
    Bench.say("");
    leads(sorted);
    sorted.forEach(outcome -> Bench.result(row(outcome)));
  }

  private static Map<String, Object> row(DominoOutcome outcome) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("method", outcome.key().method());
    row.put("preset", outcome.key().preset());
    row.put("seed", outcome.key().seed());
    row.put("acc_before", outcome.accuracyBefore());
    row.put("acc_after", outcome.accuracyAfter());
    row.put("ms_before", outcome.millisBefore());
    row.put("ms_after", outcome.millisAfter());
    row.put("ms_reachable", outcome.millisReachable());
    row.put("error", outcome.error());
    row.put("network", outcome.network());
    return row;
  }

  /** Paired by preset and seed. */
  private static void leads(List<DominoOutcome> outcomes) {
    Map<String, List<Double>> differences = new LinkedHashMap<>();
    for (DominoOutcome rival : outcomes) {
      find(outcomes, rival.key())
          .filter(domino -> !domino.equals(rival))
          .ifPresent(
              domino ->
                  differences
                      .computeIfAbsent(
                          rival.key().preset() + ": domino - " + rival.key().method(),
                          name -> new ArrayList<>())
                      .add(domino.accuracyAfter() - rival.accuracyAfter()));
    }
    differences.forEach(
        (name, values) -> {
          Bench.Spread spread =
              Bench.Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
          Bench.say(
              "%s: median %+.2f points (%+.2f to %+.2f, %d pairs)",
              name, spread.median(), spread.min(), spread.max(), spread.count());
        });
  }

  private static Optional<DominoOutcome> find(
      List<DominoOutcome> outcomes, DominoOutcome.Key rival) {
    return outcomes.stream()
        .filter(
            outcome ->
                outcome
                    .key()
                    .equals(
                        new DominoOutcome.Key(
                            rival.problem(), DOMINO, rival.preset(), rival.seed())))
        .findFirst();
  }
}
