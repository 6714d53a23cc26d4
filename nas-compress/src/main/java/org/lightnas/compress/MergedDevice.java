package org.lightnas.compress;

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
    return measure(TrainedGraph.of(grafted));
  }

  Measurement measure(TrainedGraph grafted) {
    // Left to the collector: to close a network, DL4J calls it twice.
    ComputationGraph merged = merging.apply(grafted).after().toNetwork();
    return Foreign.call(
        () -> device.measure(merged), () -> "Device " + device + " failed on a merged network");
  }
}
