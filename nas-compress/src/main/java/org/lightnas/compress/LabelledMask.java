package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.space.Architecture;

/**
 * A grafting mask that has been tried.
 *
 * @param accuracy in percent
 * @since 0.1.0
 */
public record LabelledMask(Architecture mask, double accuracy) {

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if the accuracy is not from 0 to 100
   */
  public LabelledMask {
    checkArgument(
        accuracy >= 0 && accuracy <= 100,
        "The accuracy of mask %s must be from 0 to 100 percent, but is %s.",
        mask.id(),
        accuracy);
  }
}
