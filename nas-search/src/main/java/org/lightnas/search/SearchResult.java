package org.lightnas.search;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lightnas.Provenance;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.report.HtmlReport;
import org.lightnas.space.Architecture;

/**
 * What a search found, and how.
 *
 * @param architecture the result; its predictions do not exceed the bounds, except where a bound is
 *     aimed at and the device that it names is faster than predicted
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
 * @param refined what a {@link SearchStage} after the search made of it, with its own verdicts;
 *     null if there was none
 * @param reproduce a Java class that repeats the search and says whether it finds the same: images
 *     with their fingerprint, space, bounds, every setting that is not the default, versions. What
 *     cannot be written down, such as a predictor made of a function, is named there for you to put
 *     in; see {@link org.lightnas.Reproducible}. Empty for results of searchers of your own.
 * @since 0.1.0
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
    Duration elapsed,
    @Nullable Found refined,
    String reproduce)
    implements Found {

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

  /** What a search found, with no stage after it, and no code. */
  public SearchResult(
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
    this(
        architecture,
        constraints,
        verdicts,
        attempts,
        swaps,
        probabilities,
        history,
        memory,
        settings,
        provenance,
        elapsed,
        null,
        "");
  }

  /** The same with what a stage after the search made of it. */
  SearchResult withRefined(Found better) {
    return with(better, reproduce);
  }

  /** The same with the code that repeats it. */
  SearchResult withCode(String code) {
    return with(refined, code);
  }

  private SearchResult with(@Nullable Found better, String code) {
    return new SearchResult(
        architecture,
        constraints,
        verdicts,
        attempts,
        swaps,
        probabilities,
        history,
        memory,
        settings,
        provenance,
        elapsed,
        better,
        code);
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

  /** A self-contained HTML page: the bound over the steps, probabilities, costs, losses. */
  @Override
  public HtmlReport page() {
    return SearchReport.of(this);
  }

  /** The swaps; what a stage after the search found and its verdicts. */
  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("swaps", swaps.stream().map(Swap::toString).toList());
    if (refined != null) {
      Architecture better = refined.architecture();
      details.put("refinedSpace", better.space().name());
      details.put(
          "refinedPicks",
          IntStream.range(0, better.space().choices().size())
              .mapToObj(l -> better.candidate(l).id())
              .toList());
      details.put("refinedVerdicts", refined.verdicts().stream().map(Verdict::toString).toList());
      details.put("refinedSatisfied", refined.satisfied());
    }
    return details;
  }

  /**
   * {@code k3e6-skip-…: asked ≤ 5.000 ms, predicted 4.912 ms: satisfied}, and behind it, after
   * {@code "; then "}, what a stage after the search found.
   */
  @Override
  public String toString() {
    return architecture
        + ": "
        + verdicts.stream().map(Verdict::toString).collect(Collectors.joining("; "))
        + (refined == null ? "" : "; then " + refined);
  }
}
