package org.lightnas.examples.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What simple searches reach in NAS-Bench-201 in another implementation, on the same tables: for
 * each data set, method and number of evaluations a mean over seeds with its deviation.
 */
final class Baselines {

  private static final String FILE = "nb201-baselines.csv";

  /** A mean may be off by this for reasons other than chance: rounding, order of ties. */
  private static final double ALLOWED = 0.05;

  private static final double SIGMAS = 3;

  private record Key(String dataset, String method, int evaluations) {}

  private record Value(double mean, double deviation, int seeds) {}

  private final Map<Key, Value> values = new HashMap<>();

  private Baselines() {}

  static Baselines read() throws IOException {
    Baselines baselines = new Baselines();
    try (InputStream in = Baselines.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IOException("There is no resource " + FILE + ".");
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .skip(1)
          .map(line -> line.split(",", -1))
          .forEach(
              cells ->
                  baselines.values.put(
                      new Key(cells[0], cells[1], Integer.parseInt(cells[2])),
                      new Value(
                          Double.parseDouble(cells[3]),
                          Double.parseDouble(cells[4]),
                          Integer.parseInt(cells[5]))));
    }
    return baselines;
  }

  /**
   * Where a mean of another implementation of the same must lie: within three standard errors of
   * the difference, and a little.
   *
   * @param standardError of that mean
   * @return null if nothing is known of this
   */
  double @Nullable [] band(String dataset, String method, int evaluations, double standardError) {
    Value known = values.get(new Key(dataset, method, evaluations));
    if (known == null) {
      return null;
    }
    double theirs = known.deviation / Math.sqrt(known.seeds);
    double reach = SIGMAS * Math.hypot(theirs, standardError) + ALLOWED;
    return new double[] {known.mean - reach, known.mean + reach};
  }
}
