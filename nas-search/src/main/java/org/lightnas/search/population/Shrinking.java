package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.InterruptedRunException;
import org.lightnas.internal.Seeds;
import org.lightnas.search.Projections;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Op;

/**
 * Narrows a space from its end, as HSCoNAS does: a choice keeps the operation whose part of the
 * space is of the best quality, the mean objective of random architectures,
 *
 * <pre>
 * Q(part) = mean of F(arch) over N architectures drawn from it
 * </pre>
 *
 * and the choice before it is decided within what is left. The widths of an operation are kept or
 * dropped together. Our departures: all operations are judged on the same N architectures, which
 * differ in this choice only; operations that are less than a standard error behind the best, by
 * these pairs, are kept, too, so that noise decides nothing; and nothing is dropped without which
 * the bounds could not be kept.
 *
 * @param objective F, of architectures of the whole space
 * @param samples N, at least 2
 * @param seed decides which architectures are drawn
 */
record Shrinking(Objective objective, int samples, long seed) {

  /** What decisions leave of a space. */
  record Shrunk(Subspace space, List<Shrinkage> decisions) {

    /** How many operations were dropped. */
    int dropped() {
      return decisions.stream().mapToInt(Shrinkage::dropped).sum();
    }
  }

  /**
   * Decides on some choices, the last first.
   *
   * @param from position of the first one
   * @param to position behind the last one
   * @throws InterruptedRunException if this thread is interrupted
   */
  Shrunk shrink(Subspace space, int from, int to) {
    List<Shrinkage> decisions = new ArrayList<>();
    Subspace now = space;
    for (int l = to - 1; l >= from; l--) {
      Map<String, List<Integer>> operations = operations(now, l);
      if (operations.size() > 1) {
        List<Shrinkage.Operation> judged =
            judged(List.copyOf(operations.keySet()), scores(now, l, operations));
        Subspace left = left(now, l, operations, judged);
        if (!feasible(left)) {
          judged = judged.stream().map(Shrinking::spared).toList();
          left = now;
        }
        decisions.add(new Shrinkage(now.choices().get(l).name(), judged));
        now = left;
      }
    }
    return new Shrunk(now, decisions);
  }

  /** The candidates of a choice, by their places in the whole space, by what they share. */
  private static Map<String, List<Integer>> operations(Subspace space, int choice) {
    Map<String, List<Integer>> operations = new LinkedHashMap<>();
    for (int k : space.kept().get(choice)) {
      Candidate candidate = space.whole().choices().get(choice).candidates().get(k);
      String key = candidate instanceof Op op ? op.weightKey() : candidate.id();
      operations.computeIfAbsent(key, none -> new ArrayList<>()).add(k);
    }
    return operations;
  }

  /** {@code [operation][sample]}. */
  private double[][] scores(Subspace space, int choice, Map<String, List<Integer>> operations) {
    double[][] scores = new double[operations.size()][samples];
    for (int i = 0; i < samples; i++) {
      RandomGenerator random = Seeds.random(seed, "quality of choice " + choice, i);
      Architecture drawn = space.widened(space.sample(random));
      // About the same width of all operations, so that pairs differ in that as little as can be.
      double width = random.nextDouble();
      int k = 0;
      for (List<Integer> widths : operations.values()) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedRunException("The narrowing of the space was interrupted.");
        }
        int pick = widths.get((int) (width * widths.size()));
        scores[k++][i] = objective.score(drawn.with(choice, pick));
      }
    }
    return scores;
  }

  /** By scores {@code [operation][sample]}. */
  static List<Shrinkage.Operation> judged(List<String> names, double[][] scores) {
    int n = scores[0].length;
    double[] quality = Arrays.stream(scores).mapToDouble(s -> Arrays.stream(s).sum() / n).toArray();
    int best = 0;
    for (int k = 1; k < quality.length; k++) {
      best = quality[k] > quality[best] ? k : best;
    }
    List<Shrinkage.Operation> judged = new ArrayList<>();
    for (int k = 0; k < quality.length; k++) {
      double behind = quality[best] - quality[k];
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double deviation = scores[best][i] - scores[k][i] - behind;
        squares += deviation * deviation;
      }
      double error = Math.sqrt(squares / ((n - 1.0) * n));
      judged.add(new Shrinkage.Operation(names.get(k), quality[k], behind, error, behind <= error));
    }
    return judged;
  }

  private static Subspace left(
      Subspace space,
      int choice,
      Map<String, List<Integer>> operations,
      List<Shrinkage.Operation> judged) {
    return space.with(
        choice,
        judged.stream()
            .filter(Shrinkage.Operation::kept)
            .flatMap(operation -> operations.getOrDefault(operation.name(), List.of()).stream())
            .sorted()
            .toList());
  }

  private boolean feasible(Subspace space) {
    try {
      Projections.requireFeasible(objective.constraints().stream().map(space::narrowed).toList());
      return true;
    } catch (InfeasibleConstraintException e) {
      return false;
    }
  }

  private static Shrinkage.Operation spared(Shrinkage.Operation operation) {
    return new Shrinkage.Operation(
        operation.name(), operation.quality(), operation.behind(), operation.error(), true);
  }
}
