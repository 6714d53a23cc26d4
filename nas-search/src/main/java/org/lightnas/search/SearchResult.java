package org.lightnas.search;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lightnas.Provenance;
import org.lightnas.internal.AtomicFile;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.report.HtmlReport;
import org.lightnas.space.Architecture;

/**
 * What a search found, and how.
 *
 * @param architecture the result; its predictions do not exceed the bounds
 * @param constraints the bounds and their predictors, at least one
 * @param verdicts on the result, one for each bound: predicted, and measured where the constraint
 *     names a device
 * @param attempts all projections on the way, the result among them; more than one where a
 *     measurement made a repair necessary
 * @param swaps how the result differs from the most probable architecture
 * @param probabilities of the candidates at the end, {@code [choice][candidate]}; copied
 * @param history every step of the search
 * @param memory native memory that the supernet took, on the engine's side
 * @param settings of the searcher, by name
 * @param provenance where it was found
 * @param elapsed how long it took
 */
public record SearchResult(
    Architecture architecture,
    List<Constraint> constraints,
    List<Verdict> verdicts,
    List<Attempt> attempts,
    List<Swap> swaps,
    double[][] probabilities,
    List<SearchStep> history,
    MemoryEstimate memory,
    Map<String, String> settings,
    Provenance provenance,
    Duration elapsed) {

  private static final int FORMAT = 1;

  /** Copies what could change. */
  public SearchResult {
    constraints = List.copyOf(constraints);
    verdicts = List.copyOf(verdicts);
    attempts = List.copyOf(attempts);
    swaps = List.copyOf(swaps);
    probabilities = copy(probabilities);
    history = List.copyOf(history);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  private static double[][] copy(double[][] rows) {
    return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
  }

  /** Of the candidates at the end, {@code [choice][candidate]}; a new array. */
  @Override
  public double[][] probabilities() {
    return copy(probabilities);
  }

  /** The first bound, and of most searches the only one. */
  public Constraint constraint() {
    return constraints.get(0);
  }

  /** The first verdict that is not satisfied, or the first of all. */
  public Verdict verdict() {
    return new Attempt(architecture, verdicts).verdict();
  }

  /** Whether all bounds are kept. */
  public boolean satisfied() {
    return new Attempt(architecture, verdicts).satisfied();
  }

  /** A self-contained HTML page: the bound over the steps, probabilities, costs, losses. */
  public HtmlReport report() {
    return SearchReport.of(this);
  }

  /** Architecture, verdicts, settings and provenance as JSON. */
  public String toJson() {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("format", FORMAT);
    root.put("space", architecture.space().name());
    ArrayNode picks = root.putArray("picks");
    for (int l = 0; l < architecture.space().choices().size(); l++) {
      picks.add(architecture.candidate(l).id());
    }
    ArrayNode judged = root.putArray("verdicts");
    verdicts.forEach(verdict -> put(verdict, judged.addObject()));
    ArrayNode changed = root.putArray("swaps");
    swaps.forEach(swap -> changed.add(swap.toString()));
    settings.forEach(root.putObject("settings")::put);
    provenance.facts().forEach(root.putObject("provenance")::put);
    root.put("seconds", elapsed.toMillis() / 1000.0);
    return root.toPrettyString();
  }

  private static void put(Verdict verdict, ObjectNode node) {
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

  /**
   * Writes {@link #toJson()}; {@code space.read(json)} gives the architecture back.
   *
   * @throws IOException naming the file, if it cannot be written
   */
  public void save(Path file) throws IOException {
    AtomicFile.write(file, toJson());
  }

  /** {@code k3e6-skip-…: asked ≤ 5.000 ms, predicted 4.912 ms: satisfied}. */
  @Override
  public String toString() {
    return architecture
        + ": "
        + verdicts.stream().map(Verdict::toString).collect(Collectors.joining("; "));
  }
}
