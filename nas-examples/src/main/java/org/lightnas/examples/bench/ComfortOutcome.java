package org.lightnas.examples.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.lightnas.search.widths.ComfortResult;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.widths.ChannelSpace;

/**
 * What a comfort zone was found to be, as it is kept in {@code comfort.jsonl}.
 *
 * @param key what it depends on
 * @param widened of the space of widths; its start if there is no comfort zone
 * @param factor of all widths, before single layers were raised
 * @param macsGained share of operations
 * @param parametersGained share of parameters
 * @param millisBefore measured in turns with {@code millisAfter}
 * @param millisAfter of the widened network, or of the last one tried
 * @param tolerated share of the latency
 * @param finding in words
 * @param seconds it took
 */
record ComfortOutcome(
    Key key,
    Architecture widened,
    double factor,
    double macsGained,
    double parametersGained,
    double millisBefore,
    double millisAfter,
    double tolerated,
    String finding,
    double seconds) {

  /** The greatest factor of a width. */
  static final double MOST = 2;

  /**
   * What an outcome depends on.
   *
   * @param space name and fingerprint
   * @param found the network as it was found
   * @param device fingerprint
   * @param tolerance asked for, as a share
   */
  record Key(String space, Architecture found, String device, double tolerance) {}

  static ComfortOutcome of(Key key, ComfortResult result, double seconds) {
    return new ComfortOutcome(
        key,
        result.architecture(),
        result.factor(),
        result.macsGained(),
        result.parametersGained(),
        result.before().millis(),
        result.after().millis(),
        result.tolerance(),
        result.finding(),
        seconds);
  }

  /** The space of widths that the zone is looked for in. */
  static ChannelSpace widths(Architecture found) {
    return ChannelSpace.builder(found).everyWidth(1, MOST).build();
  }

  boolean comfortable() {
    return !widened.equals(((ChannelSpace) widened.space()).start());
  }

  /** Results of other spaces stay in the file. */
  static final class Format implements ResultsFile.Format<ComfortOutcome> {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String fingerprint;
    private final SearchSpace space;

    Format(String fingerprint, SearchSpace space) {
      this.fingerprint = fingerprint;
      this.space = space;
    }

    @Override
    public String kind() {
      return "comfort zones";
    }

    @Override
    public Object key(ComfortOutcome outcome) {
      return outcome.key();
    }

    @Override
    public void write(ComfortOutcome outcome, ObjectNode line) {
      line.put("space", outcome.key().space());
      put(line, "found", outcome.key().found());
      line.put("device", outcome.key().device());
      line.put("tolerance", outcome.key().tolerance());
      put(line, "widened", outcome.widened());
      line.put("factor", outcome.factor());
      line.put("macs_gained", outcome.macsGained());
      line.put("parameters_gained", outcome.parametersGained());
      line.put("ms_before", outcome.millisBefore());
      line.put("ms_after", outcome.millisAfter());
      line.put("tolerated", outcome.tolerated());
      line.put("finding", outcome.finding());
      line.put("seconds", outcome.seconds());
    }

    private static void put(ObjectNode line, String name, Architecture architecture) {
      try {
        line.set(name, JSON.readTree(architecture.toJson()));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("An architecture's own JSON is none.", e);
      }
    }

    @Override
    public @Nullable ComfortOutcome read(ResultsFile.Line line) {
      if (!line.text("space").equals(fingerprint)) {
        return null;
      }
      Architecture found = space.read(line.object("found").toString());
      return new ComfortOutcome(
          new Key(fingerprint, found, line.text("device"), line.number("tolerance", 0, 1)),
          widths(found).read(line.object("widened").toString()),
          line.number("factor"),
          line.number("macs_gained"),
          line.number("parameters_gained"),
          line.number("ms_before"),
          line.number("ms_after"),
          line.number("tolerated"),
          line.text("finding"),
          line.number("seconds"));
    }
  }
}
