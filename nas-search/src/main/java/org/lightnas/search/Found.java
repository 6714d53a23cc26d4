package org.lightnas.search;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.lightnas.Provenance;
import org.lightnas.internal.AtomicFile;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.report.HtmlReport;
import org.lightnas.space.Architecture;

/**
 * What every search says of its result, whatever it searched by.
 *
 * @since 0.1.0
 */
public interface Found {

  /**
   * The result. Its predictions do not exceed the bounds, except where a search aims at a bound and
   * the device that it names is faster than predicted.
   */
  Architecture architecture();

  /** The bounds and their predictors. */
  List<Constraint> constraints();

  /** On the result, one for each bound: predicted, and measured where it names a device. */
  List<Verdict> verdicts();

  /** Of the searcher, by name. */
  Map<String, String> settings();

  /** Where it was found. */
  Provenance provenance();

  /** How long it took. */
  Duration elapsed();

  /** A self-contained HTML page about the search. */
  HtmlReport page();

  /**
   * What {@link #toJson} says beside what all results have, by name: texts, numbers, and lists of
   * these.
   */
  default Map<String, Object> details() {
    return Map.of();
  }

  /** Whether all bounds are kept. */
  default boolean satisfied() {
    return verdicts().stream().allMatch(Verdict::satisfied);
  }

  /** Architecture, verdicts, details, settings and provenance as JSON. */
  default String toJson() {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("format", 1);
    root.put("space", architecture().space().name());
    ArrayNode picks = root.putArray("picks");
    for (int l = 0; l < architecture().space().choices().size(); l++) {
      picks.add(architecture().candidate(l).id());
    }
    ArrayNode judged = root.putArray("verdicts");
    for (Verdict verdict : verdicts()) {
      ObjectNode node = judged.addObject();
      node.put("metric", verdict.metric().name());
      node.put("unit", verdict.metric().unit());
      node.put("bound", verdict.bound());
      if (verdict.predicted() != null) {
        node.put("predicted", verdict.predicted());
      }
      if (verdict.measured() != null) {
        node.put("measured", verdict.measured().millis());
        node.put("spread", verdict.measured().spread());
      }
      node.put("satisfied", verdict.satisfied());
    }
    details().forEach((name, value) -> root.set(name, mapper.valueToTree(value)));
    settings().forEach(root.putObject("settings")::put);
    provenance().facts().forEach(root.putObject("provenance")::put);
    root.put("seconds", elapsed().toMillis() / 1000.0);
    return root.toPrettyString();
  }

  /**
   * Writes {@link #toJson()}; {@code space.read(json)} gives the architecture back.
   *
   * @throws IOException naming the file, if it cannot be written
   */
  default void write(Path file) throws IOException {
    AtomicFile.write(file, toJson());
  }
}
