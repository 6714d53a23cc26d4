package org.lightnas.examples.tables;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A CSV file with a header, compressed if its name ends in {@code .gz}. A cell that holds commas
 * stands in quotes; no cell holds a quote or the end of a line, as published tables of numbers do
 * not. Every problem names the line.
 */
final class CsvTable {

  /** A comma with as many opening as closing quotes behind it. */
  private static final Pattern COMMA = Pattern.compile(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)");

  private static final String WHOLE = "the file was damaged or edited: fetch it again.";

  private final Path file;
  private final List<String> header;
  private final List<Row> rows;

  private CsvTable(Path file, List<String> header, List<Row> rows) {
    this.file = file;
    this.header = header;
    this.rows = rows;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws TableFileException if it is not compressed as its name says, has no row, or a row has
   *     another number of cells than the header
   */
  static CsvTable read(Path file) throws IOException {
    List<String> lines = lines(file);
    if (lines.size() < 2) {
      throw new TableFileException(
          file, lines.size() + 1, "expected a header and rows, but the file ends.", WHOLE);
    }
    List<String> header = List.of(cells(lines.get(0)));
    List<Row> rows = new ArrayList<>();
    CsvTable table = new CsvTable(file, header, rows);
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = cells(lines.get(i));
      if (cells.length != header.size()) {
        throw new TableFileException(
            file,
            i + 1,
            "expected " + header.size() + " cells, but found " + cells.length + ".",
            WHOLE);
      }
      rows.add(table.new Row(i + 1, cells));
    }
    return table;
  }

  private static String[] cells(String line) {
    return line.indexOf('"') < 0
        ? line.split(",", -1)
        : COMMA.splitAsStream(line).map(c -> c.replace("\"", "")).toArray(String[]::new);
  }

  private static List<String> lines(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      if (file.toString().endsWith(".gz")) {
        try (InputStream unpacked = new GZIPInputStream(in)) {
          bytes = unpacked.readAllBytes();
        }
      } else {
        bytes = in.readAllBytes();
      }
    } catch (ZipException | java.io.EOFException e) {
      throw new TableFileException(
          file, 1, "expected compressed data, but: " + e.getMessage() + ".", WHOLE);
    }
    return new String(bytes, StandardCharsets.UTF_8).lines().toList();
  }

  /** The names of the columns. */
  List<String> header() {
    return header;
  }

  List<Row> rows() {
    return rows;
  }

  /**
   * The position of a column.
   *
   * @throws TableFileException if there is none of this name
   */
  int column(String name) {
    int column = header.indexOf(name);
    if (column < 0) {
      throw new TableFileException(
          file, 1, "there is no column '" + name + "', only " + header + ".", WHOLE);
    }
    return column;
  }

  /** A line of the file. */
  final class Row {

    private final int line;
    private final String[] cells;

    private Row(int line, String[] cells) {
      this.line = line;
      this.cells = cells;
    }

    String text(int column) {
      return cells[column];
    }

    /** A whole number in a range, both ends included. */
    int integer(int column, int least, int most) {
      int value = cells[column].matches("\\d{1,9}") ? Integer.parseInt(cells[column]) : -1;
      if (value < least || value > most) {
        throw problem(
            column, "must be a whole number from " + least + " to " + most, cells[column]);
      }
      return value;
    }

    /** A positive number; empty where the cell is. */
    OptionalDouble positive(int column) {
      if (cells[column].isEmpty()) {
        return OptionalDouble.empty();
      }
      double value;
      try {
        value = Double.parseDouble(cells[column]);
      } catch (NumberFormatException e) {
        value = Double.NaN;
      }
      if (!(value > 0 && Double.isFinite(value))) {
        throw problem(column, "must be a positive number", cells[column]);
      }
      return OptionalDouble.of(value);
    }

    private TableFileException problem(int column, String rule, String found) {
      return problem("'" + header.get(column) + "' " + rule + ", but is '" + found + "'.");
    }

    TableFileException problem(String problem) {
      return new TableFileException(file, line, problem, WHOLE);
    }
  }
}
