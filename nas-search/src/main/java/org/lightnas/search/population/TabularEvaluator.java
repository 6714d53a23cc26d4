package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.lightnas.NasException;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Scores that are known beforehand, as those of published benchmarks. An architecture that is not
 * in the table has the score of its {@linkplain ChoiceSpace#canonical canonical} form.
 *
 * @since 0.1.0
 */
public final class TabularEvaluator implements Evaluator {

  private final String name;
  private final ChoiceSpace space;
  private final Map<Architecture, Double> scores;
  private final Supplier<String> digest;

  private TabularEvaluator(String name, ChoiceSpace space, Map<Architecture, Double> scores) {
    this.name = name;
    this.space = space;
    this.scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    this.digest = Suppliers.memoize(() -> digest(this.scores));
  }

  /**
   * A table, copied.
   *
   * @param name what the scores are, with their unit
   * @throws IllegalArgumentException if there is none, one is not finite, or an architecture is of
   *     another space
   */
  public static TabularEvaluator of(
      String name, ChoiceSpace space, Map<Architecture, Double> scores) {
    checkArgument(!scores.isEmpty(), "The table of '%s' holds no score.", name);
    scores.forEach(
        (architecture, score) -> {
          architecture.requireSpace(space);
          checkArgument(
              Double.isFinite(score),
              "The table of '%s' scores architecture %s with %s.\nMaybe leave it out.",
              name,
              architecture.id(),
              score);
        });
    return new TabularEvaluator(name, space, scores);
  }

  @Override
  public String name() {
    return name;
  }

  /** A digest of the table. */
  @Override
  public Map<String, String> settings() {
    return Map.of("table of scores", digest.get());
  }

  private static String digest(Map<Architecture, Double> scores) {
    // A sum, so that the order does not count.
    long sum = 0;
    for (Map.Entry<Architecture, Double> entry : scores.entrySet()) {
      long digest = Double.doubleToLongBits(entry.getValue());
      for (int pick : entry.getKey().picks()) {
        digest = Seeds.derive(digest, "", pick);
      }
      sum += digest;
    }
    return Long.toHexString(sum);
  }

  /** All that is known, in the order of the table. */
  public Map<Architecture, Double> scores() {
    return scores;
  }

  /**
   * The score.
   *
   * @throws NasException if the table has none
   * @throws IllegalArgumentException if the architecture is of another space
   */
  @Override
  public double score(Architecture architecture) {
    Double score = scores.get(architecture);
    if (score == null) {
      architecture.requireSpace(space);
      score = scores.get(space.canonical(architecture));
    }
    if (score == null) {
      throw new NasException(
          "The table of '"
              + name
              + "' has no score of architecture "
              + architecture.id()
              + ", only of "
              + scores.size()
              + " others.\nMaybe search among those it has.");
    }
    return score;
  }

  /**
   * The mean score of several: what choosing among them by chance leads to, if something else could
   * not tell them apart.
   *
   * @throws IllegalArgumentException if there is none
   */
  public double mean(Collection<Architecture> architectures) {
    return architectures.stream()
        .mapToDouble(this::score)
        .average()
        .orElseThrow(() -> new IllegalArgumentException("There is no mean of no scores."));
  }
}
