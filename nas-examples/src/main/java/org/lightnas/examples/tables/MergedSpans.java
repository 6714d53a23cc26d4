package org.lightnas.examples.tables;

import static java.util.Comparator.comparing;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lightnas.compress.SpanSplit.Span;
import org.lightnas.examples.tables.CsvTable.Row;

/**
 * How long rows of layers take once they are merged into one convolution, and the best times of the
 * same rows where they may be split, as others measured and computed them: two files {@code
 * NAME__time_X.csv} and {@code NAME__opt_time_X.csv}.
 *
 * @param file the name of the second file
 * @param merged each row as one convolution; kernels are not told, so all are 1
 * @param best each row as fast as it gets
 */
public record MergedSpans(String file, List<Span> merged, List<Best> best) {

  private static final String MERGED = "__time_";
  private static final String BEST = "__opt_time_";
  private static final int MOST_LAYERS = 9_999;

  /**
   * The fastest form of a row of layers.
   *
   * @param row its beginning and end, with the time of all parts
   * @param breaks where parts begin and end
   */
  public record Best(Span row, List<Integer> breaks) {

    /** Copies the list. */
    public Best {
      breaks = List.copyOf(breaks);
    }
  }

  /** Copies the lists. */
  public MergedSpans {
    merged = List.copyOf(merged);
    best = List.copyOf(best);
  }

  /**
   * Reads all networks of a folder, in the order of the files' names.
   *
   * @throws IOException if there is no network, or a file cannot be read
   * @throws TableFileException if a file does not hold what it should, naming the line
   */
  public static List<MergedSpans> read(Path folder) throws IOException {
    List<MergedSpans> networks = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + MERGED + "*.csv")) {
      for (Path file : files) {
        String second = file.getFileName().toString().replace(MERGED, BEST);
        CsvTable times = CsvTable.read(file);
        CsvTable optimal = CsvTable.read(file.resolveSibling(second));
        networks.add(
            new MergedSpans(
                second,
                times.rows().stream().map(row -> span(times, row)).toList(),
                optimal.rows().stream().map(row -> best(optimal, row)).toList()));
      }
    }
    if (networks.isEmpty()) {
      throw new NoSuchFileException(
          folder.toString(), null, "there is no table called NAME" + MERGED + "….csv");
    }
    networks.sort(comparing(MergedSpans::file));
    return networks;
  }

  private static Span span(CsvTable table, Row row) {
    int start = row.integer(table.column("st"), 0, MOST_LAYERS);
    return new Span(
        start,
        row.integer(table.column("end"), start + 1, MOST_LAYERS),
        1,
        row.positive(table.column("time")).orElseThrow(() -> row.problem("there is no time.")));
  }

  private static Best best(CsvTable table, Row row) {
    String breaks = row.text(table.column("breaks"));
    if (!breaks.matches("\\d{1,4}(,\\d{1,4})+")) {
      throw row.problem("'breaks' must be places separated by commas, but is '" + breaks + "'.");
    }
    return new Best(span(table, row), Stream.of(breaks.split(",")).map(Integer::valueOf).toList());
  }
}
