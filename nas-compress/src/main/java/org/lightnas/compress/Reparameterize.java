package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.Networks;
import org.lightnas.graph.TrainedGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rewrites a network into another that computes the same with less, and checks that it does.
 * Immutable.
 *
 * <p>The arithmetic is done in double; the error is that of rounding the new weights to float32 and
 * of sums taken in another order. It is measured on every call, and a network whose {@link
 * Equivalence#relativeError()} exceeds {@link Equivalence#LIMIT} is not handed out; nor is one of
 * which a merged convolution, by itself, differs so at the border of its map or inside.
 *
 * @since 0.1.0
 */
public final class Reparameterize implements Compressor {

  private static final Logger LOG = LoggerFactory.getLogger(Reparameterize.class);

  private static final int RANDOM_INPUTS = 64;

  private final Rewrite rewrite;
  private final @Nullable ImageSet images;
  private final long seed;

  private Reparameterize(Rewrite rewrite, @Nullable ImageSet images, long seed) {
    this.rewrite = rewrite;
    this.images = images;
    this.seed = seed;
  }

  /**
   * Folds batch norms as {@link #batchNorms()} does, and merges what is linear into single
   * convolutions wherever that takes no more operations: rows of convolutions, batch norms,
   * scalings and averages, shortcuts around them, and branches side by side (as in RepVGG, Ding et
   * al. 2021). Of all ways to merge the one with the fewest operations is taken, then with the
   * fewest layers.
   *
   * <p>Merged is only what is <b>exact for this size of images, at the border too</b>. Where a
   * convolution adds zeros around what another one made, a merged one would see something else
   * there; the steps name such vertices, and {@link #toPaddingFirst} is the remedy. Activations
   * that are not linear, squeeze-and-excite, dropout, and layers that only DL4J understands are
   * barriers, and so is a map that something else reads. The new layer has the name of the last
   * vertex whose work it does.
   */
  public static Reparameterize chains() {
    return rewriting(new ChainMerging(MergePlan.FEWEST_MACS));
  }

  /**
   * As {@link #chains()}, but merges everything that can be merged exactly: as few layers as
   * possible, whatever they cost. Kernels grow with every convolution of a row; its work, and the
   * memory for it, grow with their area.
   */
  public static Reparameterize all() {
    return rewriting(new ChainMerging(MergePlan.FEWEST_LAYERS));
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
    return rewriting(
        before -> {
          TrainedGraph folded = BatchNormFolding.fold(before);
          List<Step> steps = FoldingSteps.between(before.graph(), folded.graph());
          return new Rewrite.Result(folded, MergePlan.NOTHING, folded, steps);
        });
  }

  /** The seam for tests: any rewrite, checked like ours. */
  static Reparameterize rewriting(Rewrite rewrite) {
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
   * Rewrites a network so that the vertices which this would merge, were it not for zeros between
   * them, merge exactly: the padding of all of them goes to the first. <b>This changes what the
   * network computes near the border</b>, so it has to be fine-tuned before it is merged:
   *
   * <pre>{@code
   * ComputationGraph ready = Reparameterize.chains().toPaddingFirst(network);
   * Compressed merged = Reparameterize.chains().compress(trainer.fit(ready, images));
   * }</pre>
   *
   * @param network with weights; not changed
   * @return plain DL4J with the same vertices and weights, for training; a shortcut between
   *     vertices of which some need their map larger is a depthwise convolution in it, {@code
   *     reader:read:1x1}, that pads or crops by its kernel; owned by the caller
   * @throws org.lightnas.NasException if the network cannot be read, naming the vertex
   */
  public ComputationGraph toPaddingFirst(ComputationGraph network) {
    return rewrite.toPaddingFirst(read(network)).toNetwork();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the network has not been initialised, or the images of
   *     {@link #checkedOn} have another shape than it takes
   */
  @Override
  public Compressed compress(ComputationGraph network) {
    TrainedGraph before = read(network);
    FeatureShape shape = before.graph().input();
    checkArgument(
        images == null || images.shape().equals(shape),
        "The network takes images of %s, but those it is to be checked on are %s.",
        shape,
        images == null ? "" : images.shape());
    Rewrite.Result rewritten = rewrite.apply(before);
    ComputationGraph result = rewritten.after().toNetwork();
    try {
      Equivalence equivalence = Equivalence.compare(network, result, shape, RANDOM_INPUTS, seed);
      require(equivalence, "random images", before);
      if (images != null) {
        Equivalence real = Equivalence.compare(network, result, images);
        require(real, "given images", before);
        equivalence = equivalence.and(real);
      }
      List<MapEquivalence> maps = new MergedMaps(rewritten, seed).compare(images);
      for (MapEquivalence map : maps) {
        require(map.border(), "maps, at the border of '" + map.vertex() + "'", before);
        require(map.interior(), "maps, inside '" + map.vertex() + "'", before);
      }
      Compressed compressed =
          new Compressed(
              result,
              rewritten.steps(),
              Figures.of(network),
              Figures.of(result),
              equivalence,
              maps,
              List.of(),
              null);
      LOG.debug("{}", compressed);
      return compressed;
    } catch (RuntimeException | Error e) {
      Networks.close(result);
      throw e;
    }
  }

  private static TrainedGraph read(ComputationGraph network) {
    checkArgument(
        network.getVertices() != null,
        "The network has no weights yet.\nMaybe call init() and train it first.");
    return TrainedGraph.of(network);
  }

  private static void require(Equivalence equivalence, String inputs, TrainedGraph before) {
    if (equivalence.holds()) {
      return;
    }
    String message =
        String.format(
            Locale.ROOT,
            "The rewritten network does not compute what the given one does on %,d %s:"
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
