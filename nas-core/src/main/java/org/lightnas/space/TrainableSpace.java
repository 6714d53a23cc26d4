package org.lightnas.space;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.data.ImageData;

/**
 * A space bound to images: what a search takes, so that searching without data does not compile.
 * Architectures belong to the unbound {@link #space()}.
 *
 * @param space the space
 * @param images training and test images of the space's input shape and number of classes
 * @since 0.1.0
 */
public record TrainableSpace(SearchSpace space, ImageData images) {

  /**
   * Checks that the two fit.
   *
   * @throws IllegalArgumentException if shape or number of classes differ
   */
  public TrainableSpace {
    checkArgument(
        space.input().equals(images.shape()),
        "Space '%s' takes images of %s, but '%s' holds images of %s.\n"
            + "Maybe build the space with images.shape().",
        space.name(),
        space.input(),
        images.name(),
        images.shape());
    checkArgument(
        space.classes() == images.classes(),
        "Space '%s' has %s classes, but '%s' has %s.\nMaybe build the space with images.classes().",
        space.name(),
        space.classes(),
        images.name(),
        images.classes());
  }
}
