package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.lightnas.PoorPredictorException;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Kendall;
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
 *
 * <p>How well it ranks is told by its own labels, each predicted from the others. Where that is no
 * better than chance, it {@linkplain #steers() does not steer}: as an evaluator it refuses.
 *
 * <p>{@link MaskLearner} makes one of a network and its images. Immutable.
 *
 * @since 0.1.0
 */
public final class MaskAccuracy implements Evaluator {

  private static final double[] WIDTHS = {0.03, 0.1, 0.3, 1, 3};
  private static final double[] NOISES = {0.01, 0.03, 0.1, 0.3, 1};
  private static final int EXPECTATIONS = 20;

  /** Leaving one out must leave some that differ. */
  private static final int LEAST_LABELS = 4;

  /** Of a coefficient on which few tasks agree by chance. */
  private static final double LEAST_VARIANCE = 1e-3;

  private final MaskFeatures features;
  private final Belief belief;
  private final double mean;
  private final double deviation;
  private final List<LabelledMask> tried;
  private final Kendall rank;

  private MaskAccuracy(
      MaskFeatures features, Labels labels, Prior prior, List<LabelledMask> tried, Kendall rank) {
    this.features = features;
    this.belief = labels.belief(prior);
    this.mean = labels.mean;
    this.deviation = labels.deviation;
    this.tried = tried;
    this.rank = rank;
  }

  /**
   * What is believed before a mask has been tried. Immutable.
   *
   * @since 0.1.0
   */
  public static final class Prior {

    private final MaskFeatures features;

    /** Of each coefficient. */
    private final double[] mean;

    private final double[] variance;

    private Prior(MaskFeatures features, double[] mean, double[] variance) {
      this.features = features;
      this.mean = mean;
      this.variance = variance;
    }

    /** Of one who knows no other task. */
    public static Prior untaught(ChoiceSpace space) {
      return untaught(new MaskFeatures(space));
    }

    private static Prior untaught(MaskFeatures features) {
      double[] variance = new double[features.count()];
      Arrays.fill(variance, 1);
      return new Prior(features, new double[variance.length], variance);
    }

    private Prior forgotten() {
      return untaught(features);
    }

    /**
     * Checks that it is about masks with these choices.
     *
     * @throws IllegalArgumentException if not, naming the block
     */
    void requireFits(ChoiceSpace space) {
      new MaskFeatures(space).requireSame(features);
    }

    /**
     * What tasks have in common.
     *
     * @param tasks masks tried in each, of spaces with the choices of {@code space}; two tasks at
     *     least
     * @throws IllegalArgumentException if there are fewer, or the masks of one do not differ in
     *     accuracy
     */
    public static Prior learned(ChoiceSpace space, List<List<LabelledMask>> tasks) {
      checkArgument(
          tasks.size() >= 2,
          "What tasks have in common needs two tasks at least, but there is %s.",
          tasks.size());
      MaskFeatures features = new MaskFeatures(space);
      List<Labels> labels = tasks.stream().map(tried -> new Labels(features, tried)).toList();
      Prior prior = untaught(space);
      for (int round = 0; round < EXPECTATIONS; round++) {
        prior = between(features, prior.of(labels));
      }
      return prior;
    }

    /** What is believed of each task. */
    private List<Belief> of(List<Labels> tasks) {
      return tasks.stream().map(labels -> labels.best(this, new double[] {1})).toList();
    }

    /** The prior under which beliefs like these are most likely. */
    private static Prior between(MaskFeatures features, List<Belief> beliefs) {
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
      return new Prior(features, mean, variance);
    }
  }

  /**
   * Adapts to a task.
   *
   * @param space the masks' choices
   * @param tried masks of the space; 20 to 50 are meant, 4 the least
   * @throws IllegalArgumentException if there are fewer, hardly any differ in accuracy, or the
   *     prior is of a space with other choices
   */
  public static MaskAccuracy adapted(ChoiceSpace space, Prior prior, List<LabelledMask> tried) {
    prior.requireFits(space);
    checkArgument(
        tried.size() >= LEAST_LABELS,
        "Accuracies of %s masks are too few to learn from.\nMaybe try %s or more.",
        tried.size(),
        20);
    MaskFeatures features = new MaskFeatures(space);
    double[] measured = tried.stream().mapToDouble(LabelledMask::accuracy).toArray();
    double[] foretold = new double[measured.length];
    for (int i = 0; i < foretold.length; i++) {
      List<LabelledMask> others = new ArrayList<>(tried);
      LabelledMask left = others.remove(i);
      Labels labels = new Labels(features, others);
      foretold[i] =
          labels.mean + labels.deviation * labels.belief(prior).at(features.of(left.mask()));
    }
    return new MaskAccuracy(
        features,
        new Labels(features, tried),
        prior,
        List.copyOf(tried),
        new Kendall(foretold, measured));
  }

  /** The predicted accuracy in percent, whatever it is worth. */
  public double predict(Architecture mask) {
    return mean + deviation * belief.at(features.of(mask));
  }

  /**
   * The predicted accuracy in percent, to be led by.
   *
   * @throws PoorPredictorException if it does not {@linkplain #steers() steer}
   */
  @Override
  public double score(Architecture mask) {
    if (!steers()) {
      throw new PoorPredictorException(
          String.format(
              Locale.ROOT,
              "The accuracy predictor ranks masks no better than chance: Kendall tau %.2f (95 %%:"
                  + " %.2f to %.2f) on %d masks, each predicted from the others.\n"
                  + "Maybe try more masks, judge them on more images, or choose by another rule.",
              tau(),
              rank.interval()[0],
              rank.interval()[1],
              tried.size()));
    }
    return predict(mask);
  }

  @Override
  public String name() {
    return "predicted accuracy (%)";
  }

  /**
   * Kendall's tau-b of the masks tried with what is predicted of each from the others; NaN if
   * either never changes.
   */
  public double tau() {
    return rank.tau();
  }

  /** Whether it ranks better than chance: tau's 95 % interval lies above 0. */
  public boolean steers() {
    return rank.interval()[0] > 0;
  }

  /** What it was adapted with. */
  public List<LabelledMask> tried() {
    return tried;
  }

  /** {@code accuracy of 20 masks tried, Kendall tau 0.61 (95 %: 0.35 to 0.78)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "accuracy of %d masks tried, Kendall tau %.2f (95 %%: %.2f to %.2f)",
        tried.size(),
        tau(),
        rank.interval()[0],
        rank.interval()[1]);
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

    /** Of one who doubts that this task is like others, as far as the labels are evidence of it. */
    Belief belief(Prior prior) {
      return Stream.of(prior, prior.forgotten())
          .map(some -> best(some, WIDTHS))
          .max(Comparator.comparingDouble(Belief::evidence))
          .orElseThrow();
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
