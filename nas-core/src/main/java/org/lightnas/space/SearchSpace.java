package org.lightnas.space;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Networks;

/**
 * A space whose architectures are networks: images in, class probabilities out. {@link
 * LayeredSpace} covers a stem, a row of choices and a head; implement this interface for any other
 * topology.
 *
 * @since 0.1.0
 */
public interface SearchSpace extends ChoiceSpace {

  /** The shape of one image. */
  FeatureShape input();

  /**
   * The shape of one image that the network of an architecture takes: that of the space, unless the
   * space offers a choice of it. Whoever trains or judges an architecture resizes the images to it
   * ({@code ImageSet.resized}).
   */
  default FeatureShape input(Architecture architecture) {
    return input();
  }

  /** The number of classes, at least 2. */
  int classes();

  /**
   * Describes one architecture as a DL4J network with one input and one output, an {@code
   * OutputLayer} with softmax. The layers of choice {@code c} live in vertices named {@code c/…}
   * (see {@link Op#addTo}); of these exactly one is read by the rest of the network.
   *
   * <p>Needs no ND4J backend as long as the builder's {@code seed(long)} is not called, which loads
   * one; whoever makes a network of the configuration sets the seed.
   */
  ComputationGraphConfiguration toConfiguration(Architecture architecture);

  /**
   * Makes an untrained network of an architecture. Its configuration says its input size, so that
   * whatever takes a bare network (devices, compressors, export) knows it.
   *
   * @param seed of the initial weights
   * @return initialised, owned by the caller
   * @throws IllegalArgumentException if the architecture belongs to another space
   * @throws org.lightnas.NasException if there is no ND4J backend on the class path
   */
  default ComputationGraph network(Architecture architecture, long seed) {
    return Networks.create(this, architecture, seed);
  }

  /**
   * This space together with images to search and train on.
   *
   * @throws IllegalArgumentException if the images have another shape or number of classes
   */
  default TrainableSpace on(ImageData images) {
    return new TrainableSpace(this, images);
  }
}
