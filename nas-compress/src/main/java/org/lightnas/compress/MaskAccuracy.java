package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Predicts the accuracy of grafted networks from few masks that have been tried: Bayesian linear
 * regression on {@link MaskFeatures}, whose prior is learned from other tasks.
 *
 * <pre>
 * (accuracy - mean) / deviation = w x(mask) + noise      w_i ~ N(m_i, v_i)
 * </pre>
 *
 * <p>Luo et al. (Domino, ASP-DAC 2024) name a "meta-accuracy predictor" and leave open what it is.
 * This is meta-learning in its plainest form: what tasks have in common is the prior, fitted to
 * them by expectation maximisation, and adapting to a task is the posterior. Nothing is left to
 * tune for twenty labels: how wide the prior is and how large the noise are those of the largest
 * evidence. A task unlike the others is one that has more evidence without them.
 */
final class MaskAccuracy {

  private static final double[] WIDTHS = {0.03, 0.1, 0.3, 1, 3};
  private static final double[] NOISES = {0.01, 0.03, 0.1, 0.3, 1};
  private static final int EXPECTATIONS = 20;

  /** Of a coefficient on which few tasks agree by chance. */
  private static final double LEAST_VARIANCE = 1e-3;

  private final MaskFeatures features;
  private final Belief belief;
  private final double mean;
  private final double deviation;

  private MaskAccuracy(MaskFeatures features, Belief belief, Labels labels) {
    this.features = features;
    this.belief = belief;
    this.mean = labels.mean;
    this.deviation = labels.deviation;
  }

  /**
   * What is believed before a mask has been tried.
   *
   * @param mean of each coefficient
   * @param variance of each coefficient
   */
  record Prior(double[] mean, double[] variance) {

    /** Of one who knows no other task. */
    static Prior flat(ChoiceSpace space) {
      double[] mean = new double[new MaskFeatures(space).count()];
      double[] variance = mean.clone();
      Arrays.fill(variance, 1);
      return new Prior(mean, variance);
    }

    /**
     * What tasks have in common.
     *
     * @param tasks masks tried in each, of spaces with the choices of {@code space}; two tasks at
     *     least
     */
    static Prior learned(ChoiceSpace space, List<List<LabelledMask>> tasks) {
      checkArgument(
          tasks.size() >= 2,
          "What tasks have in common needs two tasks at least, but there is %s.",
          tasks.size());
      MaskFeatures features = new MaskFeatures(space);
      List<Labels> labels = tasks.stream().map(tried -> new Labels(features, tried)).toList();
      Prior prior = flat(space);
      for (int round = 0; round < EXPECTATIONS; round++) {
        prior = between(prior.of(labels));
      }
      return prior;
    }

    /** What is believed of each task. */
    private List<Belief> of(List<Labels> tasks) {
      return tasks.stream().map(labels -> labels.best(this, new double[] {1})).toList();
    }

    /** The prior under which beliefs like these are most likely. */
    private static Prior between(List<Belief> beliefs) {
      double[] mean = new double[beliefs.get(0).mean().length];
      for (Belief belief : beliefs) {
        double[] of = belief.mean();
        Arrays.setAll(mean, i -> mean[i] + of[i] / beliefs.size());
      }
      double[] variance = new double[mean.length];
      for (Belief belief : beliefs) {
        double[] of = belief.mean();
        double[] own = belief.variance();
        for (int i = 0; i < mean.length; i++) {
          variance[i] += ((of[i] - mean[i]) * (of[i] - mean[i]) + own[i]) / beliefs.size();
        }
      }
      Arrays.setAll(variance, i -> Math.max(LEAST_VARIANCE, variance[i]));
      return new Prior(mean, variance);
    }
  }

  /**
   * Adapts to a task.
   *
   * @param tried masks of the space, of which two at least differ in accuracy
   * @throws IllegalArgumentException if they do not
   */
  static MaskAccuracy adapted(ChoiceSpace space, Prior prior, List<LabelledMask> tried) {
    MaskFeatures features = new MaskFeatures(space);
    Labels labels = new Labels(features, tried);
    List<Belief> beliefs = new ArrayList<>();
    beliefs.add(labels.best(prior, WIDTHS));
    beliefs.add(labels.best(Prior.flat(space), WIDTHS));
    return new MaskAccuracy(
        features, Collections.max(beliefs, Comparator.comparingDouble(Belief::evidence)), labels);
  }

  /** In percent. */
  double predict(Architecture mask) {
    return mean + deviation * belief.at(features.of(mask));
  }

  /** What was tried in one task, with accuracies of mean 0 and deviation 1. */
  private static final class Labels {

    private final double[][] x;
    private final double[] y;
    private final double mean;
    private final double deviation;

    Labels(MaskFeatures features, List<LabelledMask> tried) {
      x = tried.stream().map(label -> features.of(label.mask())).toArray(double[][]::new);
      double[] accuracies = tried.stream().mapToDouble(LabelledMask::accuracy).toArray();
      mean = Arrays.stream(accuracies).average().orElse(0);
      deviation =
          Math.sqrt(Arrays.stream(accuracies).map(a -> (a - mean) * (a - mean)).sum() / x.length);
      checkArgument(
          deviation > 0,
          "Accuracies of %s masks that do not differ teach nothing.\nMaybe try more masks, or judge"
              + " them on more images.",
          tried.size());
      y = Arrays.stream(accuracies).map(a -> (a - mean) / deviation).toArray();
    }

    /** The belief with the largest evidence, over widths of the prior and sizes of the noise. */
    Belief best(Prior prior, double[] widths) {
      List<Belief> beliefs = new ArrayList<>();
      for (double width : widths) {
        double[] variance = Arrays.stream(prior.variance).map(v -> width * v).toArray();
        for (double noise : NOISES) {
          Belief belief = new Belief(prior.mean, variance, noise);
          for (int k = 0; k < y.length; k++) {
            belief.observe(x[k], y[k]);
          }
          beliefs.add(belief);
        }
      }
      return Collections.max(beliefs, Comparator.comparingDouble(Belief::evidence));
    }
  }
}
