package org.lightnas.search.population;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lightnas.Provenance;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.report.HtmlReport;
import org.lightnas.search.Found;
import org.lightnas.space.Architecture;

/**
 * What {@link HscoNas} found, and how.
 *
 * @param architecture the result
 * @param accuracy with the supernet's weights, in percent; a network trained by itself reaches more
 * @param constraints the bounds
 * @param verdicts on the result, one for each bound
 * @param leaders architectures of the largest objective, at most 100, best first
 * @param shrinkage what was decided when the space was narrowed, in its order
 * @param tally what the evolution did, in numbers
 * @param settings of the searcher, by name, and why it ended
 * @param provenance where it was found
 * @param elapsed how long it took, that of runs before an interruption included
 * @since 0.1.0
 */
public record HscoResult(
    Architecture architecture,
    double accuracy,
    List<Constraint> constraints,
    List<Verdict> verdicts,
    List<Scored> leaders,
    List<Shrinkage> shrinkage,
    Tally tally,
    Map<String, String> settings,
    Provenance provenance,
    Duration elapsed)
    implements Found {

  private static final int LEADERS = 10;

  /** Copies what could change. */
  public HscoResult {
    constraints = List.copyOf(constraints);
    verdicts = List.copyOf(verdicts);
    leaders = List.copyOf(leaders);
    shrinkage = List.copyOf(shrinkage);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /** The accuracy, the narrowing, and what was done. */
  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("supernetAccuracy", accuracy);
    details.put("shrinkage", shrinkage);
    details.put("tally", tally);
    return details;
  }

  /** A self-contained HTML page: how the space was narrowed, the leaders. */
  @Override
  public HtmlReport page() {
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put("supernet accuracy (%)", number(accuracy));
    tiles.put("evaluations", Long.toString(tally.evaluations()));
    return HtmlReport.titled("HSCoNAS in " + architecture.space().name())
        .subtitle(architecture.id())
        .verdict(satisfied(), String.join("; ", verdicts.stream().map(Verdict::toString).toList()))
        .tiles(tiles)
        .section("How the space was narrowed")
        .text(
            "Mean objective of random architectures that have an operation, and how far that is"
                + " behind the best one's, with its standard error.")
        .table(List.of("choice", "operation", "quality", "behind", "kept"), narrowing())
        .section("The best")
        .text(tally.toString())
        .table(
            List.of("objective", "architecture"),
            leaders.stream()
                .limit(LEADERS)
                .map(s -> List.of(number(s.score()), s.architecture().id()))
                .toList())
        .section("Settings")
        .facts(settings)
        .section("Provenance")
        .facts(provenance.facts())
        .build();
  }

  private List<List<String>> narrowing() {
    List<List<String>> rows = new ArrayList<>();
    for (Shrinkage decision : shrinkage) {
      for (Shrinkage.Operation operation : decision.operations()) {
        rows.add(
            List.of(
                decision.choice(),
                operation.name(),
                number(operation.quality()),
                number(operation.behind()) + " ±" + number(operation.error()),
                operation.kept() ? "yes" : "no"));
      }
    }
    return rows;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** {@code shuffle3w0.5-skip-…: supernet accuracy 61.30 %; asked ≤ 5.000 ms, …}. */
  @Override
  public String toString() {
    return architecture
        + ": supernet accuracy "
        + number(accuracy)
        + " %; "
        + String.join("; ", verdicts.stream().map(Verdict::toString).toList());
  }
}
