package org.lightnas.compress;

import java.util.HashMap;
import java.util.Map;
import org.lightnas.device.Measurement;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.space.Architecture;

/** What merged networks of masks were measured to take, each once. */
final class MaskTimes {

  private final Reach reach;
  private final TrainedGraph network;
  private final Map<Architecture, Measurement> known = new HashMap<>();

  /**
   * For one network.
   *
   * @param network with any weights: latency does not depend on them
   */
  MaskTimes(Reach reach, TrainedGraph network) {
    this.reach = reach;
    this.network = network;
    known.put(reach.space().uniform(0), reach.original());
    known.put(reach.fastest(), reach.least());
  }

  Measurement of(Architecture mask) {
    return known.computeIfAbsent(
        mask, m -> reach.deployed().confirm(reach.space().graft(network, m, 1)));
  }
}
