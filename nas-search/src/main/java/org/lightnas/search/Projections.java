package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.lightnas.device.Device;
import org.lightnas.internal.Foreign;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

/**
 * The end of a search by itself, for whoever scores candidates in another way.
 *
 * @since 0.1.0
 */
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
   * @throws IllegalArgumentException if the scores do not have the space's shape, or a number is
   *     not finite
   */
  public static Architecture project(double[][] scores, Constraint constraint, double atLeast) {
    requireScores(scores, constraint.predictor().space());
    checkArgument(
        Double.isFinite(atLeast), "The prediction should reach a number, not %s.", atLeast);
    return Projector.of(List.of(constraint))
        .project(scores, new double[] {atLeast}, new double[] {constraint.bound()})
        .architecture();
  }

  /**
   * The architecture of the largest total score within several bounds at once.
   *
   * @param scores as of {@link #project(double[][], Constraint, double)}
   * @param constraints at least one; their predictors are for one space
   * @throws org.lightnas.InfeasibleConstraintException if nothing is found within the bounds
   */
  public static Architecture project(double[][] scores, List<Constraint> constraints) {
    checkArgument(!constraints.isEmpty(), "A projection needs a bound, but got none.");
    requireScores(scores, constraints.get(0).predictor().space());
    return Projector.of(constraints)
        .project(
            scores,
            new double[constraints.size()],
            constraints.stream().mapToDouble(Constraint::bound).toArray())
        .architecture();
  }

  /**
   * Checks that something meets the bounds.
   *
   * @throws org.lightnas.InfeasibleConstraintException if nothing was found that does, with the
   *     least value found
   */
  public static void requireFeasible(List<Constraint> constraints) {
    if (!constraints.isEmpty()) {
      Projector.of(constraints).requireFeasible();
    }
  }

  /**
   * Has every device that is to judge what is found measure one architecture within the bounds:
   * what it cannot do should be known before hours of training, not after.
   *
   * @param seed of the architecture's weights
   * @throws org.lightnas.NasException if a device fails
   * @throws org.lightnas.InfeasibleConstraintException if nothing is found within the bounds
   */
  public static void requireMeasurable(SearchSpace space, List<Constraint> constraints, long seed) {
    Set<Device> devices = Collections.newSetFromMap(new IdentityHashMap<>());
    constraints.forEach(constraint -> addDevice(constraint, devices));
    if (devices.isEmpty()) {
      return;
    }
    double[][] alike =
        space.choices().stream().map(choice -> new double[choice.size()]).toArray(double[][]::new);
    Architecture tried = project(alike, constraints);
    for (Device device : devices) {
      Foreign.call(
          () -> device.measure(space, tried, seed),
          () ->
              "Device "
                  + device
                  + ", which is to measure what is found, failed on architecture "
                  + tried.id());
    }
  }

  private static void addDevice(Constraint constraint, Set<Device> devices) {
    Device device = constraint.device();
    if (device != null) {
      devices.add(device);
    }
  }

  private static void requireScores(double[][] scores, ChoiceSpace space) {
    List<Choice> choices = space.choices();
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
  }
}
