package org.lightnas.examples.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.PredictorReport;
import org.lightnas.predict.Profile;

/**
 * What a predictor reached on a test set.
 *
 * @param medianError of {@code |predicted - measured| / measured}
 * @param within5 share of the architectures whose error is at most 5 %
 * @param within10 the same for 10 %
 */
record PredictorScore(
    double spearman, double kendall, double medianError, double within5, double within10) {

  static PredictorScore of(Predictor predictor, Profile test) {
    // Held out as in a report, though of one fit; only its figures are used.
    PredictorReport report =
        new PredictorReport(
            2,
            test.samples().stream()
                .map(
                    sample ->
                        new PredictorReport.Pair(
                            sample.measurement().millis(),
                            predictor.predict(sample.architecture())))
                .toList());
    return new PredictorScore(
        report.spearman(),
        report.kendall(),
        report.medianError(),
        report.within(0.05),
        report.within(0.10));
  }

  static PredictorScore mean(List<PredictorScore> scores) {
    double[] sum = new double[5];
    for (PredictorScore s : scores) {
      double[] values = {s.spearman, s.kendall, s.medianError, s.within5, s.within10};
      for (int i = 0; i < sum.length; i++) {
        sum[i] += values[i] / scores.size();
      }
    }
    return new PredictorScore(sum[0], sum[1], sum[2], sum[3], sum[4]);
  }

  static List<?> heading() {
    return List.of(
        "device",
        "n",
        "predictor",
        "Spearman",
        "Kendall",
        "error %",
        "5 % share",
        "10 % share",
        "over op counts",
        "of ceiling");
  }

  List<?> row(String device, int n, String predictor, double table5, double ceiling) {
    return List.of(
        device,
        n,
        predictor,
        spearman,
        kendall,
        100 * medianError,
        within5,
        within10,
        spearman - table5,
        spearman / ceiling);
  }

  Map<String, Object> result(
      String space, String device, int n, String predictor, double table5, double ceiling) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("space", space);
    result.put("device", device);
    result.put("n", n);
    result.put("predictor", predictor);
    result.put("spearman", spearman);
    result.put("kendall", kendall);
    result.put("median_error", medianError);
    result.put("within5", within5);
    result.put("within10", within10);
    result.put("table5_spearman", table5);
    result.put("ceiling_spearman", ceiling);
    return result;
  }
}
