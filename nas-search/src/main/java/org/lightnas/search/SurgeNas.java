package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Constraint;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.TrainableSpace;

/**
 * SurgeNAS (Luo et al., IEEE Transactions on Computers 72(4), 2023): a differentiable search on one
 * level. All training images teach weights and logits at once, so that nothing is decided by half
 * of them.
 *
 * <p>Every pass draws an order of the candidates of each choice from their probabilities, without
 * replacement (Plackett and Luce), and runs K networks one after the other, of which the k-th takes
 * the k-th candidate of each choice; their gradients are summed for one step. So the memory is that
 * of a single path, and each candidate of each choice learns exactly once per step, whatever the
 * logits say. K is the size of the largest choice. A choice with fewer candidates begins another
 * order when it is through, and its candidates then run along without learning again; stem, head
 * and identity mappings learn from all paths.
 *
 * <p>With {@link Builder#identityMapping} a block's result is {@code op(x) + eta T(x)} while
 * weights are young: with a shortcut beside every candidate, skip connections are not the only ones
 * that train quickly. {@code T} is the identity, or a 1x1 convolution with batch norm where
 * channels change, with a maximum over windows where maps shrink; {@code eta} is 1 in the warm-up
 * and falls linearly to 0 at the last epoch (or the last tenth of the passes, if that is shorter).
 * The network found has no such mapping.
 *
 * <p>Only these ideas are published in a form that could be read. What is ours:
 *
 * <ul>
 *   <li>The multiplier of the cost is learned as {@link LightNas} does; {@link Builder#lambda}
 *       gives it, as published.
 *   <li>Of the ordered paths only the first is a draw from the probabilities; the others are drawn
 *       given what came before. So logits learn from the first alone, compared on the same images
 *       with some further draws that are independent of it and only run forward ({@link
 *       Estimator#PATHS}, {@link Builder#paths}). To compare the K ordered paths, whose losses cost
 *       nothing, is right as far as effects add up; where candidates depend on each other it tells
 *       what they are worth among all others alike instead of among probable ones, and found worse
 *       architectures in simulations (see {@code docs/DECISIONS.md}).
 *   <li>Losses are those of images that weights have seen in earlier epochs: candidates that learn
 *       images by heart are favoured, as in every search on one level.
 * </ul>
 *
 * @see <a href="https://doi.org/10.1109/TC.2022.3188175">SurgeNAS</a>
 * @since 0.1.0
 */
public final class SurgeNas extends LogitSearcher {

  /** About as dear as a default search of {@link LightNas} where choices have seven candidates. */
  private static final int STEPS = 500;

  /** A path forward and backward, in runs forward. */
  private static final double TRAINING = 3;

  private SurgeNas(Builder builder) {
    super(builder);
  }

  /**
   * Searches with the default settings.
   *
   * @param more other bounds that must be kept too
   * @throws org.lightnas.InfeasibleConstraintException as {@link Searcher#search}
   */
  public static SearchResult searchOnce(
      TrainableSpace space, Constraint first, Constraint... more) {
    return builder().build().search(space, first, more);
  }

  /**
   * Searches for each of several bounds with the default settings, after one warm-up.
   *
   * @throws org.lightnas.InfeasibleConstraintException as {@link Searcher#search}
   */
  public static SearchResults searchMany(TrainableSpace space, List<Constraint> constraints) {
    return builder().build().searchEach(space, constraints);
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder(defaults());
  }

  static SearchSettings defaults() {
    return SearchSettings.robust(OneLevelProcedure.robust(), STEPS, 0.1);
  }

  /**
   * Starts from a reconstruction of the published search, which minimises {@code CE + lambda * cost
   * / bound}: logits learn from the gates of the first path alone, by the schedule, rates and
   * temperatures of {@link LightNas#faithful}, whose authors' code holds ordered sampling and
   * identity mapping too. That SurgeNAS used just these is not known.
   *
   * @param lambda the trade-off, at least 0; it has to be tuned
   * @throws IllegalArgumentException as {@link Builder#lambda}
   */
  public static Builder faithful(double lambda) {
    return new Builder(SearchSettings.published(OneLevelProcedure.reconstructed(checked(lambda))));
  }

