package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lightnas.examples.bench.Bench.Spread;
import org.lightnas.report.HtmlReport;
import org.lightnas.report.ScatterChart;

/** What {@link DominoBench} found, as a page. */
final class DominoPage {

  private static final List<String> LEAD_COLUMNS =
      List.of(
          "preset",
          "rival",
          "pairs",
          "median lead in points",
          "least",
          "most",
          "latency over the rival's");

  private static final List<String> OUTCOME_COLUMNS =
      List.of("preset", "method", "seed", "accuracy", "change", "latency", "of the original");

  private static final List<String> CHECK_COLUMNS =
      List.of(
          "preset",
          "method",
          "seed",
          "images",
          "DL4J",
          "ONNX Runtime",
          "maps at the border",
          "maps inside",
          "predicted",
          "measured",
          "unmerged");

  private DominoPage() {}

  /**
   * A page.
   *
   * @param problem that all outcomes are of
   * @param outcomes one at least
   */
  static HtmlReport of(String problem, List<DominoOutcome> outcomes) {
    List<DominoOutcome> sorted = DominoTable.sorted(outcomes);
    HtmlReport.Builder page =
        HtmlReport.titled("Domino and its rivals")
            .subtitle(problem)
            .chart(chart(sorted))
            .section("At the same latency")
            .text(
                "Domino's accuracy less the rival's, in pairs of the same preset and seed. All had"
                    + " the same teacher and as many steps; the narrower network began anew, with"
                    + " the steps of the original besides. Slopes, random masks and Domino kept the"
                    + " same bound on measured latency; the others were as fast as Domino's.")
            .table(LEAD_COLUMNS, DominoLead.of(sorted).stream().map(DominoPage::row).toList())
            .section("Outcomes")
            .table(OUTCOME_COLUMNS, sorted.stream().map(DominoPage::row).toList());
    List<List<String>> checks =
        sorted.stream()
            .filter(outcome -> outcome.check() != null || outcome.predictedMillis() != null)
            .map(outcome -> checks(outcome, sorted))
            .toList();
    if (!checks.isEmpty()) {
      page.section("What merging changed, and what it saved");
      Stream.of(
              DominoVerdicts.equivalence(sorted),
              DominoVerdicts.prediction(sorted),
              DominoVerdicts.merging(sorted))
          .forEach(line -> say(line, page));
      page.table(CHECK_COLUMNS, checks);
    }
    return page.build();
  }

  private static void say(DominoVerdicts.@Nullable Line line, HtmlReport.Builder page) {
    if (line != null) {
      page.verdict(line.good(), line.text());
    }
  }

  private static ScatterChart chart(List<DominoOutcome> outcomes) {
    Map<String, List<double[]>> points = new LinkedHashMap<>();
    for (DominoOutcome outcome : outcomes) {
      points
          .computeIfAbsent("original", name -> new ArrayList<>())
          .add(new double[] {outcome.millisBefore(), outcome.accuracyBefore()});
    }
    for (DominoOutcome outcome : outcomes) {
      points
          .computeIfAbsent(outcome.key().method(), name -> new ArrayList<>())
          .add(new double[] {outcome.millisAfter(), outcome.accuracyAfter()});
    }
    ScatterChart.Builder chart =
        ScatterChart.titled("Accuracy over latency").x("latency [ms]").y("accuracy [%]");
    points.forEach((name, some) -> chart.points(name, column(some, 0), column(some, 1)));
    return chart.build();
  }

  private static double[] column(List<double[]> points, int column) {
    return points.stream().mapToDouble(point -> point[column]).toArray();
  }

  private static List<String> row(DominoLead lead) {
    Spread points = lead.points();
    return List.of(
        lead.preset(),
        lead.rival(),
        format("%d", points.count()),
        format("%+.2f", points.median()),
        format("%+.2f", points.min()),
        format("%+.2f", points.max()),
        format("%.2f", lead.time().median()));
  }

  private static List<String> row(DominoOutcome outcome) {
    return List.of(
        outcome.key().preset(),
        outcome.key().method(),
        format("%d", outcome.key().seed()),
        format("%.2f %%", outcome.accuracyAfter()),
        format("%+.2f", outcome.accuracyAfter() - outcome.accuracyBefore()),
        format("%.3f ms", outcome.millisAfter()),
        format("%.2f", outcome.millisAfter() / outcome.millisBefore()));
  }

  private static List<String> checks(DominoOutcome outcome, List<DominoOutcome> all) {
    DominoCheck check = outcome.check();
    Double predicted = outcome.predictedMillis();
    boolean domino = outcome.key().method().equals(DominoMethod.DOMINO.label());
    return List.of(
        outcome.key().preset(),
        outcome.key().method(),
        format("%d", outcome.key().seed()),
        check == null ? "" : format("%,d", check.images()),
        check == null ? "" : format("%.1e", check.dl4j()),
        check == null ? "" : format("%.1e", check.onnx()),
        check == null ? "" : format("%.1e", check.border()),
        check == null ? "" : format("%.1e", check.inside()),
        predicted == null ? "" : format("%.3f ms", predicted),
        format("%.3f ms", outcome.millisAfter()),
        DominoLead.find(all, outcome, DominoMethod.UNMERGED.label())
            .filter(unmerged -> domino)
            .map(unmerged -> format("%.3f ms", unmerged.millisAfter()))
            .orElse(""));
  }

  private static String format(String form, Object value) {
    return String.format(Locale.ROOT, form, value);
  }
}
