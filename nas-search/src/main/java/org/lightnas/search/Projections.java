package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;

/** The end of a search by itself, for whoever scores candidates in another way. */
public final class Projections {

  private Projections() {}

  /**
   * The architecture of the largest total score within a bound: exact for additive predictors,
   * verified by prediction for all.
   *
   * @param scores {@code [choice][candidate]}, finite, larger is better
   * @param atLeast what the prediction should reach; if nothing lies between this and the bound,
   *     the band is moved down to the costliest below
   * @throws org.lightnas.InfeasibleConstraintException if nothing is found within the bound
   * @throws IllegalArgumentException if the scores do not have the space's shape, or are not finite
   */
  public static Architecture project(double[][] scores, Constraint constraint, double atLeast) {
    List<Choice> choices = constraint.predictor().space().choices();
    checkArgument(
        scores.length == choices.size(),
        "There must be a row of scores for each of %s choices, but there are %s.",
        choices.size(),
        scores.length);
    for (int l = 0; l < scores.length; l++) {
      checkArgument(
          scores[l].length == choices.get(l).size(),
          "Choice '%s' has %s candidates, but %s scores.",
          choices.get(l).name(),
          choices.get(l).size(),
          scores[l].length);
      for (double score : scores[l]) {
        checkArgument(
            Double.isFinite(score),
            "A score of choice '%s' is %s.\nMaybe give hopeless candidates a very low score.",
            choices.get(l).name(),
            score);
      }
    }
    return Projector.of(List.of(constraint))
        .project(scores, new double[] {atLeast}, new double[] {constraint.bound()})
        .architecture();
  }
}
