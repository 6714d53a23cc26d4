package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.metric.Cost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rewrites a network into another that computes the same with less, and checks that it does.
 * Immutable.
 *
 * <p>The arithmetic is done in double; the error is that of rounding the new weights to float32 and
 * of sums taken in another order. It is measured on every call, and a network whose {@link
 * Equivalence#relativeError()} exceeds {@link Equivalence#LIMIT} is not handed out.
 */
public final class Reparameterize implements Compressor {

  private static final Logger LOG = LoggerFactory.getLogger(Reparameterize.class);

  private static final int RANDOM_INPUTS = 64;

  private final UnaryOperator<TrainedGraph> rewrite;
  private final @Nullable ImageSet images;
  private final long seed;

  private Reparameterize(
      UnaryOperator<TrainedGraph> rewrite, @Nullable ImageSet images, long seed) {
    this.rewrite = rewrite;
    this.images = images;
    this.seed = seed;
  }

  /**
   * Moves every batch norm that directly follows a convolution or dense layer into that layer's
   * weights and bias, and drops identities, which do nothing. A batch norm stays where it follows
   * something else, or where something else reads the layer before it; the steps say so for each.
   *
   * <pre>
   * t = gamma / sqrt(var + eps)      W' = W t      b' = (b - mean) t + beta      per output channel
   * </pre>
   */
  public static Reparameterize batchNorms() {
    return rewriting(BatchNormFolding::fold);
  }

  /** The seam for tests: any rewrite, checked like ours. */
  static Reparameterize rewriting(UnaryOperator<TrainedGraph> rewrite) {
    return new Reparameterize(rewrite, null, 0);
  }

  /**
   * Compares on these images as well, all of them; the limit holds for them by themselves.
   *
   * @param realImages of the shape the network takes
   */
  public Reparameterize checkedOn(ImageSet realImages) {
    return new Reparameterize(rewrite, realImages, seed);
  }

  /** What the random images of the check are drawn from. Default 0. */
  public Reparameterize seed(long newSeed) {
    return new Reparameterize(rewrite, images, newSeed);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the network has not been initialised, or the images of
   *     {@link #checkedOn} have another shape than it takes
   */
  @Override
  public Compressed compress(ComputationGraph network) {
    checkArgument(
        network.getVertices() != null,
        "The network has no weights yet.\nMaybe call init() and train it first.");
    TrainedGraph before = TrainedGraph.of(network);
    FeatureShape shape = before.graph().input();
    checkArgument(
        images == null || images.shape().equals(shape),
        "The network takes images of %s, but those it is to be checked on are %s.",
        shape,
        images == null ? "" : images.shape());
    TrainedGraph after = rewrite.apply(before);
    List<Step> steps = FoldingSteps.between(before.graph(), after.graph());
    ComputationGraph result = after.toNetwork();
    Equivalence equivalence;
    try {
      equivalence = Equivalence.compare(network, result, shape, RANDOM_INPUTS, seed);
      require(equivalence, "random", before);
      if (images != null) {
        Equivalence real = Equivalence.compare(network, result, images);
        require(real, "given", before);
        equivalence = equivalence.and(real);
      }
    } catch (RuntimeException e) {
      result.close();
      throw e;
    }
    Compressed compressed =
        new Compressed(
            result,
            steps,
            Cost.of(network.getConfiguration()),
            Cost.of(result.getConfiguration()),
            equivalence);
    LOG.debug("{}", compressed);
    return compressed;
  }

  private static void require(Equivalence equivalence, String inputs, TrainedGraph before) {
    if (equivalence.holds()) {
      return;
    }
    String message =
        String.format(
            Locale.ROOT,
            "The rewritten network does not compute what the given one does on %,d %s images:"
                + " max|Δ| %.3g, max|y| %.3g, relative error %.3g, limit %.1e.\n",
            equivalence.inputs(),
            inputs,
            equivalence.maxDifference(),
            equivalence.maxOutput(),
            equivalence.relativeError(),
            equivalence.limit());
    String remedy =
        Double.isNaN(equivalence.maxOutput())
            ? "Maybe train it again: the given network itself answers with values that are not"
                + " finite."
            : FoldingSteps.strongest(before)
                .map(
                    norm ->
                        "Maybe its batch norms amplify rounding, which multiply by much, most of"
                            + " all "
                            + norm
                            + ": raise its eps, train a little more, and try again.")
                .orElse(
                    "Maybe a layer of your own behaves otherwise in a copy of the network; if it"
                        + " has none, the rewrite is wrong, and we would like to know.");
    throw new EquivalenceException(message + remedy, equivalence);
  }
}
