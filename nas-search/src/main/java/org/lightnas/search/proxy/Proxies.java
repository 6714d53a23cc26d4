package org.lightnas.search.proxy;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/**
 * Scores of untrained networks, as in "Zero-Cost Proxies for Lightweight NAS" (Abdelfattah et al.,
 * ICLR 2021), each at most a pass over one batch: what an estimate that trains has to beat. Larger
 * is better by all of them. They are deterministic and thread-safe, remember nothing, and own no
 * native memory between calls.
 *
 * @since 0.1.0
 */
public final class Proxies {

  private Proxies() {}

  /** Trainable numbers: bigger networks of one latency are mostly better. */
  public static Evaluator parameters(SearchSpace space) {
    return Evaluator.of(
        "parameters",
        architecture -> {
          architecture.requireSpace(space);
          return Cost.of(architecture).parameters();
        });
  }

  /** Multiply-accumulate operations for one image. */
  public static Evaluator macs(SearchSpace space) {
    return Evaluator.of(
        "MACs",
        architecture -> {
          architecture.requireSpace(space);
          return Cost.of(architecture).macs();
        });
  }

  /**
   * The Euclidean norms of the gradients of all kernels, summed, of the cross-entropy of one batch
   * (Abdelfattah et al.), in nats. Batch norms use the batch's statistics; their own parameters and
   * biases do not count.
   *
   * @param batchSize images, from 2 to those of the training set
   * @param seed of weights and batch
   * @throws IllegalArgumentException if the images do not fill a batch
   */
  public static Evaluator gradientNorm(TrainableSpace space, int batchSize, long seed) {
    FreshNetwork fresh = fresh(space, batchSize, seed);
    return Evaluator.of("gradient norm (nats)", fresh.facts(), fresh::gradientNorm);
  }

  /**
   * How differently the rectifiers answer to the images of one batch (Mellor et al., ICML 2021):
   *
   * <pre>
   * score = log det K        K_ij = rectifiers - (those that image i and image j put differently)
   * </pre>
   *
   * A rectifier is one value of a map behind ReLU or ReLU6; an image puts it into one of two
   * states, passing its input on or not (what ReLU6 cuts off above is not passed on). Ours: images
   * that a network cannot tell apart have a determinant of 0; eigenvalues below 1e-6 count as that,
   * so that the score is finite.
   *
   * @param batchSize images, from 2 to those of the training set
   * @param seed of weights and batch
   * @throws IllegalArgumentException if the images do not fill a batch; from the score, if the
   *     network has no rectifier
   */
  public static Evaluator naswot(TrainableSpace space, int batchSize, long seed) {
    FreshNetwork fresh = fresh(space, batchSize, seed);
    return Evaluator.of("NASWOT", fresh.facts(), new Naswot(fresh)::score);
  }

  private static FreshNetwork fresh(TrainableSpace space, int batchSize, long seed) {
    checkArgument(
        batchSize >= 2,
        "A batch must hold at least 2 images for batch norm to have statistics, but holds %s.",
        batchSize);
    return new FreshNetwork(space, batchSize, seed);
  }

  /**
   * Synaptic flow (Tanaka et al., NeurIPS 2020), without data: with all weights replaced by their
   * absolute values and an image of ones,
   *
   * <pre>
   * score = log sum_w |w dR/dw|        R the sum of the network's outputs
   * </pre>
   *
   * Batch norms and activations are left out, as they are in Abdelfattah et al. (whose networks
   * have ReLU, which changes nothing where all is positive). Computed in double. The logarithm is
   * ours: it ranks alike and stays readable in deep networks.
   *
   * @param seed of the weights
   */
  public static Evaluator synFlow(SearchSpace space, long seed) {
    return Evaluator.of(
        "SynFlow (log)",
        Map.of("proxy seed", Long.toString(seed)),
        new SynFlow(space, seed)::score);
  }
}
