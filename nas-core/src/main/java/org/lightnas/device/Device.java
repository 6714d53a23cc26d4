package org.lightnas.device;

import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.graph.Networks;
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
      Networks.close(network);
    }
  }

  /**
   * Measures what is to keep a bound, as often as it takes for the spread to say how far a
   * measurement minutes later may be off. By default once, for devices whose spread says so
   * already; where it does not, several times, {@linkplain Measurement#together together}.
   *
   * @param sitting one of the measurements above, of one network; may be called any number of times
   * @throws org.lightnas.NasException as {@code sitting}
   */
  default Measurement confirm(Supplier<Measurement> sitting) {
    return sitting.get();
  }
}
