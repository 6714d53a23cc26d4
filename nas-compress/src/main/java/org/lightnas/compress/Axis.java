package org.lightnas.compress;

import com.google.common.math.IntMath;
import java.math.RoundingMode;
import java.util.Optional;

/**
 * One axis of a convolution: pixel {@code o} of the output reads the pixels {@code o stride -
 * before + t step} of the input, {@code 0 <= t < taps}; those outside of it count as zeros.
 *
 * @param size pixels of the input
 * @param out pixels of the output
 * @param before zeros before the first pixel; those behind the last follow from {@code out}
 * @param step pixels from tap to tap; 1 where there is only one
 */
record Axis(int size, int out, int stride, int before, int taps, int step) {

  /**
   * What a convolution reads of what another one makes.
   *
   * @param image whether any pixel that sees some of the image, inside the map or outside of it
   * @param outside whether any outside of the map
   * @param imageOutside whether any outside of the map that would see some of the image
   */
  record Reads(boolean image, boolean outside, boolean imageOutside) {}

  Axis {
    step = taps == 1 ? 1 : step;
  }

  /** Every pixel as it is. */
  static Axis point(int size) {
    return new Axis(size, size, 1, 0, 1, 1);
  }

  /** From the first tap to the last. */
  private int extent() {
    return (taps - 1) * step + 1;
  }

  /** This one, then another on its output, as if that one padded with what this one continues. */
  Axis then(Axis next) {
    int apart = next.step * stride;
    int common = gcd(taps > 1 ? step : 0, next.taps > 1 ? apart : 0);
    return new Axis(
        size,
        next.out,
        stride * next.stride,
        before + stride * next.before,
        ((taps - 1) * step + (next.taps - 1) * apart) / common + 1,
        common);
  }

  /** One with the taps of both; none if they move differently. */
  Optional<Axis> plus(Axis other) {
    if (size != other.size || out != other.out || (stride != other.stride && out > 1)) {
      return Optional.empty();
    }
    int most = Math.max(before, other.before);
    int common =
        gcd(
            gcd(taps > 1 ? step : 0, other.taps > 1 ? other.step : 0),
            Math.abs(before - other.before));
    int first = Math.max(extent() - before, other.extent() - other.before);
    return Optional.of(
        new Axis(
            size,
            out,
            Math.max(stride, other.stride),
            most,
            (first + most - 1) / common + 1,
            common));
  }

  /** The tap of this one that reads what a tap of another one does. */
  int place(Axis other, int tap) {
    return (before - other.before + tap * other.step) / step;
  }

  /** The tap of this one that reads what a tap of a second one reads through one of a first. */
  int place(Axis first, int tap, Axis second, int secondTap) {
    return (tap * first.step + secondTap * second.step * first.stride) / step;
  }

  /** What another one reads of the output of this one. */
  Reads reads(Axis next) {
    boolean image = false;
    boolean outside = false;
    boolean imageOutside = false;
    for (int o = 0; o < next.out; o++) {
      for (int t = 0; t < next.taps; t++) {
        int pixel = o * next.stride - next.before + t * next.step;
        boolean out = pixel < 0 || pixel >= this.out;
        boolean sees = seesImage(pixel);
        image |= sees;
        outside |= out;
        imageOutside |= out && sees;
      }
    }
    return new Reads(image, outside, imageOutside);
  }

  private boolean seesImage(int o) {
    for (int t = 0; t < taps; t++) {
      int pixel = o * stride - before + t * step;
      if (pixel >= 0 && pixel < size) {
        return true;
      }
    }
    return false;
  }

  /** Whether a pixel of the output reads any padding. */
  boolean isBorder(int o) {
    int first = o * stride - before;
    return first < 0 || first + extent() > size;
  }

  /** Every pixel between the first tap and the last has a tap of its own. */
  Axis dense() {
    return new Axis(size, out, stride, before, extent(), 1);
  }

  /** Whether as many zeros behind as before give as many outputs. */
  boolean symmetric() {
    return least() <= before && before < least() + stride;
  }

  /** How many zeros there must be behind; negative where the last pixels are not read. */
  private int least() {
    return (out - 1) * stride + extent() - before - size;
  }

  /**
   * The same with enough taps, all further ones zero, to be symmetric: before the others where the
   * output needs more padding behind, behind them where it needs less.
   */
  Axis madeSymmetric() {
    if (symmetric()) {
      return this;
    }
    int ahead = taps(Math.max(0, least() - before));
    int behind = taps(Math.max(0, before - least() - stride + 1));
    Axis more = new Axis(size, out, stride, before + ahead * step, taps + ahead + behind, step);
    // Steps longer than the stride may miss; single ones never do.
    return more.symmetric() ? more : dense().madeSymmetric();
  }

  /** How many it takes to reach over some pixels. */
  private int taps(int pixels) {
    return IntMath.divide(pixels, step, RoundingMode.CEILING);
  }

  private static int gcd(int a, int b) {
    int common = IntMath.gcd(a, b);
    return common == 0 ? 1 : common;
  }
}
