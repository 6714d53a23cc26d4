package org.lightnas.compress;

import java.io.Serializable;
import java.util.Locale;

/**
 * How far a merged convolution differs from the vertices it stands for, fed with the same maps by
 * DL4J itself. Its border is judged apart: merging goes wrong there first, and later layers average
 * what is wrong at few pixels until the network's answer hardly shows it.
 *
 * @param vertex the merged convolution
 * @param borderPixels how many pixels of its map read any padding
 * @param border these; no difference if there are none
 * @param interior all others
 * @since 0.1.0
 */
public record MapEquivalence(
    String vertex, long borderPixels, Equivalence border, Equivalence interior)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Whether both are within the limit. */
  public boolean holds() {
    return border.holds() && interior.holds();
  }

  /** The larger of both relative errors; NaN if a value is not finite. */
  public double relativeError() {
    return Math.max(border.relativeError(), interior.relativeError());
  }

  /** The same vertex on further maps. */
  MapEquivalence and(MapEquivalence further) {
    return new MapEquivalence(
        vertex, borderPixels, border.and(further.border), interior.and(further.interior));
  }

  /** {@code 'conv': 1.2e-07 at the border (24 pixels), 1.0e-07 inside}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "'%s': %.1e at the border (%,d %s), %.1e inside",
        vertex,
        border.relativeError(),
        borderPixels,
        borderPixels == 1 ? "pixel" : "pixels",
        interior.relativeError());
  }
}
