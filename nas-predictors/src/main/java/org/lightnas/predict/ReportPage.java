package org.lightnas.predict;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.lightnas.predict.PredictorReport.Pair;
import org.lightnas.report.Chart;
import org.lightnas.report.HtmlReport;
import org.lightnas.report.ScatterChart;

/** The page about a predictor's held-out samples. */
final class ReportPage {

  private static final String HELD_OUT = "held out";

  private ReportPage() {}

  static HtmlReport of(String title, PredictorReport report) {
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put("median error", percent(report.medianError()));
    tiles.put("within 5 %", percent(report.within(0.05)));
    tiles.put("within 10 %", percent(report.within(0.10)));
    tiles.put("Spearman", decimal(report.spearman()));
    tiles.put("Kendall", decimal(report.kendall()));
    HtmlReport.Builder page =
        HtmlReport.titled(title)
            .subtitle(
                report.samples()
                    + " samples, each predicted by a predictor fitted on the other "
                    + (report.folds() - 1)
                    + " of "
                    + report.folds()
                    + " parts")
            .tiles(tiles);
    if (report.drifted()) {
      page.verdict(false, report.driftWarning());
    }
    PredictorReport.Interval kendall = report.kendallInterval();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("root mean squared error", String.format(Locale.ROOT, "%.3g ms", report.rmse()));
    facts.put("within 1 %", percent(report.within(0.01)));
    facts.put("Kendall, 95 %", decimal(kendall.low()) + " to " + decimal(kendall.high()));
    facts.put("autocorrelation of errors", decimal(report.drift()));
    return page.facts(facts)
        .section("Prediction and measurement")
        .text("Errors that depend on the prediction show what the predictor cannot express.")
        .row(predictedOverMeasured(report), residuals(report))
        .section("Measuring order")
        .text("Errors that follow the order of measuring show a device that drifted.")
        .chart(inOrder(report))
        .build();
  }

  private static Chart predictedOverMeasured(PredictorReport report) {
    return ScatterChart.titled("Latency of one batch")
        .x("measured [ms]")
        .y("predicted [ms]")
        .points(HELD_OUT, report.column(Pair::measured), report.column(Pair::predicted))
        .diagonal("exact")
        .build();
  }

  private static Chart residuals(PredictorReport report) {
    return ScatterChart.titled("Error by prediction")
        .x("predicted [ms]")
        .y("measured minus predicted [% of predicted]")
        .points(HELD_OUT, report.column(Pair::predicted), percentages(report))
        .reference("exact", 0)
        .build();
  }

  private static Chart inOrder(PredictorReport report) {
    double[] order = IntStream.rangeClosed(1, report.samples()).asDoubleStream().toArray();
    return ScatterChart.titled("Error in measuring order")
        .x("sample")
        .y("measured minus predicted [% of predicted]")
        .points(HELD_OUT, order, percentages(report))
        .reference("exact", 0)
        .build();
  }

  private static double[] percentages(PredictorReport report) {
    return report.column(pair -> 100 * pair.residual());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
