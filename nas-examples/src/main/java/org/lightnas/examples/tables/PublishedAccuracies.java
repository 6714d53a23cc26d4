package org.lightnas.examples.tables;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.lightnas.examples.tables.CsvTable.Row;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.zoo.NasBench201Space;

/**
 * Accuracies that others trained every architecture of a space for: for searches whose true optimum
 * is known.
 *
 * @param space of all tables
 * @param tables in percent, by the name of the column, in the order of the columns
 */
public record PublishedAccuracies(ChoiceSpace space, Map<String, TabularEvaluator> tables) {

  /** Copies the map, in its order. */
  public PublishedAccuracies {
    tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
  }

  /**
   * Reads the accuracies of a space by its name.
   *
   * @param data the folder that holds the spaces' folders
   * @param name {@code nb201} or {@code nbmacro}
   * @throws IllegalArgumentException if there is no such space
   * @throws IOException if a file cannot be read
   * @throws TableFileException if a file does not hold what it should, naming the line
   */
  public static PublishedAccuracies read(Path data, String name) throws IOException {
    Path folder = data.resolve(name);
    CsvTable accuracies;
    switch (name) {
      case "nb201" -> {
        NasBench201Space space = new NasBench201Space();
        CsvTable cells = CsvTable.read(folder.resolve("archs.csv.gz"));
        Map<String, Architecture> known =
            PublishedLatencies.byIndex(cells, PublishedLatencies.cells(cells, space));
        accuracies = CsvTable.read(folder.resolve("accuracy.csv.gz"));
        int index = accuracies.column(PublishedLatencies.INDEX);
        return read(
            space,
            accuracies,
            row -> {
              Architecture architecture = known.get(row.text(index));
              if (architecture == null) {
                throw row.problem("there is no architecture " + row.text(index) + ".");
              }
              return architecture;
            });
      }
      case "nbmacro" -> {
        NasBenchMacroSpace space = new NasBenchMacroSpace();
        accuracies = CsvTable.read(folder.resolve("accuracy.csv.gz"));
        int text = accuracies.column("arch");
        return read(
            space,
            accuracies,
            row -> {
              try {
                return space.parse(row.text(text));
              } catch (IllegalArgumentException e) {
                throw row.problem(String.valueOf(e.getMessage()));
              }
            });
      }
      default ->
          throw new IllegalArgumentException(
              "There is no space '" + name + "' with accuracies, only nb201 and nbmacro.");
    }
  }

  /**
   * The index of each cell of NAS-Bench-201 in the benchmark's files.
   *
   * @param data the folder that holds the spaces' folders
   * @throws IOException if the file cannot be read
   * @throws TableFileException if it does not hold what it should, naming the line
   */
  public static Map<Architecture, String> cellIndices(Path data) throws IOException {
    CsvTable cells = CsvTable.read(data.resolve("nb201").resolve("archs.csv.gz"));
    Map<Architecture, String> indices = new HashMap<>();
    PublishedLatencies.byIndex(cells, PublishedLatencies.cells(cells, new NasBench201Space()))
        .forEach((index, cell) -> indices.put(cell, index));
    return indices;
  }

  /** All columns that hold accuracies; cells may be empty. */
  private static PublishedAccuracies read(
      ChoiceSpace space, CsvTable accuracies, Function<Row, Architecture> reader) {
    Map<String, Map<Architecture, Double>> columns = new LinkedHashMap<>();
    List<String> header = accuracies.header();
    for (Row row : accuracies.rows()) {
      Architecture architecture = reader.apply(row);
      for (int c = 0; c < header.size(); c++) {
        if (!isAccuracy(header.get(c))) {
          continue;
        }
        OptionalDouble accuracy = row.positive(c);
        if (accuracy.isPresent()
            && columns
                    .computeIfAbsent(header.get(c), name -> new LinkedHashMap<>())
                    .put(architecture, accuracy.getAsDouble())
                != null) {
          throw row.problem("architecture " + architecture.id() + " was in a line before already.");
        }
      }
    }
    Map<String, TabularEvaluator> tables = new LinkedHashMap<>();
    columns.forEach(
        (name, scores) -> tables.put(name, TabularEvaluator.of(name + " [%]", space, scores)));
    return new PublishedAccuracies(space, tables);
  }

  /** Means and single runs; not deviations, costs and names. */
  private static boolean isAccuracy(String column) {
    return column.matches("(.*_)?(test|val)_.*") && !column.endsWith("_std");
  }

  /**
   * The table of a column.
   *
   * @throws IllegalArgumentException if there is none of this name, naming those that are there
   */
  public TabularEvaluator table(String column) {
    TabularEvaluator table = tables.get(column);
    if (table == null) {
      throw new IllegalArgumentException(
          "There are no accuracies '" + column + "', only " + tables.keySet() + ".");
    }
    return table;
  }
}
