package org.lightnas.predict;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.lightnas.internal.AtomicFile;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

/**
 * The common form of our CSV files: a first line with kind and format version, header lines {@code
 * # key: value}, rows, and a last line with the CRC-32 of all before it, so that a damaged or
 * truncated file is never taken for a whole one. Reads line by line; every problem names the line.
 */
final class CheckedCsv {

  private static final int FORMAT = 1;
  private static final String SUM = "# crc32: ";

  private final Path file;
  private final List<String> lines;
  private int next;

  private CheckedCsv(Path file, List<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /** The first line of a file of this kind. */
  static String title(String kind) {
    return title(kind, FORMAT);
  }

  private static String title(String kind, int format) {
    return "# lightnas " + kind + ", format " + format;
  }

  /**
   * What a space is, on one line: name, and everything a table of it depends on that can be put in
   * words.
   */
  static String describe(ChoiceSpace space) {
    String images =
        space instanceof SearchSpace images2
            ? " of " + images2.input() + " images in " + images2.classes() + " classes"
            : "";
    return space.name().lines().collect(Collectors.joining(" "))
        + images
        + ": "
        + space.choices().stream().map(CheckedCsv::describe).collect(Collectors.joining(", "));
  }

  private static String describe(Choice choice) {
    return choice.candidates().stream()
        .map(candidate -> candidate.id())
        .collect(Collectors.joining("|", choice.name() + " ", ""));
  }

  /**
   * Writes the lines and their sum.
   *
   * @throws IOException naming the file
   */
  static void write(Path file, List<String> lines) throws IOException {
    AtomicFile.write(file, String.join("\n", lines) + "\n" + SUM + sum(lines) + "\n");
  }

  /**
   * Opens a file of this kind behind its first line.
   *
   * @throws IOException if it cannot be read
   * @throws PredictorFileException if it is something else or newer
   */
  static CheckedCsv open(Path file, String kind) throws IOException {
    // Bytes that are no UTF-8 become a replacement character, and the sum finds them.
    String text = new String(AtomicFile.read(file), StandardCharsets.UTF_8);
    CheckedCsv csv = new CheckedCsv(file, text.lines().toList());
    String first = csv.lines.isEmpty() ? "" : csv.line();
    String prefix = title(kind, 0).substring(0, title(kind, 0).length() - 1);
    if (!first.startsWith(prefix) || !first.substring(prefix.length()).matches("\\d{1,9}")) {
      throw csv.problemAt(
          1,
          "expected '" + title(kind) + "', but found '" + shortened(first) + "'.",
          "this is another kind of file.");
    }
    int format = Integer.parseInt(first.substring(prefix.length()));
    if (format != FORMAT) {
      throw csv.problemAt(
          1,
          "the file is of format "
              + format
              + ", but this version of the library reads format "
              + FORMAT
              + ".",
          "update the library.");
    }
    return csv;
  }

  /** The value of the next line, which must be {@code # key: value}. */
  String header(String key) {
    String prefix = "# " + key + ": ";
    String line = line();
    if (!line.startsWith(prefix)) {
      throw problem("expected '" + prefix + "…', but found '" + shortened(line) + "'.", WHOLE);
    }
    return line.substring(prefix.length());
  }

  /** Passes the next line, which must be this one. */
  void expect(String expected) {
    String line = line();
    if (!line.equals(expected)) {
      throw problem("expected '" + expected + "', but found '" + shortened(line) + "'.", WHOLE);
    }
  }

  /**
   * Passes the next line, which must describe the space.
   *
   * @throws PredictorFileException naming both spaces, if it describes another
   */
  void expectSpace(ChoiceSpace space) {
    String found = header("space");
    if (!found.equals(describe(space))) {
      throw problem(
          "the file is of space '" + found + "', not of '" + describe(space) + "'.",
          "measure this space, or read the file with its own.");
    }
  }

  /** Whether the next line is a row of so many columns rather than a header or the sum. */
  boolean hasRow() {
    return next < lines.size() && !lines.get(next).startsWith("#");
  }

  /** The columns of the next line. */
  String[] row(int columns) {
    String[] found = line().split(",", -1);
    if (found.length != columns) {
      throw problem("expected " + columns + " columns, but found " + found.length + ".", WHOLE);
    }
    return found;
  }

  /** The number of the line last read, from 1. */
  int lineNumber() {
    return next;
  }

  /**
   * A finite number in a column of the line last read.
   *
   * @param what for the message: {@code "the latency"}
   * @param least the least allowed value
   * @param exclusive whether {@code least} itself is refused
   */
  double number(String text, String what, double least, boolean exclusive) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw problem(what + " must be a number, but is '" + shortened(text) + "'.", WHOLE);
    }
    if (!Double.isFinite(value) || value < least || (exclusive && value == least)) {
      throw problem(
          what
              + " must be a finite number"
              + (least == Double.NEGATIVE_INFINITY
                  ? ""
                  : String.format(
                      Locale.ROOT, " %s %.0f", exclusive ? "above" : "of at least", least))
              + ", but is '"
              + shortened(text)
              + "'.",
          "measure again.");
    }
    return value;
  }

  /** A positive whole number in the line last read. */
  int count(String text, String what) {
    if (!text.matches("[1-9]\\d{0,8}")) {
      throw problem(
          what + " must be a whole number of at least 1, but is '" + shortened(text) + "'.", WHOLE);
    }
    return Integer.parseInt(text);
  }

  /** Reads the last line. */
  void end() {
    String found = header(SUM.substring(2, SUM.length() - 2));
    String expected = sum(lines.subList(0, next - 1));
    if (!found.equals(expected)) {
      throw problem(
          "the sum is '" + shortened(found) + "', but the lines before make '" + expected + "'.",
          WHOLE);
    }
    expectEnd();
  }

  /** There must be no more lines; for files without a sum. */
  void expectEnd() {
    if (next < lines.size()) {
      next++;
      throw problem("expected the end of the file.", WHOLE);
    }
  }

  private static final String WHOLE =
      "the file was damaged or edited: fetch a whole copy, or measure again.";

  private String line() {
    next++;
    if (next > lines.size()) {
      throw problem("expected more lines, but the file ends.", WHOLE);
    }
    return lines.get(next - 1);
  }

  /** A problem with the line last read. */
  PredictorFileException problem(String problem, String remedy) {
    return problemAt(next, problem, remedy);
  }

  private PredictorFileException problemAt(int line, String problem, String remedy) {
    return new PredictorFileException(file, line, problem, remedy);
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  private static String sum(List<String> lines) {
    CRC32 sum = new CRC32();
    for (String line : lines) {
      sum.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return String.format(Locale.ROOT, "%08x", sum.getValue());
  }
}
