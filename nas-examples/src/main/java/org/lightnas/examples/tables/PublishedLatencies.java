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
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.zoo.NasBench201Space;

/**
 * Latencies that others measured on several devices: for each space a folder with {@code
 * archs.csv.gz}, what the architectures are, and {@code latency_ms.csv.gz}, one column per device.
 *
 * @param space of all profiles
 * @param profiles by the name of the device, in the order of the columns; samples in the order of
 *     the rows
 * @param filtered rows left out, by device; devices without are missing
 */
public record PublishedLatencies(
    ChoiceSpace space, Map<String, Profile> profiles, Map<String, Integer> filtered) {

  /** Below this share of the median, the exporter had removed nearly everything. */
  private static final double DEGENERATE = 0.05;

  static final String INDEX = "arch_idx";

  /** Copies the maps, in their order. */
  public PublishedLatencies {
    profiles = Collections.unmodifiableMap(new LinkedHashMap<>(profiles));
    filtered = Collections.unmodifiableMap(new LinkedHashMap<>(filtered));
  }

  /**
   * Reads the latencies of a space by its name.
   *
   * @param data the folder that holds the spaces' folders
   * @param name {@code nb201}, {@code fbnet} or {@code ofa_mbv3}
   * @throws IllegalArgumentException if there is no such space
   * @throws IOException if a file cannot be read
   * @throws TableFileException if a file does not hold what it should, naming the line
   */
  public static PublishedLatencies read(Path data, String name) throws IOException {
    Path folder = data.resolve(name);
    return switch (name) {
      case "nb201" -> nasBench201(folder);
      case "fbnet" -> fbNet(folder);
      case "ofa_mbv3" -> ofaMobileNetV3(folder);
      default ->
          throw new IllegalArgumentException(
              "There is no space '" + name + "', only nb201, fbnet and ofa_mbv3.");
    };
  }

  private static PublishedLatencies nasBench201(Path folder) throws IOException {
    NasBench201Space space = new NasBench201Space();
    CsvTable table = CsvTable.read(folder.resolve("archs.csv.gz"));
    return read(folder, space, table, cells(table, space));
  }

  /**
   * Reads the cell in a line of the benchmark's list, which says it twice.
   *
   * @throws TableFileException if there is no such column; the function does, if a line says two
   *     different cells
   */
  static Function<Row, Architecture> cells(CsvTable table, NasBench201Space space) {
    int cell = table.column("arch_str");
    int[] columns = columns(table, space.choices().stream().map(c -> "op_" + c.name()).toList());
    return row -> {
      Architecture architecture;
      try {
        architecture = space.parse(row.text(cell));
      } catch (IllegalArgumentException e) {
        throw row.problem(String.valueOf(e.getMessage()));
      }
      for (int l = 0; l < columns.length; l++) {
        if (row.integer(columns[l], 0, 4) != architecture.pick(l)) {
          throw row.problem("the cell is '" + row.text(cell) + "', but its numbers are others.");
        }
      }
      return architecture;
    };
  }

  private static PublishedLatencies fbNet(Path folder) throws IOException {
    FbNetSpace space = new FbNetSpace();
    CsvTable table = CsvTable.read(folder.resolve("archs.csv.gz"));
    int[] columns = columns(table, space.choices().stream().map(Choice::name).toList());
    return read(
        folder,
        space,
        table,
        row -> {
          int[] picks = new int[columns.length];
          for (int l = 0; l < picks.length; l++) {
            picks[l] = row.integer(columns[l], 0, space.choices().get(l).size() - 1);
          }
          return space.architecture(picks);
        });
  }

  private static PublishedLatencies ofaMobileNetV3(Path folder) throws IOException {
    OfaMobileNetV3Space space = new OfaMobileNetV3Space();
    CsvTable table = CsvTable.read(folder.resolve("archs.csv.gz"));
    List<Choice> choices = space.choices();
    return read(
        folder,
        space,
        table,
        row -> {
          int[] picks = new int[choices.size()];
          for (int l = 0; l < picks.length; l++) {
            String name = choices.get(l).name();
            String id;
            if (name.equals("resolution")) {
              id = "r" + row.text(table.column(name));
            } else if (name.startsWith("depth")) {
              id = "d" + row.text(table.column(name));
            } else {
              String layer = name.substring(name.indexOf('_'));
              id =
                  "k"
                      + row.text(table.column("ks" + layer))
                      + "_e"
                      + row.text(table.column("e" + layer));
            }
            try {
              picks[l] = choices.get(l).indexOf(id);
            } catch (IllegalArgumentException e) {
              throw row.problem(String.valueOf(e.getMessage()));
            }
          }
          return space.canonical(space.architecture(picks));
        });
  }

  private static int[] columns(CsvTable table, List<String> names) {
    return names.stream().mapToInt(table::column).toArray();
  }

  private static PublishedLatencies read(
      Path folder, ChoiceSpace space, CsvTable table, Function<Row, Architecture> reader)
      throws IOException {
    Map<String, Architecture> architectures = byIndex(table, reader);
    CsvTable latencies = CsvTable.read(folder.resolve("latency_ms.csv.gz"));
    int which = latencies.column(INDEX);
    Map<String, Profile> profiles = new LinkedHashMap<>();
    Map<String, Integer> filtered = new LinkedHashMap<>();
    for (int c = 0; c < latencies.header().size(); c++) {
      if (c == which) {
        continue;
      }
      String device = latencies.header().get(c);
      Map<Architecture, Double> measured = measured(latencies, which, c, architectures);
      int before = measured.size();
      if (space instanceof NasBench201Space && device.equals("pixel3")) {
        double least = DEGENERATE * median(measured);
        measured.values().removeIf(millis -> millis < least);
      }
      if (measured.size() < before) {
        filtered.put(device, before - measured.size());
      }
      profiles.put(device, Profile.of(space, space.name() + " on " + device, measured));
    }
    return new PublishedLatencies(space, profiles, filtered);
  }

  /** By the index that other files give them; of any order. */
  static Map<String, Architecture> byIndex(CsvTable table, Function<Row, Architecture> reader) {
    int index = table.column(INDEX);
    Map<String, Architecture> architectures = new HashMap<>();
    for (Row row : table.rows()) {
      if (architectures.put(row.text(index), reader.apply(row)) != null) {
        throw row.problem("architecture " + row.text(index) + " was in a line before already.");
      }
    }
    return architectures;
  }

  /** Two rows may be the same architecture once it is canonical; then the first one counts. */
  private static Map<Architecture, Double> measured(
      CsvTable latencies, int which, int column, Map<String, Architecture> architectures) {
    Map<Architecture, Double> measured = new LinkedHashMap<>();
    for (Row row : latencies.rows()) {
      Architecture architecture = architectures.get(row.text(which));
      if (architecture == null) {
        throw row.problem("there is no architecture " + row.text(which) + ".");
      }
      OptionalDouble millis = row.positive(column);
      if (millis.isPresent()) {
        measured.putIfAbsent(architecture, millis.getAsDouble());
      }
    }
    return measured;
  }

  private static double median(Map<Architecture, Double> measured) {
    double[] sorted =
        measured.values().stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }
}
