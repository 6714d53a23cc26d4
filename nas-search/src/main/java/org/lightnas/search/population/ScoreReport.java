package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.report.Chart;
import org.lightnas.report.HtmlReport;
import org.lightnas.report.LineChart;

/** The page about one search by scores. */
final class ScoreReport {

  private static final int LEADERS = 10;

  private ScoreReport() {}

  static HtmlReport of(ScoreResult result) {
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put(result.scoreName(), number(result.score()));
    tiles.put("evaluations", Long.toString(result.tally().evaluations()));
    tiles.put("found at number", Long.toString(result.best().number()));
    HtmlReport.Builder page =
        HtmlReport.titled("Search in " + result.architecture().space().name())
            .subtitle(result.architecture().id());
    if (!result.verdicts().isEmpty()) {
      page.verdict(
          result.satisfied(),
          String.join("; ", result.verdicts().stream().map(Verdict::toString).toList()));
    }
    page.tiles(tiles)
        .section("How the best score rose")
        .text(result.tally().toString())
        .chart(rise(result))
        .section("The best")
        .table(headings(result), leaders(result));
    if (!result.measured().isEmpty()) {
      page.section("Measured")
          .text("From the best score on, until one kept the bounds.")
          .table(
              List.of("architecture", "verdicts"),
              result.measured().stream()
                  .map(a -> List.of(a.architecture().id(), a.verdicts().toString()))
                  .toList());
    }
    return page.section("Settings")
        .facts(result.settings())
        .section("Provenance")
        .facts(result.provenance().facts())
        .build();
  }

  /** Two points for each improvement, so that the line has steps. */
  private static Chart rise(ScoreResult result) {
    List<Scored> better = result.improvements();
    double[] x = new double[2 * better.size()];
    double[] y = new double[x.length];
    for (int i = 0; i < better.size(); i++) {
      long until =
          i + 1 < better.size() ? better.get(i + 1).number() : result.tally().evaluations();
      x[2 * i] = better.get(i).number();
      x[2 * i + 1] = until;
      y[2 * i] = better.get(i).score();
      y[2 * i + 1] = better.get(i).score();
    }
    return LineChart.titled("Best score so far")
        .x("evaluations")
        .y(result.scoreName())
        .line("best so far", x, y)
        .build();
  }

  private static List<String> headings(ScoreResult result) {
    List<String> headings = new ArrayList<>(List.of("architecture", result.scoreName(), "number"));
    for (Constraint constraint : result.constraints()) {
      headings.add(
          "predicted " + constraint.metric().name() + " [" + constraint.metric().unit() + "]");
    }
    return headings;
  }

  private static List<List<String>> leaders(ScoreResult result) {
    List<List<String>> rows = new ArrayList<>();
    for (Scored leader : result.leaders().stream().limit(LEADERS).toList()) {
      List<String> row = new ArrayList<>();
      row.add(leader.architecture().id());
      row.add(number(leader.score()));
      row.add(Long.toString(leader.number()));
      for (Constraint constraint : result.constraints()) {
        row.add(number(constraint.predict(leader.architecture())));
      }
      rows.add(row);
    }
    return rows;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 1000 ? "%,.0f" : "%.4g", value);
  }
}
