package org.lightnas.predict;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/** Latency tables as CSV files; numbers are written so that reading gives the same bits. */
final class TableCsv {

  private static final String KIND = "latency table";
  private static final String COLUMNS = "choice,candidate,ms";
  private static final String REPORT_COLUMNS = "measured ms,predicted ms";

  /** Stands for what a table made by hand does not have. */
  private static final String NONE = "-";

  private TableCsv() {}

  static void write(LatencyTable table, Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(CheckedCsv.title(KIND));
    lines.add("# space: " + CheckedCsv.describe(table.space()));
    lines.add("# fingerprint: " + table.fingerprint().orElse(NONE));
    lines.add("# reference ms: " + table.referenceMillis().map(String::valueOf).orElse(NONE));
    lines.add("# constant ms: " + table.constant());
    lines.add(COLUMNS);
    double[][] entries = table.table();
    for (int l = 0; l < entries.length; l++) {
      Choice choice = table.space().choices().get(l);
      for (int k = 0; k < entries[l].length; k++) {
        lines.add(choice.name() + "," + choice.candidates().get(k).id() + "," + entries[l][k]);
      }
    }
    lines.add("# report folds: " + table.report().map(r -> String.valueOf(r.folds())).orElse(NONE));
    table
        .report()
        .ifPresent(
            report -> {
              lines.add(REPORT_COLUMNS);
              report.pairs().forEach(pair -> lines.add(pair.measured() + "," + pair.predicted()));
            });
    CheckedCsv.write(file, lines);
  }

  static LatencyTable read(Path file, ChoiceSpace space) throws IOException {
    CheckedCsv csv = CheckedCsv.open(file, KIND);
    csv.expectSpace(space);
    String fingerprint = csv.header("fingerprint");
    String reference = csv.header("reference ms");
    double referenceMillis =
        reference.equals(NONE) ? 0 : csv.number(reference, "the reference latency", 0, true);
    double constant =
        csv.number(csv.header("constant ms"), "the constant", Double.NEGATIVE_INFINITY, false);
    csv.expect(COLUMNS);
    List<Double> entries = new ArrayList<>();
    for (Choice choice : space.choices()) {
      for (int k = 0; k < choice.size(); k++) {
        entries.add(entry(csv, choice, k));
      }
    }
    PredictorReport report = report(csv);
    csv.end();
    try {
      return new LatencyTable(
          space,
          constant,
          entries.stream().mapToDouble(Double::doubleValue).toArray(),
          fingerprint.equals(NONE) ? null : fingerprint,
          referenceMillis,
          report);
    } catch (IllegalArgumentException e) {
      throw csv.problem(String.valueOf(e.getMessage()), "profile again.");
    }
  }

  private static double entry(CheckedCsv csv, Choice choice, int k) {
    String[] row = csv.row(3);
    String id = choice.candidates().get(k).id();
    if (!row[0].equals(choice.name()) || !row[1].equals(id)) {
      throw csv.problem(
          "expected the entry of choice '"
              + choice.name()
              + "', candidate '"
              + id
              + "', but found '"
              + row[0]
              + "', '"
              + row[1]
              + "'.",
          "rows were moved, doubled or lost: profile again.");
    }
    return csv.number(row[2], "the latency in ms", Double.NEGATIVE_INFINITY, false);
  }

  private static @Nullable PredictorReport report(CheckedCsv csv) {
    String folds = csv.header("report folds");
    if (folds.equals(NONE)) {
      return null;
    }
    int count = csv.count(folds, "the number of folds");
    csv.expect(REPORT_COLUMNS);
    List<PredictorReport.Pair> pairs = new ArrayList<>();
    while (csv.hasRow()) {
      String[] row = csv.row(2);
      pairs.add(
          new PredictorReport.Pair(
              csv.number(row[0], "the measured latency", 0, true),
              csv.number(row[1], "the predicted latency", Double.NEGATIVE_INFINITY, false)));
    }
    try {
      return new PredictorReport(count, pairs);
    } catch (IllegalArgumentException e) {
      throw csv.problem(String.valueOf(e.getMessage()), "profile again.");
    }
  }
}
