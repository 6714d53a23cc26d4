package org.lightnas.compress;

import java.util.List;
import org.lightnas.graph.TrainedGraph;

/** A way to rewrite a network so that it computes the same. */
@FunctionalInterface
interface Rewrite {

  Result apply(TrainedGraph before);

  /** The network with its padding where merges want it; the same if nothing is merged. */
  default TrainedGraph toPaddingFirst(TrainedGraph given) {
    return given;
  }

  /**
   * What came out.
   *
   * @param parts the network with everything done but the merges
   * @param plan the merges
   * @param after parts and merges
   */
  record Result(TrainedGraph parts, MergePlan plan, TrainedGraph after, List<Step> steps) {

    /** Copies the list. */
    public Result {
      steps = List.copyOf(steps);
    }
  }
}
