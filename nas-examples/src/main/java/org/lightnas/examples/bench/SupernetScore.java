package org.lightnas.examples.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * What a supernet said of a random architecture, as it is kept in {@code supernet-scores.jsonl}.
 *
 * @param key what it depends on
 * @param architecture drawn from what was left of the space
 * @param accuracy with the supernet's weights, in percent
 */
record SupernetScore(Key key, Architecture architecture, double accuracy) {

  /**
   * Which score it is.
   *
   * @param search during which it was asked for
   * @param stage of narrowing before it; 0 for the whole space
   * @param number of the architecture, from 0
   */
  record Key(FoundNetwork.Key search, int stage, int number) {}

  /** Scores of other problems stay in the file. */
  static final class Format implements ResultsFile.Format<SupernetScore> {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final FoundNetwork.Problem problem;
    private final SearchSpace space;

    Format(FoundNetwork.Problem problem, SearchSpace space) {
      this.problem = problem;
      this.space = space;
    }

    @Override
    public String kind() {
      return "scores of supernets";
    }

    @Override
    public Object key(SupernetScore score) {
      return score.key();
    }

    @Override
    public void write(SupernetScore score, ObjectNode line) {
      FoundNetwork.Key search = score.key().search();
      line.put("dataset", search.problem().dataset());
      line.put("space", search.problem().space());
      line.put("table", search.problem().table());
      line.put("bound_ms", search.bound());
      line.put("method", search.method());
      line.put("seed", search.seed());
      line.put("stage", score.key().stage());
      line.put("number", score.key().number());
      try {
        line.set("architecture", JSON.readTree(score.architecture().toJson()));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("An architecture's own JSON is none.", e);
      }
      line.put("supernet_acc", score.accuracy());
    }

    @Override
    public @Nullable SupernetScore read(ResultsFile.Line line) {
      FoundNetwork.Problem here =
          new FoundNetwork.Problem(line.text("dataset"), line.text("space"), line.text("table"));
      if (!here.equals(problem)) {
        return null;
      }
      FoundNetwork.Key search =
          new FoundNetwork.Key(
              here, line.number("bound_ms"), line.text("method"), line.whole("seed"));
      return new SupernetScore(
          new Key(search, (int) line.whole("stage"), (int) line.whole("number")),
          space.read(line.object("architecture").toString()),
          line.number("supernet_acc", 0, 100));
    }
  }
}
