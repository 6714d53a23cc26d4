package org.lightnas.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
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

  private SearchReport(SearchResult result) {
    this.result = result;
    this.choices = result.architecture().space().choices();
  }

  static HtmlReport of(SearchResult result) {
    return new SearchReport(result).page();
  }

  private HtmlReport page() {
    Map<String, String> tiles = new LinkedHashMap<>();
    for (Verdict verdict : result.verdicts()) {
      String of = result.verdicts().size() > 1 ? " " + verdict.metric().name() : "";
      tiles.put("asked" + of + ", at most", withUnit(verdict.bound(), verdict.metric()));
      if (verdict.predicted() != null) {
        tiles.put("predicted" + of, withUnit(verdict.predicted(), verdict.metric()));
      }
      Measurement measured = verdict.measured();
      if (measured != null) {
        tiles.put(
            "measured" + of + " ±" + Numbers.decimal(measured.spread()),
            withUnit(measured.millis(), verdict.metric()));
      }
    }
    tiles.put("of " + choices.size() + " picks swapped", Integer.toString(result.swaps().size()));
    tiles.put("search time", Numbers.time(result.elapsed()));
    HtmlReport.Builder page =
        HtmlReport.titled("Search in " + result.architecture().space().name())
            .subtitle(result.architecture().id())
            .verdict(result.satisfied(), verdictText())
            .tiles(tiles)
            .section("How the search met its bound")
            .text(
                "What is expected under the candidates' probabilities, and the multiplier that"
                    + " drives it to the bound."
                    + warmup());
    for (int m = 0; m < result.constraints().size(); m++) {
      page.chart(towardsTheBound(m));
    }
    page.section("What was chosen").chart(probabilities());
    result.constraints().forEach(constraint -> page.chart(costs(constraint)));
    page.table(List.of("choice", "taken", "probability", "instead of", "probability"), picks())
        .section("Losses")
        .text(
            (together()
                    ? "Weights and logits learn from the same images; a loss is the mean of all"
                        + " paths of a pass."
                    : "Weights learn from one half of the training images, logits from the other.")
                + " Every loss is that of other paths on other images.")
        .row(losses(), decidedness());
    if (result.attempts().size() > 1) {
      page.section("Measured and repaired")
          .text(
              "While the measurement and three spreads exceeded a bound, or left more of one that"
                  + " was aimed at than needed, the prediction was asked to be lower or higher by"
                  + " the gap.")
          .table(
              List.of("attempt", "metric", "predicted", "measured", "with two spreads", "verdict"),
              attempts());
    }
    if (result.refined() != null) {
      refined(page, result.refined());
    }
    return page.section("Settings")
        .facts(result.settings())
        .section("Provenance")
        .facts(result.provenance().facts())
        .build();
  }

  private static void refined(HtmlReport.Builder page, Found refined) {
    Architecture better = refined.architecture();
    List<Choice> all = better.space().choices();
    page.section("What followed, in " + better.space().name())
        .verdict(
            refined.satisfied(),
            refined.verdicts().stream().map(Verdict::toString).collect(Collectors.joining("; ")))
        .text(refined.toString())
        .table(
            List.of("choice", "taken"),
            IntStream.range(0, all.size())
                .mapToObj(l -> List.of(all.get(l).name(), better.candidate(l).id()))
                .toList());
  }

  private String verdictText() {
    return result.verdicts().stream().map(Verdict::toString).collect(Collectors.joining("; "));
  }

  private String warmup() {
    long steps = of(Phase.WARM_UP).size();
    return steps == 0
        ? ""
        : " In the first "
            + steps
            + " passes only weights learned, of all candidates equally often.";
  }

  private boolean together() {
    return !of(Phase.TOGETHER).isEmpty();
  }

  private List<SearchStep> of(Phase... phases) {
    return result.history().stream().filter(s -> List.of(phases).contains(s.phase())).toList();
  }

  private Chart towardsTheBound(int m) {
    Verdict verdict = result.verdicts().get(m);
    Metric metric = verdict.metric();
    return LineChart.titled("Towards the bound on " + metric.name())
        .x("pass")
        .y("expected " + metric.name() + " [" + metric.unit() + "]")
        .line("expected", steps(), series(s -> s.pressures().get(m).expected()))
        .reference("bound " + withUnit(verdict.bound(), metric), verdict.bound())
        .panel("multiplier λ")
        .line("multiplier λ", steps(), series(s -> s.pressures().get(m).multiplier()))
        .build();
  }

  private Chart losses() {
    LineChart.Builder chart =
        LineChart.titled("Loss per batch").x("pass").y("cross-entropy [nats]");
    smoothed(chart, "weights", of(Phase.WARM_UP, Phase.WEIGHTS));
    smoothed(chart, "logits", of(Phase.LOGITS));
    smoothed(chart, "weights and logits", of(Phase.TOGETHER));
    return chart.build();
  }

  private static void smoothed(LineChart.Builder chart, String name, List<SearchStep> passes) {
    if (!passes.isEmpty()) {
      chart.smoothed(
          name,
          passes.stream().mapToDouble(SearchStep::step).toArray(),
          passes.stream().mapToDouble(SearchStep::loss).toArray(),
          SMOOTHED_OVER);
    }
  }

  private Chart decidedness() {
    return LineChart.titled("How undecided the choices are")
        .x("pass")
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
  private Chart costs(Constraint constraint) {
    double[][] change = constraint.sensitivity(result.architecture());
    double[] over = new double[change.length];
    double rest = constraint.predict(result.architecture());
    for (int l = 0; l < over.length; l++) {
      over[l] = -Arrays.stream(change[l]).min().orElseThrow();
      rest -= over[l];
    }
    return BarChart.titled(
            "Predicted "
                + constraint.metric().name()
                + " of each pick above the cheapest candidate (the rest: "
                + withUnit(rest, constraint.metric())
                + ")")
        .categories(choices.stream().map(Choice::name).toList())
        .bars("above the cheapest", over)
        .unit(constraint.metric().unit())
        .build();
  }

  private List<List<String>> picks() {
    Architecture found = result.architecture();
    double[][] probabilities = result.probabilities();
    List<List<String>> rows = new ArrayList<>();
    for (int l = 0; l < choices.size(); l++) {
      double[] p = probabilities[l];
      int best = IntStream.range(0, p.length).reduce(0, (a, b) -> p[b] > p[a] ? b : a);
      boolean swapped = best != found.pick(l);
      rows.add(
          List.of(
              choices.get(l).name(),
              found.candidate(l).id(),
              Numbers.decimal(p[found.pick(l)]),
              swapped ? choices.get(l).candidates().get(best).id() : "–",
              swapped ? Numbers.decimal(p[best]) : "–"));
    }
    return rows;
  }

  private List<List<String>> attempts() {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < result.attempts().size(); i++) {
      for (Verdict verdict : result.attempts().get(i).verdicts()) {
        Metric metric = verdict.metric();
        Measurement measured = verdict.measured();
        rows.add(
            List.of(
                Integer.toString(i + 1),
                metric.name(),
                verdict.predicted() == null ? "–" : withUnit(verdict.predicted(), metric),
                measured == null ? "–" : withUnit(measured.millis(), metric),
                measured == null ? "–" : withUnit(measured.upperMillis(), metric),
                verdict.satisfied() ? "satisfied" : "not satisfied"));
      }
    }
    return rows;
  }

  private double[] steps() {
    return series(SearchStep::step);
  }

  private double[] series(ToDoubleFunction<SearchStep> value) {
    return result.history().stream().mapToDouble(value).toArray();
  }

  private static String withUnit(double value, Metric metric) {
    return Numbers.format(value) + " " + metric.unit();
  }
}