  /**
   * How many steps cost about as many runs of paths as a default search of {@link LightNas} with so
   * many: forward counts one, forward and backward three.
   *
   * @param steps of LightNAS
   * @return at least 2
   */
  public static int stepsAsDear(int steps, ChoiceSpace space) {
    return stepsAsDear(steps, space, Estimator.PATHS);
  }

  /**
   * The same where the logits of both searches learn from this.
   *
   * @param steps of LightNAS
   * @return at least 2
   * @throws IllegalArgumentException as {@link Builder#estimator}
   */
  public static int stepsAsDear(int steps, ChoiceSpace space, Estimator estimator) {
    Procedure own = builder().estimator(estimator).procedure();
    Procedure other = BilevelProcedure.robust().with(estimator);
    double dear = other.seconds(LightNas.defaults(steps).timetable(1), space, TRAINING, 1);
    double one = own.seconds(defaults().timetable(1), space, TRAINING, 1) / STEPS;
    return Math.max(2, (int) Math.round(dear / one));
  }

  private static double checked(double lambda) {
    checkArgument(
        lambda >= 0 && Double.isFinite(lambda),
        "The trade-off lambda must be a number of at least 0, but is %s.",
        lambda);
    return lambda;
  }

  /**
   * Settings of {@link SurgeNas}; every setter checks its value and names the default.
   *
   * @since 0.1.0
   */
  public static final class Builder extends LogitSearcher.Builder<Builder> {

    private final boolean faithful;
    private Estimator estimator;
    private int paths;
    private boolean identityMapping;
    private @Nullable Double lambda;

    private Builder(SearchSettings from) {
      super(from);
      OneLevelProcedure procedure = (OneLevelProcedure) from.procedure();
      faithful = procedure.faithful();
      estimator = procedure.estimator();
      paths = procedure.paths();
      identityMapping = procedure.identityMapping();
      lambda = procedure.lambda();
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Procedure procedure() {
      return new OneLevelProcedure(faithful, estimator, paths, identityMapping, lambda);
    }

    /**
     * Minimises {@code CE + lambda * cost / bound} instead of learning how strongly costs count.
     * What is found then lies where the trade-off leads, but not above the bound: the most probable
     * architecture is projected as always. The same for each of several bounds. Default learned.
     */
    @CanIgnoreReturnValue
    public Builder lambda(double value) {
      lambda = checked(value);
      return this;
    }

    /**
     * What the logits learn from: {@link Estimator#PATHS}, the losses of the first ordered path and
     * further draws, or {@link Estimator#GATES}, the derivatives behind its candidates. A factor on
     * a candidate's result cancels in a batch norm behind it, but not beside a {@linkplain
     * #identityMapping mapped identity}: so gates tell something as long as there is one. Default
     * paths; published gates, as its rule cannot use paths.
     */
    @CanIgnoreReturnValue
    public Builder estimator(Estimator value) {
      checkArgument(
          value == Estimator.GATES || (value == Estimator.PATHS && !faithful),
          "The %s search cannot learn from %s.\nMaybe take %s.",
          faithful ? "published" : "default",
          value,
          Estimator.GATES);
      estimator = value;
      return this;
    }

    /**
     * Paths compared per pass by {@link Estimator#PATHS}, at least 2: the first ordered one, which
     * costs nothing, and others, which cost a forward run each. Default 7; the published search
     * compares none.
     */
    @CanIgnoreReturnValue
    public Builder paths(int value) {
      paths = Procedure.checkedPaths(value, faithful);
      return this;
    }

    /**
     * Whether choices have a fading identity mapping. Published yes, default no: where it was
     * compared (benchmarks {@code RiggedCollapse}, {@code Nb201OneShot}), searches with a mapping
     * took more skip connections, and their supernets ranked cells by chance. A skip connection
     * computes the same with every share of the mapping; all others have learned beside it, and
     * must learn anew as it goes.
     */
    @CanIgnoreReturnValue
    public Builder identityMapping(boolean value) {
      identityMapping = value;
      return this;
    }

    /** Makes the searcher. */
    public SurgeNas build() {
      return new SurgeNas(this);
    }
  }
}
