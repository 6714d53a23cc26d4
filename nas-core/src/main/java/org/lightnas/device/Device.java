package org.lightnas.device;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * Something that runs networks and can be timed. Every device measures the network with its batch
 * norms folded into the convolutions before them, as deployment runs it.
 *
 * @since 0.1.0
 */
public interface Device {

  /**
   * What the measurements depend on, readable: CPU, operating system, runtime and its version,
   * threads, batch. Measurements from different fingerprints are not compared.
   */
  String fingerprint();

  /**
   * Times a network. It is neither changed nor kept.
   *
   * @param network initialised; its configuration says its input size (see {@code
   *     SearchSpace.network}) or ends in a layer from which it follows
   * @throws org.lightnas.NasException if the network cannot be run, or the machine is too busy for
   *     the result to mean anything
   */
  Measurement measure(ComputationGraph network);

  /**
   * Times an architecture, by default its network with fresh weights. A device that knows
   * architectures by other means (a table, a machine elsewhere) answers here.
   *
   * @param seed of the weights
   * @throws org.lightnas.NasException as {@link #measure(ComputationGraph)}
   */
  default Measurement measure(SearchSpace space, Architecture architecture, long seed) {
    ComputationGraph network = space.network(architecture, seed);
    try {
      return measure(network);
    } finally {
      network.close();
    }
  }

  /**
   * Times a network that is to keep a bound. Its spread says how far a measurement minutes later
   * may be off, which takes longer than comparing networks does; by default it is {@link
   * #measure(ComputationGraph)}, for devices whose spread says so already.
   *
   * @throws org.lightnas.NasException as {@link #measure(ComputationGraph)}
   */
  default Measurement confirm(ComputationGraph network) {
    return measure(network);
  }

  /**
   * The same for an architecture, by default as {@link #measure(SearchSpace, Architecture, long)}.
   *
   * @param seed of the weights
   * @throws org.lightnas.NasException as {@link #measure(ComputationGraph)}
   */
  default Measurement confirm(SearchSpace space, Architecture architecture, long seed) {
    return measure(space, architecture, seed);
  }
}
