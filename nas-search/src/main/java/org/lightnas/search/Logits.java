package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * One trainable number per candidate, {@code alpha [choice][candidate]}, with the optimiser Adam
 * (betas 0.5 and 0.999 as LightNAS). Probabilities are {@code p = softmax(alpha)} per choice.
 */
final class Logits {

  private static final double BETA1 = 0.5;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final ChoiceSpace space;
  private final double[][] alpha;
  private final double[][] mean;
  private final double[][] square;
  private int updates;

  /** Starts undecided: all logits 0. */
  Logits(ChoiceSpace space) {
    this.space = space;
    this.alpha = zeros(space);
    this.mean = zeros(space);
    this.square = zeros(space);
  }

  /** Starts with logits from {@code N(0, deviation^2)}, drawn row by row. */
  Logits(ChoiceSpace space, double deviation, RandomGenerator random) {
    this(space);
    for (double[] row : alpha) {
      for (int k = 0; k < row.length; k++) {
        row[k] = deviation * random.nextGaussian();
      }
    }
  }

  /**
   * All that changes in a search.
   *
   * @param alpha the logits
   * @param mean Adam's mean of gradients
   * @param square Adam's mean of squared gradients
   * @param updates steps of Adam so far
   */
  record State(double[][] alpha, double[][] mean, double[][] square, int updates) {}

  /** A copy of where this is. */
  State state() {
    return new State(copy(alpha), copy(mean), copy(square), updates);
  }

  /**
   * Goes to where another run was.
   *
   * @throws IllegalArgumentException if no search of this space can be there
   */
  void restore(State state) {
    Saved.copy(state.alpha(), alpha, "logits");
    Saved.copy(state.mean(), mean, "means of gradients");
    Saved.copy(state.square(), square, "squares of gradients");
    for (double[] row : square) {
      for (double value : row) {
        checkArgument(value >= 0, "a square of gradients is %s", value);
      }
    }
    checkArgument(state.updates() >= 0, "logits were updated %s times", state.updates());
    updates = state.updates();
  }

  private static double[][] copy(double[][] rows) {
    return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
  }

  /** The weights of the candidates in an architecture: 1 for picks, 0 for others. */
  static double[][] oneHot(Architecture architecture) {
    double[][] rows = zeros(architecture.space());
    for (int l = 0; l < rows.length; l++) {
      rows[l][architecture.pick(l)] = 1;
    }
    return rows;
  }

  /** The candidate of the largest logit in every choice, the first of equals. */
  Architecture mostProbable() {
    return best(space, alpha);
  }

  /** The candidate of the largest score in every choice, the first of equals. */
  static Architecture best(ChoiceSpace space, double[][] scores) {
    int[] picks = new int[scores.length];
    for (int l = 0; l < picks.length; l++) {
      for (int k = 1; k < scores[l].length; k++) {
        if (scores[l][k] > scores[l][picks[l]]) {
          picks[l] = k;
        }
      }
    }
    return space.architecture(picks);
  }

  /** Zeros in the shape of a space's candidates. */
  static double[][] zeros(ChoiceSpace space) {
    List<Choice> choices = space.choices();
    double[][] rows = new double[choices.size()][];
    for (int l = 0; l < rows.length; l++) {
      rows[l] = new double[choices.get(l).size()];
    }
    return rows;
  }

  /** {@code p[l][k]}; a new array. */
  double[][] probabilities() {
    return Arrays.stream(alpha).map(row -> softmax(row, 1)).toArray(double[][]::new);
  }

  /** {@code log p[l][k]}; a new array. */
  double[][] logProbabilities() {
    double[][] logs = new double[alpha.length][];
    for (int l = 0; l < logs.length; l++) {
      // Not the logarithm of probabilities: those of hopeless candidates would all be log 0.
      double max = Arrays.stream(alpha[l]).max().orElseThrow();
      double sum = Arrays.stream(alpha[l]).map(a -> Math.exp(a - max)).sum();
      logs[l] = Arrays.stream(alpha[l]).map(a -> a - max - Math.log(sum)).toArray();
    }
    return logs;
  }

  /**
   * Mean entropy over the choices that have something to decide, each as a share of its maximum: 1
   * undecided, 0 decided; 0 if nothing is to be decided at all.
   */
  double entropy() {
    double total = 0;
    int open = 0;
    for (double[] p : probabilities()) {
      if (p.length > 1) {
        open++;
        for (double value : p) {
          total -= value > 0 ? value * Math.log(value) / Math.log(p.length) : 0;
        }
      }
    }
    return open == 0 ? 0 : total / open;
  }

