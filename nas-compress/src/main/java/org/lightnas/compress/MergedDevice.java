package org.lightnas.compress;

import java.util.function.Function;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Foreign;

/** A device on which grafted networks run as they will be deployed: merged. */
record MergedDevice(Device device, BlockMerging merging) implements Device {

  @Override
  public String fingerprint() {
    return device.fingerprint();
  }

  @Override
  public Measurement measure(ComputationGraph grafted) {
    return on(TrainedGraph.of(grafted), device::measure);
  }

  @Override
  public Measurement confirm(Supplier<Measurement> sitting) {
    return device.confirm(sitting);
  }

  /** Merged once, and measured until the device is sure. */
  Measurement confirm(TrainedGraph grafted) {
    return on(grafted, merged -> device.confirm(() -> device.measure(merged)));
  }

  private Measurement on(TrainedGraph grafted, Function<ComputationGraph, Measurement> how) {
    // Left to the collector: to close a network, DL4J calls it twice.
    ComputationGraph merged = merging.apply(grafted).after().toNetwork();
    return Foreign.call(
        () -> how.apply(merged), () -> "Device " + device + " failed on a merged network");
  }
}
