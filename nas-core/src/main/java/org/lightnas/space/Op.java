package org.lightnas.space;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;

/**
 * A candidate operation: it writes ordinary DL4J layers. Implement it as a record, so that it is
 * equal by value.
 *
 * @since 0.1.0
 */
public interface Op extends Candidate {

  /**
   * The shape this operation makes of {@code in}; it must agree with the layers that {@link #addTo}
   * writes.
   *
   * @throws IllegalArgumentException if the operation cannot be applied to {@code in}
   */
  FeatureShape outputShape(FeatureShape in);

  /**
   * Writes the operation into a network. Every vertex must be called {@code name} or start with
   * {@code name + "/"}, and there must be at least one, so that a vertex name says which choice and
   * which operation a layer belongs to: that is the key of its shared weights. Layer configurations
   * are mutable in DL4J: make new ones at each call.
   *
   * @param graph the network under construction; NCHW
   * @param name the prefix of this operation's vertices
   * @param input the vertex to read from
   * @param in its shape, {@code [C, H, W]}
   * @return the vertex that holds the result
   */
  String addTo(GraphBuilder graph, String name, String input, FeatureShape in);

  /**
   * Operations of one choice with the same key share their weights in a supernet. Default: the
   * {@link #id()}, so nothing is shared between different operations.
   */
  default String weightKey() {
    return id();
  }

  /**
   * Operations of one choice with the same family are one operation in several sizes: a smaller one
   * can have the middle of the kernels of the largest and the channels that lead, under the same
   * names behind its prefix. Supernets that share weights as far as they can share these (as
   * Stamoulis et al., Single-Path NAS, 2019, and Cai et al., Once-for-All, 2020, do). Default: the
   * {@link #weightKey}.
   */
  default String family() {
    return weightKey();
  }
}
