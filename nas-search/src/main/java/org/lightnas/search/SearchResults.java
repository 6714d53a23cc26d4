package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Verdict;
import org.lightnas.report.HtmlReport;
import org.lightnas.report.LineChart;
import org.lightnas.report.ScatterChart;

/**
 * What searches of one space found for several bounds.
 *
 * @param all in the order of the bounds; at least one
 * @since 0.1.0
 */
public record SearchResults(List<SearchResult> all) implements Iterable<SearchResult> {

  private static final double LAST_SHARE = 0.1;

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public SearchResults {
    checkArgument(!all.isEmpty(), "There is no result to keep.");
    all = List.copyOf(all);
  }

  @Override
  public Iterator<SearchResult> iterator() {
    return all.iterator();
  }

  /** Whether all bounds of all searches are kept. */
  public boolean satisfied() {
    return all.stream().allMatch(SearchResult::satisfied);
  }

  /** A self-contained HTML page: all bounds in one picture, the front of results, a table. */
  public HtmlReport page() {
    SearchResult first = all.get(0);
    Metric metric = first.constraint().metric();
    long satisfied = all.stream().filter(SearchResult::satisfied).count();
    return HtmlReport.titled("Searches in " + first.architecture().space().name())
        .subtitle(all.size() + " bounds on " + metric.name() + ", one warm-up")
        .verdict(satisfied(), satisfied + " of " + all.size() + " bounds are kept")
        .section("Towards the bounds")
        .text("Each search is driven to its own bound by its own multiplier.")
        .chart(towardsTheBounds(metric))
        .section("What was found")
        .text(
            "The loss is that of the supernet's paths in the last tenth of the passes: lower is"
                + " better, and it compares results of one space and supernet only.")
        .chart(front(metric))
        .table(
            List.of("bound", "predicted", "measured", "verdict", "loss of paths", "architecture"),
            rows(metric))
        .section("Settings")
        .facts(first.settings())
        .section("Provenance")
        .facts(first.provenance().facts())
        .build();
  }

  private LineChart towardsTheBounds(Metric metric) {
    LineChart.Builder chart =
        LineChart.titled("Towards the bounds")
            .x("pass")
            .y("expected " + metric.name() + " [" + metric.unit() + "]");
    for (SearchResult result : all) {
      double bound = result.constraint().bound();
      String name = Numbers.format(bound) + " " + metric.unit();
      double[] expected = result.history().stream().mapToDouble(SearchStep::expected).toArray();
      chart.line("to " + name, expected).reference(name, bound);
    }
    return chart.build();
  }

  private ScatterChart front(Metric metric) {
    ScatterChart.Builder chart =
        ScatterChart.titled("Front of the results")
            .x(metric.name() + " [" + metric.unit() + "]")
            .y("loss of the last paths [nats]");
    double[] losses = all.stream().mapToDouble(SearchResults::lastLoss).toArray();
    double[] predicted =
        all.stream().mapToDouble(r -> r.constraint().predict(r.architecture())).toArray();
    chart.points("predicted", predicted, losses);
    double[] measured =
        all.stream().map(r -> r.verdicts().get(0)).mapToDouble(SearchResults::millis).toArray();
    if (Arrays.stream(measured).anyMatch(value -> !Double.isNaN(value))) {
      chart.points("measured", measured, losses);
    }
    return chart.build();
  }

  private static double millis(Verdict verdict) {
    Measurement measured = verdict.measured();
    return measured == null ? Double.NaN : measured.millis();
  }

  private static double lastLoss(SearchResult result) {
    List<SearchStep> logits =
        result.history().stream().filter(step -> step.phase().ofLogits()).toList();
    return logits.stream()
        .skip((long) ((1 - LAST_SHARE) * logits.size()))
        .mapToDouble(SearchStep::loss)
        .average()
        .orElse(Double.NaN);
  }

  private List<List<String>> rows(Metric metric) {
    List<List<String>> rows = new ArrayList<>();
    for (SearchResult result : all) {
      Verdict verdict = result.verdicts().get(0);
      Measurement measured = verdict.measured();
      rows.add(
          List.of(
              Numbers.format(verdict.bound()) + " " + metric.unit(),
              verdict.predicted() == null ? "–" : Numbers.format(verdict.predicted()),
              measured == null ? "–" : measured.toString(),
              result.satisfied() ? "satisfied" : "not satisfied",
              Numbers.decimal(lastLoss(result)),
              result.architecture().id()));
    }
    return rows;
  }
}
