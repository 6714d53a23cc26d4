package org.lightnas.search;

import java.util.Locale;

/** Numbers for people. */
final class Numbers {

  private Numbers() {}

  /** Three decimals below a thousand, grouped whole numbers from there. */
  static String format(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 1000 ? "%.3f" : "%,.0f", value);
  }
}
