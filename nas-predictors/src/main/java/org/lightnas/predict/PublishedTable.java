package org.lightnas.predict;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/** Reads tables in the forms in which they are published; see {@link LatencyTable}. */
final class PublishedTable {

  private final Path file;
  private final ChoiceSpace space;
  private final double[][] entries;
  private int line;

  private PublishedTable(Path file, ChoiceSpace space) {
    this.file = file;
    this.space = space;
    this.entries = new double[space.choices().size()][];
    for (int l = 0; l < entries.length; l++) {
      entries[l] = new double[space.choices().get(l).size()];
      Arrays.fill(entries[l], Double.NaN);
    }
  }

  static LatencyTable read(Path file, ChoiceSpace space, double constant) throws IOException {
    PublishedTable table = new PublishedTable(file, space);
    // Not readAllLines: bytes that are no UTF-8 become a character that no name or number has.
    List<String> lines =
        new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
    table.line = 1;
    if (lines.isEmpty()) {
      throw table.problem("expected a header, but the file is empty.", "fetch a whole copy.");
    }
    String[] header = columns(withoutRemark(lines.get(0).strip()));
    boolean entryPerRow = header.length == 3 && header[2].endsWith("ms");
    for (String text : lines.subList(1, lines.size())) {
      table.line++;
      String[] row = columns(text);
      if (row.length != header.length) {
        throw table.problem(
            "expected " + header.length + " columns, but found " + row.length + ".",
            "fetch a whole copy.");
      }
      int l = table.choice(row[0]);
      if (entryPerRow) {
        table.put(l, row[1], row[2]);
      } else {
        for (int column = 1; column < row.length; column++) {
          table.put(l, header[column], row[column]);
        }
      }
    }
    return table.finished(constant);
  }

  /** Not by a regular expression: on a long line of brackets one would search for hours. */
  private static String withoutRemark(String header) {
    int from = header.startsWith("#") ? 1 : 0;
    int remark = header.endsWith(")") ? header.indexOf('(') : -1;
    return header.substring(from, remark < 0 ? header.length() : remark);
  }

  private static String[] columns(String line) {
    return Arrays.stream(line.split(",", -1)).map(String::strip).toArray(String[]::new);
  }

  private int choice(String name) {
    List<Choice> choices = space.choices();
    for (int l = 0; l < choices.size(); l++) {
      if (choices.get(l).name().equals(name)) {
        return l;
      }
    }
    throw problem(
        "space '" + space.name() + "' has no choice '" + name + "'.",
        "the table is of another space.");
  }

  private void put(int l, String candidate, String number) {
    Choice choice = space.choices().get(l);
    int k;
    try {
      k = choice.indexOf(candidate);
    } catch (IllegalArgumentException e) {
      throw problem(String.valueOf(e.getMessage()), "the table is of another space.");
    }
    if (!Double.isNaN(entries[l][k])) {
      throw problem(
          "the entry of choice '" + choice.name() + "', candidate '" + candidate + "' is doubled.",
          "two tables are in one file.");
    }
    double value;
    try {
      value = Double.parseDouble(number);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!Double.isFinite(value)) {
      throw problem(
          "the latency in ms of choice '"
              + choice.name()
              + "', candidate '"
              + candidate
              + "' must be a finite number, but is '"
              + number
              + "'.",
          "fetch a whole copy.");
    }
    entries[l][k] = value;
  }

  private LatencyTable finished(double constant) {
    line++;
    for (int l = 0; l < entries.length; l++) {
      for (int k = 0; k < entries[l].length; k++) {
        if (Double.isNaN(entries[l][k])) {
          Choice choice = space.choices().get(l);
          throw problem(
              "the file ends without an entry of choice '"
                  + choice.name()
                  + "', candidate '"
                  + choice.candidates().get(k).id()
                  + "'.",
              "fetch a whole copy.");
        }
      }
    }
    try {
      return LatencyTable.of(space, constant, entries);
    } catch (IllegalArgumentException e) {
      throw problem(String.valueOf(e.getMessage()), "these are not latencies.");
    }
  }

  private PredictorFileException problem(String problem, String remedy) {
    return new PredictorFileException(file, line, problem, remedy);
  }
}
