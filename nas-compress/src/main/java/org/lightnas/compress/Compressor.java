package org.lightnas.compress;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Networks;

/**
 * Makes a cheaper network of a trained one. Implementations are immutable.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Compressor {

  /**
   * Compresses a network.
   *
   * @param network trained, one input and one output, its configuration says its input size; not
   *     changed and not closed
   * @return with a new network, even where nothing could be done
   * @throws org.lightnas.NasException if the network cannot be read, naming the vertex
   * @throws EquivalenceException if the result would not compute what it should
   */
  Compressed compress(ComputationGraph network);

  /**
   * First this compressor, then another on what it made. The result lists the steps of both, costs
   * from the first network to the last, and both errors added up ({@link Equivalence#then}). The
   * network between the two is closed, also when the second compressor fails.
   */
  @SuppressWarnings("ReferenceEquality") // two networks may be equal and still need closing apart
  default Compressor then(Compressor next) {
    return network -> {
      Compressed first = compress(network);
      ComputationGraph between = first.network();
      @Nullable ComputationGraph last = null;
      try {
        Compressed second = next.compress(between);
        last = second.network();
        return first.followedBy(second);
      } finally {
        // A compressor may hand its input through, though it should not.
        if (between != network && between != last) {
          Networks.close(between);
        }
      }
    };
  }
}
