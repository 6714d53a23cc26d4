package org.lightnas.metric;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.lightnas.space.Architecture;

/**
 * Says how good an architecture is: the accuracy after a short training, with a supernet's shared
 * weights, by a table that others measured, or whatever a user works out.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Evaluator {

  /**
   * The score, finite; larger is better. The same architecture must get the same score whenever and
   * by whichever thread it is asked for: randomness belongs into a seed of the evaluator's own. May
   * take as long as it needs; searches remember scores.
   */
  double score(Architecture architecture);

  /** What the score is, with its unit, for messages, files and reports. */
  default String name() {
    return "score";
  }

  /**
   * What else decides the scores, by name: a search that goes on from a checkpoint is refused where
   * it says something else. Default nothing.
   */
  default Map<String, String> settings() {
    return Map.of();
  }

  /** An evaluator made of a function, with a name for its scores. */
  static Evaluator of(String name, ToDoubleFunction<Architecture> score) {
    return of(name, Map.of(), score);
  }

  /**
   * An evaluator made of a function.
   *
   * @param name of its scores
   * @param settings what else decides them; copied
   */
  static Evaluator of(
      String name, Map<String, String> settings, ToDoubleFunction<Architecture> score) {
    Map<String, String> facts = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    return new Evaluator() {
      @Override
      public double score(Architecture architecture) {
        return score.applyAsDouble(architecture);
      }

      @Override
      public String name() {
        return name;
      }

      @Override
      public Map<String, String> settings() {
        return facts;
      }
    };
  }
}
