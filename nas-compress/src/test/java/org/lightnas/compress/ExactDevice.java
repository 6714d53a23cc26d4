package org.lightnas.compress;

import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;

/** Measures without noise: whatever a function of the network says, in ms. */
record ExactDevice(ToDoubleFunction<ComputationGraph> millis) implements Device {

  /** A microsecond, and one more for each thousand operations. */
  static final ExactDevice BY_MACS =
      new ExactDevice(network -> 1e-3 + Cost.of(network.getConfiguration()).macs() / 1e6);

  /** A microsecond for each vertex, and one more for each million operations. */
  static final ExactDevice BY_LAYERS =
      new ExactDevice(
          network ->
              network.getVertices().length / 1e3
                  + Cost.of(network.getConfiguration()).macs() / 1e9);

  @Override
  public String fingerprint() {
    return "exact";
  }

  @Override
  public Measurement measure(ComputationGraph network) {
    return new Measurement(millis.applyAsDouble(network), 0, 6, 1, 1, 1);
  }
}
