package org.lightnas.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.lightnas.metric.Verdict;
import org.lightnas.report.BarChart;
import org.lightnas.report.Chart;
import org.lightnas.report.HeatMap;
import org.lightnas.report.HtmlReport;
import org.lightnas.report.LineChart;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;

/** The page about one search. */
final class SearchReport {

  private static final int SMOOTHED_OVER = 25;

  private final SearchResult result;
  private final List<Choice> choices;
  private final String unit;

  private SearchReport(SearchResult result) {
    this.result = result;
    this.choices = result.architecture().space().choices();
    this.unit = result.constraint().metric().unit();
  }

  static HtmlReport of(SearchResult result) {
    return new SearchReport(result).page();
  }

  private HtmlReport page() {
    Verdict verdict = result.verdict();
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put("asked, at most", withUnit(verdict.bound()));
    if (verdict.predicted() != null) {
      tiles.put("predicted", withUnit(verdict.predicted()));
    }
    if (verdict.measured() != null) {
      tiles.put("measured", verdict.measured().toString());
    }
    tiles.put("swapped to meet it", Integer.toString(result.swaps().size()));
    tiles.put("search time", (result.elapsed().toMillis() + 500) / 1000 + " s");
    HtmlReport.Builder page =
        HtmlReport.titled("Search in " + result.architecture().space().name())
            .subtitle(result.architecture().id())
            .verdict(verdict.satisfied(), verdict.toString())
            .tiles(tiles)
            .section("How the search met its bound")
            .text(
                "Expected "
                    + result.constraint().metric().name()
                    + " under the candidates' probabilities, and the learned multiplier that"
                    + " drives it to the bound.")
            .chart(towardsTheBound())
            .section("What was chosen")
            .chart(probabilities())
            .chart(costs())
            .table(List.of("choice", "candidate", "probability", "most probable"), picks())
            .section("Losses")
            .row(losses(), decidedness());
    if (result.verdicts().size() > 1) {
      page.section("Measured and repaired").table(List.of("attempt", "verdict"), attempts());
    }
    return page.section("Settings")
        .facts(result.settings())
        .section("Provenance")
        .facts(result.provenance().facts())
        .build();
  }

  private Chart towardsTheBound() {
    return LineChart.titled("Towards the bound")
        .x("step")
        .y("expected " + result.constraint().metric().name() + " [" + unit + "]")
        .line("expected", steps(), series(SearchStep::expected))
        .reference("bound " + withUnit(result.verdict().bound()), result.verdict().bound())
        .panel("multiplier λ")
        .line("multiplier λ", steps(), series(SearchStep::multiplier))
        .build();
  }

  private Chart losses() {
    return LineChart.titled("Loss per batch")
        .x("step")
        .y("cross-entropy [nats]")
        .smoothed("weights", steps(), series(SearchStep::weightLoss), SMOOTHED_OVER)
        .smoothed("compared paths", steps(), series(SearchStep::pathLoss), SMOOTHED_OVER)
        .build();
  }

  private Chart decidedness() {
    return LineChart.titled("How undecided the choices are")
        .x("step")
        .y("entropy [share of maximum]")
        .line("entropy", steps(), series(SearchStep::entropy))
        .build();
  }

  private Chart probabilities() {
    Set<String> ids = new LinkedHashSet<>();
    choices.forEach(choice -> choice.candidates().forEach(c -> ids.add(c.id())));
    List<String> columns = new ArrayList<>(ids);
    double[][] p = result.probabilities();
    double[][] values = new double[choices.size()][columns.size()];
    for (int l = 0; l < values.length; l++) {
      Arrays.fill(values[l], Double.NaN);
      List<Candidate> candidates = choices.get(l).candidates();
      for (int k = 0; k < candidates.size(); k++) {
        values[l][columns.indexOf(candidates.get(k).id())] = p[l][k];
      }
    }
    HeatMap.Builder map =
        HeatMap.titled("Probability of each candidate at the end")
            .rows(choices.stream().map(Choice::name).toList())
            .columns(columns)
            .values(values)
            .range(0, 1)
            .markLabel("taken");
    Architecture found = result.architecture();
    for (int l = 0; l < values.length; l++) {
      map.mark(l, columns.indexOf(found.candidate(l).id()));
    }
    return map.build();
  }

  /** What each pick costs over the cheapest candidate of its choice. */
  private Chart costs() {
    double[][] change = SwapEffects.of(result.constraint(), result.architecture());
    double[] over = new double[change.length];
    double rest = result.constraint().predict(result.architecture());
    for (int l = 0; l < over.length; l++) {
      over[l] = -Arrays.stream(change[l]).min().orElseThrow();
      rest -= over[l];
    }
    return BarChart.titled(
            "Predicted "
                + result.constraint().metric().name()
                + " of each pick above the cheapest candidate (the rest: "
                + withUnit(rest)
                + ")")
        .categories(choices.stream().map(Choice::name).toList())
        .bars("above the cheapest", over)
        .unit(unit)
        .build();
  }

  private List<List<String>> picks() {
    Architecture found = result.architecture();
    double[][] probabilities = result.probabilities();
    List<List<String>> rows = new ArrayList<>();
    for (int l = 0; l < choices.size(); l++) {
      double[] p = probabilities[l];
      int best = IntStream.range(0, p.length).reduce(0, (a, b) -> p[b] > p[a] ? b : a);
      rows.add(
          List.of(
              choices.get(l).name(),
              found.candidate(l).id(),
              Numbers.format(p[found.pick(l)]),
              choices.get(l).candidates().get(best).id()));
    }
    return rows;
  }

  private List<List<String>> attempts() {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < result.verdicts().size(); i++) {
      rows.add(List.of(Integer.toString(i + 1), result.verdicts().get(i).toString()));
    }
    return rows;
  }

  private double[] steps() {
    return series(SearchStep::step);
  }

  private double[] series(ToDoubleFunction<SearchStep> value) {
    return result.history().stream().mapToDouble(value).toArray();
  }

  private String withUnit(double value) {
    return Numbers.format(value) + " " + unit;
  }
}
