package org.lightnas.examples.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.widths.ChannelSpace;

/**
 * What both stages of a search found, as it is kept in {@code channels.jsonl}.
 *
 * @param key what it depends on
 * @param found of the first stage
 * @param widths of the second, in the {@link ChannelSpace} of the first
 * @param predicted latency of the second, in ms
 * @param foundMillis measured latency of the first, two spreads included
 * @param millis that of the second
 * @param score estimate of the second; that of the first is -1
 * @param seconds both took
 */
record ChannelOutcome(
    FoundNetwork.Key key,
    Architecture found,
    Architecture widths,
    double predicted,
    double foundMillis,
    double millis,
    double score,
    double seconds) {

  private static final double MOST = 1e6;

  /** Lines of the file; those of other problems stay in it. */
  static final class Format implements ResultsFile.Format<ChannelOutcome> {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final FoundNetwork.Problem problem;
    private final SearchSpace space;

    Format(FoundNetwork.Problem problem, SearchSpace space) {
      this.problem = problem;
      this.space = space;
    }

    @Override
    public String kind() {
      return "searches of channels";
    }

    @Override
    public Object key(ChannelOutcome outcome) {
      return outcome.key();
    }

    @Override
    public void write(ChannelOutcome outcome, ObjectNode line) {
      FoundNetwork.Key key = outcome.key();
      line.put("dataset", key.problem().dataset());
      line.put("space", key.problem().space());
      line.put("table", key.problem().table());
      line.put("bound_ms", key.bound());
      line.put("method", key.method());
      line.put("seed", key.seed());
      try {
        line.set("found", JSON.readTree(outcome.found().toJson()));
        line.set("widths", JSON.readTree(outcome.widths().toJson()));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("An architecture's own JSON is none.", e);
      }
      line.put("predicted_ms", outcome.predicted());
      line.put("found_ms", outcome.foundMillis());
      line.put("widths_ms", outcome.millis());
      line.put("score", outcome.score());
      line.put("seconds", outcome.seconds());
    }

    @Override
    public @Nullable ChannelOutcome read(ResultsFile.Line line) {
      FoundNetwork.Problem here =
          new FoundNetwork.Problem(line.text("dataset"), line.text("space"), line.text("table"));
      if (!here.equals(problem)) {
        return null;
      }
      Architecture found = space.read(line.object("found").toString());
      return new ChannelOutcome(
          new FoundNetwork.Key(
              here, line.number("bound_ms"), line.text("method"), line.whole("seed")),
          found,
          ChannelSpace.of(found).read(line.object("widths").toString()),
          line.number("predicted_ms"),
          line.number("found_ms"),
          line.number("widths_ms"),
          line.number("score", -MOST, MOST),
          line.number("seconds"));
    }
  }
}
