package org.lightnas.predict;

import java.util.function.Function;
import org.lightnas.metric.Predictor;

/**
 * A kind of model, and how one is fitted. Families are compared by fitting them on parts of a
 * profile and predicting the rest, so what they fit must depend on the profile's architectures and
 * latencies only, not on the order of its samples.
 *
 * @since 0.1.0
 */
public interface PredictorFamily {

  /** A short name, for reports and files; distinct among the families that are compared. */
  String name();

  /**
   * Fits a predictor; the same profile gives the same predictor, bit for bit.
   *
   * @param profile what to learn from; its space is the predictor's
   * @throws IllegalArgumentException if the family needs more samples, saying how many
   */
  Predictor fit(Profile profile);

  /**
   * The same kind of model for runtimes that remove dead operations: it sees only what reaches the
   * output ({@link org.lightnas.space.ChoiceSpace#reachable}); architectures that it cannot tell
   * apart count once, with their median latency. Its name is this family's with {@code -reachable}.
   */
  default PredictorFamily reachable() {
    return of(
        name() + "-reachable",
        profile -> new ReachablePredictor(fit(ReachablePredictor.reachable(profile)), null));
  }

  /** A family made of a function. */
  static PredictorFamily of(String name, Function<Profile, Predictor> fit) {
    return new PredictorFamily() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Predictor fit(Profile profile) {
        return fit.apply(profile);
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }
}
