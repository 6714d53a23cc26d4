package org.lightnas.search.population;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lightnas.Provenance;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.report.HtmlReport;
import org.lightnas.search.Attempt;
import org.lightnas.search.Found;
import org.lightnas.space.Architecture;

/**
 * What a search by scores found, and how.
 *
 * @param best the result with its score
 * @param scoreName what the score is
 * @param constraints the bounds; may be none
 * @param verdicts on the result, one for each bound
 * @param measured the finalists, in the order in which they were measured; none where no bound
 *     names a device
 * @param leaders different architectures of the largest scores, at most 100, best first; where a
 *     model of the scores takes part in the choice ({@link GuidedSearch}), in its order
 * @param improvements each better than all before it, in their order
 * @param front of the score against predicted costs: those that {@link ParetoSearch} was given, or
 *     what is bounded
 * @param tally what was done, in numbers
 * @param settings of the searcher, by name, and why it ended
 * @param provenance where it was found
 * @param elapsed how long it took, that of runs before an interruption included
 * @since 0.1.0
 */
public record ScoreResult(
    Scored best,
    String scoreName,
    List<Constraint> constraints,
    List<Verdict> verdicts,
    List<Attempt> measured,
    List<Scored> leaders,
    List<Scored> improvements,
    ParetoFront front,
    Tally tally,
    Map<String, String> settings,
    Provenance provenance,
    Duration elapsed)
    implements Found {

  /** Copies what could change. */
  public ScoreResult {
    constraints = List.copyOf(constraints);
    verdicts = List.copyOf(verdicts);
    measured = List.copyOf(measured);
    leaders = List.copyOf(leaders);
    improvements = List.copyOf(improvements);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  @Override
  public Architecture architecture() {
    return best.architecture();
  }

  /** The score of the result. */
  public double score() {
    return best.score();
  }

  /** The score, and what was done for it. */
  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("score", score());
    details.put("scoreName", scoreName);
    details.put("tally", tally);
    if (!front.costs().isEmpty()) {
      details.put("front", front.points().stream().map(this::details).toList());
    }
    return details;
  }

  private Map<String, Object> details(ParetoFront.Point point) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("architecture", point.scored().architecture().id());
    details.put("score", point.scored().score());
    for (int m = 0; m < point.costs().size(); m++) {
      details.put(front.costs().get(m).name(), point.costs().get(m));
    }
    return details;
  }

  /** A self-contained HTML page: the best score over the evaluations, the leaders, the front. */
  @Override
  public HtmlReport page() {
    return ScoreReport.of(this);
  }

  /** {@code k3e6-skip-…: accuracy 71.3; asked ≤ 5.000 ms, predicted 4.912 ms: satisfied}. */
  @Override
  public String toString() {
    return architecture()
        + ": "
        + scoreName
        + " "
        + score()
        + verdicts.stream().map(v -> "; " + v).collect(Collectors.joining());
  }
}