  /**
   * A Gumbel-softmax draw: {@code s = softmax((alpha + g) / tau)} with {@code g = -log(-log U)}
   * (Jang et al. 2017), and the architecture of the largest entries, which follows {@code p}. Draws
   * one U per candidate, row by row.
   */
  Draw draw(RandomGenerator random, double tau) {
    double[][] soft = new double[alpha.length][];
    int[] picks = new int[alpha.length];
    for (int l = 0; l < alpha.length; l++) {
      double[] disturbed = disturbed(l, random);
      for (int k = 0; k < disturbed.length; k++) {
        if (disturbed[k] > disturbed[picks[l]]) {
          picks[l] = k;
        }
      }
      soft[l] = softmax(disturbed, tau);
    }
    return new Draw(space.architecture(picks), soft);
  }

  /** {@code alpha[l] + g}; draws one U per candidate. */
  private double[] disturbed(int l, RandomGenerator random) {
    double[] disturbed = new double[alpha[l].length];
    for (int k = 0; k < disturbed.length; k++) {
      double u = Math.max(random.nextDouble(), Double.MIN_NORMAL);
      disturbed[k] = alpha[l][k] - Math.log(-Math.log(u));
    }
    return disturbed;
  }

  /**
   * The paths that follow a drawn one until every candidate of the largest choice was on one. In
   * each choice the remaining candidates come in the order of repeated draws without replacement
   * (Plackett and Luce), which is that of disturbed logits; a choice with fewer candidates begins
   * another order when it is through. So only {@code first} follows {@code p}: what comes after it
   * is drawn given what came before.
   */
  List<Architecture> following(Architecture first, RandomGenerator random) {
    int[][] picks = new int[most(space) - 1][alpha.length];
    for (int l = 0; l < alpha.length; l++) {
      int taken = first.pick(l);
      for (int path = 0; path < picks.length; taken = -1) {
        for (int k : descending(disturbed(l, random))) {
          if (k != taken && path < picks.length) {
            picks[path++][l] = k;
          }
        }
      }
    }
    return Arrays.stream(picks).map(space::architecture).toList();
  }

  private static int[] descending(double[] keys) {
    return IntStream.range(0, keys.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer k) -> -keys[k]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The most candidates that a choice has. */
  static int most(ChoiceSpace space) {
    return space.choices().stream().mapToInt(Choice::size).max().orElseThrow();
  }

  /** No candidate yet, {@code [choice][candidate]}. */
  static boolean[][] none(ChoiceSpace space) {
    return space.choices().stream()
        .map(choice -> new boolean[choice.size()])
        .toArray(boolean[][]::new);
  }

  /**
   * A sampled architecture and the relaxed choices it came from.
   *
   * @param architecture the argmax of every row
   * @param soft {@code s[l][k]}, rows sum to 1
   */
  record Draw(Architecture architecture, double[][] soft) {

    /**
     * Adds the straight-through gradient of a loss by the logits, from its derivatives {@code
     * gates[l][k]} by the gates of all candidates: {@code sum_k gate_k s_k (1[j=k] - s_j) / tau}
     * (LightNAS).
     */
    void addStraightThrough(double[][] gates, double tau, double[][] gradient) {
      for (int l = 0; l < soft.length; l++) {
        double mean = 0;
        for (int k = 0; k < soft[l].length; k++) {
          mean += soft[l][k] * gates[l][k];
        }
        for (int j = 0; j < soft[l].length; j++) {
          gradient[l][j] += soft[l][j] * (gates[l][j] - mean) / tau;
        }
      }
    }
  }

  /** Sets every logit to a multiple of a number. */
  void set(double[][] values, double factor) {
    for (int l = 0; l < alpha.length; l++) {
      for (int k = 0; k < alpha[l].length; k++) {
        alpha[l][k] = factor * values[l][k];
      }
    }
  }

  /**
   * One step of Adam down the gradient.
   *
   * @param decay pull towards 0, added to the gradient as {@code decay * alpha}
   */
  void update(double[][] gradient, double rate, double decay) {
    updates++;
    double correction1 = 1 - Math.pow(BETA1, updates);
    double correction2 = 1 - Math.pow(BETA2, updates);
    for (int l = 0; l < alpha.length; l++) {
      for (int k = 0; k < alpha[l].length; k++) {
        double g = gradient[l][k] + decay * alpha[l][k];
        mean[l][k] = BETA1 * mean[l][k] + (1 - BETA1) * g;
        square[l][k] = BETA2 * square[l][k] + (1 - BETA2) * g * g;
        alpha[l][k] -=
            rate * (mean[l][k] / correction1) / (Math.sqrt(square[l][k] / correction2) + EPSILON);
      }
    }
  }

  private static double[] softmax(double[] z, double tau) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : z) {
      max = Math.max(max, value);
    }
    double[] p = new double[z.length];
    double sum = 0;
    for (int k = 0; k < z.length; k++) {
      p[k] = Math.exp((z[k] - max) / tau);
      sum += p[k];
    }
    for (int k = 0; k < z.length; k++) {
      p[k] /= sum;
    }
    return p;
  }
}
