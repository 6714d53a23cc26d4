package org.lightnas.search;

import java.time.Duration;
import java.util.Locale;

/** Numbers for people. */
final class Numbers {

  private static final double WHOLE = 1000;
  private static final double SMALL = 0.1;

  private Numbers() {}

  /**
   * Grouped whole numbers from a thousand on, three decimals from 0.1 on, three significant digits
   * below.
   */
  static String format(double value) {
    double size = Math.abs(value);
    String digits = size >= WHOLE ? "%,.0f" : size >= SMALL || size == 0 ? "%.3f" : "%.3g";
    return String.format(Locale.ROOT, digits, value);
  }

  /** Three decimals, whatever it is: for probabilities and in narrow places. */
  static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /** {@code 48 s}, {@code 3 min 5 s}, {@code 2 h 10 min}. */
  static String time(Duration time) {
    long seconds = (time.toMillis() + 500) / 1000;
    if (seconds < 120) {
      return seconds + " s";
    }
    long minutes = seconds / 60;
    return minutes < 120
        ? minutes + " min " + seconds % 60 + " s"
        : minutes / 60 + " h " + minutes % 60 + " min";
  }

  /** As {@link #format}, but rounded up: for a limit that can be kept when typed in again. */
  static String formatUp(double value) {
    String text = format(value);
    if (Double.parseDouble(text.replace(",", "")) >= value) {
      return text;
    }
    double size = Math.abs(value);
    double step = size >= WHOLE ? 1 : size >= SMALL ? 1e-3 : size * 1e-2;
    return format(value + step / 2);
  }
}
