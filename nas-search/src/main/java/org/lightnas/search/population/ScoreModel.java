package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.ranking.NaturalRanking;
import org.lightnas.space.Architecture;

/**
 * A Gaussian process over architectures (Rasmussen and Williams 2006, algorithm 2.1), of normal
 * scores: the value that a normal sample of as many would have at the rank (Blom 1958). Ranks,
 * because scores have long tails below, and what matters is the top. Length and noise are those of
 * a small grid under which the scores are likeliest; the variance follows from them.
 */
final class ScoreModel {

  /** Shares of the choices. */
  private static final double[] LENGTHS = {1.0 / 6, 1.0 / 3, 2.0 / 3, 4.0 / 3};

  /** Variance of noise over that of what architectures explain. */
  private static final double[] NOISES = {0.03, 0.1, 0.3, 0.6};

  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  private final Similarity similarity;
  private final Similarity.Encoded[] known;
  private final double[] normalScores;
  private final Fitted fitted;

  /**
   * One point of the grid.
   *
   * @param factor L of {@code K + noise I = L L'}
   * @param weights {@code (K + noise I)^-1 y}
   */
  private record Fitted(
      double length, double[][] factor, double[] weights, double variance, double likelihood) {}

  /**
   * What is expected.
   *
   * @param mean in normal scores
   * @param deviation without noise
   */
  record Expected(double mean, double deviation) {

    /** The expected improvement over a value (Jones et al. 1998). */
    double over(double value) {
      double z = (mean - value) / deviation;
      return deviation * (z * NORMAL.cumulativeProbability(z) + NORMAL.density(z));
    }
  }

  private ScoreModel(
      Similarity similarity, Similarity.Encoded[] known, double[] normalScores, Fitted fitted) {
    this.similarity = similarity;
    this.known = known;
    this.normalScores = normalScores;
    this.fitted = fitted;
  }

  /** Of at least 2 scores. Time O(n³), for each of 16 points of the grid. */
  static ScoreModel fit(Similarity similarity, List<Scored> scored) {
    Similarity.Encoded[] known =
        scored.stream()
            .map(s -> similarity.encode(s.architecture()))
            .toArray(Similarity.Encoded[]::new);
    double[] y = normalScores(scored.stream().mapToDouble(Scored::score).toArray());
    List<Fitted> grid = new ArrayList<>();
    for (double length : LENGTHS) {
      double[][] kernel = new double[y.length][];
      for (int i = 0; i < y.length; i++) {
        kernel[i] = new double[i + 1];
        for (int j = 0; j <= i; j++) {
          kernel[i][j] = similarity.of(known[i], known[j], length);
        }
      }
      for (double noise : NOISES) {
        grid.add(fit(kernel, y, length, noise));
      }
    }
    Fitted best = Collections.max(grid, Comparator.comparingDouble(Fitted::likelihood));
    return new ScoreModel(similarity, known, y, best);
  }

  static double[] normalScores(double[] scores) {
    double[] ranks = new NaturalRanking().rank(scores);
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = NORMAL.inverseCumulativeProbability((ranks[i] - 0.375) / (ranks.length + 0.25));
    }
    return ranks;
  }

  private static Fitted fit(double[][] kernel, double[] y, double length, double noise) {
    int n = y.length;
    double[][] factor = new double[n][];
    double logDeterminant = 0;
    for (int i = 0; i < n; i++) {
      double[] row = kernel[i].clone();
      row[i] += noise;
      for (int j = 0; j <= i; j++) {
        double[] other = j == i ? row : factor[j];
        double sum = row[j];
        for (int k = 0; k < j; k++) {
          sum -= row[k] * other[k];
        }
        row[j] = j == i ? Math.sqrt(sum) : sum / other[j];
      }
      factor[i] = row;
      logDeterminant += 2 * Math.log(row[i]);
    }
    double[] forward = forward(factor, y);
    double square = 0;
    for (double value : forward) {
      square += value * value;
    }
    double[] weights = forward;
    for (int i = n - 1; i >= 0; i--) {
      weights[i] /= factor[i][i];
      for (int k = 0; k < i; k++) {
        weights[k] -= factor[i][k] * weights[i];
      }
    }
    double variance = square / n;
    double likelihood = -0.5 * (n * Math.log(variance) + logDeterminant);
    return new Fitted(length, factor, weights, variance, likelihood);
  }

  /** Solves {@code L x = b}; a new array. */
  private static double[] forward(double[][] factor, double[] b) {
    double[] x = b.clone();
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= factor[i][k] * x[k];
      }
      x[i] /= factor[i][i];
    }
    return x;
  }

  /** The normal score of what it was fitted to, by position. */
  double normalScore(int position) {
    return normalScores[position];
  }

  double mean(Architecture architecture) {
    return dot(fitted.weights, row(architecture));
  }

  Expected expected(Architecture architecture) {
    double[] row = row(architecture);
    double[] solved = forward(fitted.factor, row);
    double left = Math.max(1e-9, 1 - dot(solved, solved));
    return new Expected(dot(fitted.weights, row), Math.sqrt(fitted.variance * left));
  }

  private double[] row(Architecture architecture) {
    Similarity.Encoded encoded = similarity.encode(architecture);
    double[] row = new double[known.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = similarity.of(encoded, known[i], fitted.length);
    }
    return row;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
