package org.lightnas.predict;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Picks architectures that tell most about a space: the cheapest, the dearest, every uniform one;
 * half of the others spread evenly over the range of costs, with every candidate of every choice
 * about equally often; the rest drawn uniformly. Uniformly drawn architectures alone would crowd in
 * the middle (of the published space 1 to 99 % of them lie in 16 to 29 ms of a range of 4 to 39),
 * and a table fitted on them has to guess the ends. Spread ones alone hold cheap candidates mostly
 * among cheap ones, and the table misjudges what searches find, which mixes both: where the first
 * block costs most, networks without it were predicted 6 % too fast.
 *
 * <p>For every stratum of cost, candidates are proposed by the distribution of maximal entropy with
 * that mean cost relative to what is rare, {@code p(k) ~ exp(beta cost[l][k]) / (1 + seen[l][k])^3}
 * independently per choice; of the proposals that fall into the stratum, the one whose candidates
 * were seen least so far is taken.
 */
final class StratifiedSampler {

  private static final int PROPOSALS = 256;
  private static final int BISECTIONS = 60;

  private final ChoiceSpace space;
  private final double[][] costs;
  private final RandomGenerator random;
  private final Set<Architecture> taken = new LinkedHashSet<>();
  private final int[][] seen;
  private final double range;

  /**
   * Prepares.
   *
   * @param costs over the cheapest candidate of each choice, {@code [choice][candidate]}
   */
  StratifiedSampler(ChoiceSpace space, double[][] costs, RandomGenerator random) {
    this.space = space;
    this.costs = costs;
    this.random = random;
    this.seen = new int[costs.length][];
    double sum = 0;
    for (int l = 0; l < costs.length; l++) {
      seen[l] = new int[costs[l].length];
      sum += costs[l][extreme(l, 1)];
    }
    range = sum;
  }

  /**
   * Draws.
   *
   * @param count how many; a space that holds no more is enumerated
   * @return distinct canonical architectures, the extremes first
   */
  List<Architecture> sample(int count) {
    if (space.size().compareTo(BigInteger.valueOf(count)) <= 0) {
      enumerate(new int[costs.length], 0);
      return new ArrayList<>(taken);
    }
    takeExtreme(-1, count);
    takeExtreme(1, count);
    int widest = space.choices().stream().mapToInt(Choice::size).max().orElse(0);
    for (int k = 0; k < widest && taken.size() < count; k++) {
      take(space.uniform(k));
    }
    // Strata are visited in random order, so that none is left with what balances the others.
    int strata = (count - taken.size() + 1) / 2;
    int[] order = shuffled(strata);
    for (int stratum : order) {
      Architecture found = propose(stratum, strata);
      if (found != null) {
        take(found);
      }
    }
    // These fill up also for strata that hold too few distinct architectures.
    for (int i = 0; i < PROPOSALS * count && taken.size() < count; i++) {
      take(space.sample(random));
    }
    return new ArrayList<>(taken);
  }

  private void enumerate(int[] picks, int from) {
    if (from == picks.length) {
      take(space.architecture(picks));
      return;
    }
    for (int k = 0; k < costs[from].length; k++) {
      picks[from] = k;
      enumerate(picks, from + 1);
    }
  }

  private void takeExtreme(int sign, int count) {
    int[] picks = new int[costs.length];
    for (int l = 0; l < picks.length; l++) {
      picks[l] = extreme(l, sign);
    }
    if (taken.size() < count) {
      take(space.architecture(picks));
    }
  }

  /** The candidate of choice l with the largest {@code sign * cost}, the first of equals. */
  private int extreme(int l, int sign) {
    int best = 0;
    for (int k = 1; k < costs[l].length; k++) {
      if (sign * costs[l][k] > sign * costs[l][best]) {
        best = k;
      }
    }
    return best;
  }

  private void take(Architecture architecture) {
    Architecture canonical = space.canonical(architecture);
    if (taken.add(canonical)) {
      for (int l = 0; l < seen.length; l++) {
        seen[l][canonical.pick(l)]++;
      }
    }
  }

  /** The best of the proposals, or null if all are taken already. */
  private @Nullable Architecture propose(int stratum, int strata) {
    double centre = range * (stratum + 0.5) / strata;
    double halfWidth = range * 0.5 / strata;
    double[][] cumulative = cumulative(tilt(centre));
    Architecture best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < PROPOSALS; i++) {
      Architecture proposal = space.canonical(draw(cumulative));
      if (taken.contains(proposal)) {
        continue;
      }
      double off = Math.abs(SwapCosts.total(costs, proposal) - centre);
      double badness = familiarity(proposal);
      if (off > halfWidth) {
        // Any proposal inside the stratum beats any outside, and the nearer the better.
        badness += costs.length * (1 + off / halfWidth);
      }
      if (badness < least) {
        least = badness;
        best = proposal;
      }
    }
    return best;
  }

  /** How often its candidates were seen, each over the most seen of its choice: 0 to L. */
  private double familiarity(Architecture proposal) {
    double sum = 0;
    for (int l = 0; l < seen.length; l++) {
      int most = 1;
      for (int count : seen[l]) {
        most = Math.max(most, count);
      }
      sum += (double) seen[l][proposal.pick(l)] / most;
    }
    return sum;
  }

  /** The beta whose mean cost is the wanted one, by bisection; the mean grows with beta. */
  private double tilt(double cost) {
    if (!(range > 0)) {
      return 0;
    }
    // Beyond +-low * L / range, every choice with a say takes an extreme candidate.
    double low = -50 * costs.length / range;
    double high = -low;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (mean(middle) < cost) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  private double mean(double beta) {
    double sum = 0;
    for (int l = 0; l < costs.length; l++) {
      double[] weights = weights(beta, l);
      double total = 0;
      double weighted = 0;
      for (int k = 0; k < weights.length; k++) {
        total += weights[k];
        weighted += weights[k] * costs[l][k];
      }
      sum += weighted / total;
    }
    return sum;
  }

  /** Proportional to the probabilities of choice l; divided so that none overflows. */
  private double[] weights(double beta, int l) {
    double top = beta > 0 ? costs[l][extreme(l, 1)] : 0;
    double[] weights = new double[costs[l].length];
    for (int k = 0; k < weights.length; k++) {
      double rarity = 1.0 / (1 + seen[l][k]);
      weights[k] = Math.exp(beta * (costs[l][k] - top)) * rarity * rarity * rarity;
    }
    return weights;
  }

  private double[][] cumulative(double beta) {
    double[][] sums = new double[costs.length][];
    for (int l = 0; l < costs.length; l++) {
      sums[l] = weights(beta, l);
      Arrays.parallelPrefix(sums[l], Double::sum);
    }
    return sums;
  }

  private Architecture draw(double[][] cumulative) {
    int[] picks = new int[cumulative.length];
    for (int l = 0; l < picks.length; l++) {
      double[] sums = cumulative[l];
      double u = random.nextDouble() * sums[sums.length - 1];
      while (picks[l] < sums.length - 1 && u >= sums[picks[l]]) {
        picks[l]++;
      }
    }
    return space.architecture(picks);
  }

  private int[] shuffled(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
