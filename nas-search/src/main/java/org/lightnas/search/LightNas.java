package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.List;
import org.lightnas.metric.Constraint;
import org.lightnas.space.TrainableSpace;

/**
 * LightNAS (Luo et al., DAC 2022): one differentiable search that ends at the bound asked for. The
 * weights of all architectures are trained together, one sampled path at a time; candidates have
 * logits that learn from the loss and from the predicted cost; how strongly the cost counts is
 * itself learned, by gradient ascent on the violation of the bound, so that nothing is tuned.
 *
 * <p>Weights are trained on one half of the training images, logits on the other; test images are
 * not looked at. A first share of the passes trains weights only, each candidate of a choice
 * equally often. At the end the most probable architecture is projected onto the bound exactly,
 * and, if the constraint names a device, measured: where the measurement exceeds the bound, leaves
 * less than three spreads to it, or more of a bound that is aimed at than needed, what is predicted
 * is asked to be lower or higher by the gap, at most five times.
 *
 * <p>{@link #faithful} is the published search to its constants. The default departs from it, with
 * reasons in {@code docs/DECISIONS.md}: the effects of candidates are estimated from all losses
 * seen instead of following single gradients, losses are those of compared paths, temperatures and
 * multipliers are in units of what is observed so that no rate is left to tune, weights and logits
 * learn by turns at every pass instead of every epoch, and operations that differ in size only
 * share their weights.
 *
 * @since 0.1.0
 */
public final class LightNas extends LogitSearcher {

  static final int STEPS = 3000;

  private LightNas(Builder builder) {
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
   * Searches for each of several bounds with the default settings, after one warm-up: as good as
   * one search each, in less time.
   *
   * @throws org.lightnas.InfeasibleConstraintException as {@link Searcher#search}
   */
  public static SearchResults searchMany(TrainableSpace space, List<Constraint> constraints) {
    return builder().build().searchEach(space, constraints);
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder(defaults(STEPS));
  }

  static SearchSettings defaults(int steps) {
    return SearchSettings.robust(BilevelProcedure.robust(), steps, 0.3);
  }

  /**
   * Starts from the search as it is published: 90 epochs, 10 of them warm-up in which every batch
   * trains all candidates by ordered paths with summed gradients; weights and logits by turns,
   * epoch by epoch; batches of 128; the published estimator, rates, temperatures and end game;
   * batch norms of the supernet without scale and shift. What differs from the authors' code: their
   * 40,000 images of a validation set are half of the training images here, augmentation is ours,
   * and momentum rests for weights that a pass does not touch.
   */
  public static Builder faithful() {
    return new Builder(SearchSettings.published(BilevelProcedure.published()));
  }

  /**
   * Settings of {@link LightNas}; every setter checks its value and names the default.
   *
   * @since 0.1.0
   */
  public static final class Builder extends LogitSearcher.Builder<Builder> {

    private BilevelProcedure procedure;

    private Builder(SearchSettings from) {
      super(from);
      procedure = (BilevelProcedure) from.procedure();
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Procedure procedure() {
      return procedure;
    }

    /**
     * What the logits learn from. Default {@link Estimator#PATHS}; published {@link
     * Estimator#ALL_GATES}, which only the published search can use, as it cannot use paths.
     */
    @CanIgnoreReturnValue
    public Builder estimator(Estimator value) {
      boolean faithful = procedure.faithful();
      Estimator other = faithful ? Estimator.PATHS : Estimator.ALL_GATES;
      checkArgument(
          value != other,
          "The %s search cannot learn from %s.\nMaybe take %s.",
          faithful ? "published" : "default",
          value,
          Estimator.GATES);
      procedure = procedure.with(value);
      return this;
    }

    /**
     * Paths compared per step by {@link Estimator#PATHS}, at least 2. Default 2; the published
     * search compares none.
     */
    @CanIgnoreReturnValue
    public Builder paths(int value) {
      procedure = procedure.with(Procedure.checkedPaths(value, procedure.faithful()));
      return this;
    }

    /**
     * Whether operations that are one operation in several sizes, by {@link
     * org.lightnas.space.Op#family}, share their weights: kernels of 3 and 5 are the middle of
     * those of 7, the smaller expansion has the channels that lead. Then all weights learn from
     * nearly all passes. Default yes; published no, and not possible there, as its warm-up sums
     * gradients of all candidates.
     */
    @CanIgnoreReturnValue
    public Builder sharedKernels(boolean value) {
      checkArgument(
          !(value && procedure.faithful()),
          "The published search has weights of its own for each operation.\n"
              + "Maybe take LightNas.builder().");
      procedure = procedure.sharing(value);
      return this;
    }

    /** Makes the searcher. */
    public LightNas build() {
      return new LightNas(this);
    }
  }
}
