package org.lightnas;

import java.util.Optional;

/**
 * What can say how it is made, as {@code SearchResult.reproduce} needs it: images, spaces,
 * predictors, devices. Implement it where yours are to be written out too; records need not, as
 * long as class and constructor are public.
 *
 * @since 0.1.0
 */
public interface Reproducible {

  /**
   * A Java expression that makes an equal one. Names of types are full ({@code
   * java.time.Duration}); the images are called {@code images} in it, and the space {@code space}.
   * Empty where only the caller knows how it was made.
   */
  Optional<String> code();
}
