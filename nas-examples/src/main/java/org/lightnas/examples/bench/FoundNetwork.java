package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * What a search found, as it is kept in {@code searches.jsonl}.
 *
 * @param key what it depends on
 * @param architecture meets the bound
 * @param predicted its latency, in ms
 * @param seconds the search took
 * @param settings of the searcher, by name
 */
record FoundNetwork(
    Key key,
    Architecture architecture,
    double predicted,
    double seconds,
    Map<String, String> settings) {

  FoundNetwork {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /**
   * What a search depends on.
   *
   * @param problem where networks are searched and judged
   * @param bound in ms
   * @param method its label
   */
  record Key(Problem problem, double bound, String method, long seed) {}

  /**
   * Where networks are searched and judged.
   *
   * @param dataset name and fingerprint
   * @param space name and fingerprint
   * @param table fingerprint of the latency table
   */
  record Problem(String dataset, String space, String table) {

    static Problem of(ShortTraining training, LatencyTable table) {
      return new Problem(
          training.images().fingerprint(), training.spaceFingerprint(), fingerprint(table));
    }

    /** Sixteen hexadecimal digits that depend on every entry. */
    private static String fingerprint(LatencyTable table) {
      Hasher hasher = Hashing.sha256().newHasher().putDouble(table.constant());
      for (double[] row : table.table()) {
        for (double entry : row) {
          hasher.putDouble(entry);
        }
      }
      return hasher.hash().toString().substring(0, 16);
    }
  }

  /** Those of a results folder; searches of other problems stay in the file. */
  static ResultsFile<FoundNetwork> in(ResultsFolder folder, Problem problem, SearchSpace space)
      throws IOException {
    return ResultsFile.open(folder.file("searches.jsonl"), new Format(problem, space));
  }

  /** Results of other problems stay in the file; their spaces are not at hand. */
  static final class Format implements ResultsFile.Format<FoundNetwork> {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Problem problem;
    private final SearchSpace space;

    Format(Problem problem, SearchSpace space) {
      this.problem = problem;
      this.space = space;
    }

    @Override
    public String kind() {
      return "searches";
    }

    @Override
    public Object key(FoundNetwork found) {
      return found.key();
    }

    @Override
    public void write(FoundNetwork found, ObjectNode line) {
      Key key = found.key();
      line.put("dataset", key.problem().dataset());
      line.put("space", key.problem().space());
      line.put("table", key.problem().table());
      line.put("bound_ms", key.bound());
      line.put("method", key.method());
      line.put("seed", key.seed());
      try {
        line.set("architecture", JSON.readTree(found.architecture().toJson()));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("An architecture's own JSON is none.", e);
      }
      line.put("predicted_ms", found.predicted());
      line.put("seconds", found.seconds());
      found.settings().forEach(line.putObject("settings")::put);
    }

    @Override
    public @Nullable FoundNetwork read(ResultsFile.Line line) {
      Problem here = new Problem(line.text("dataset"), line.text("space"), line.text("table"));
      if (!here.equals(problem)) {
        return null;
      }
      double bound = line.number("bound_ms");
      double predicted = line.number("predicted_ms");
      checkArgument(
          predicted <= bound, "a search ends within %s ms, but at %s ms.", bound, predicted);
      Map<String, String> settings = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> setting : line.object("settings").properties()) {
        settings.put(setting.getKey(), setting.getValue().asText());
      }
      return new FoundNetwork(
          new Key(here, bound, line.text("method"), line.whole("seed")),
          space.read(line.object("architecture").toString()),
          predicted,
          line.number("seconds"),
          settings);
    }
  }
}
