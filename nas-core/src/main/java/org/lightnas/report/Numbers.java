package org.lightnas.report;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;

/**
 * Numbers as a reader expects them: grouped thousands, a real minus sign, powers of ten as
 * superscripts. Decimal arithmetic and {@link Locale#ROOT} keep the bytes equal on every machine.
 */
final class Numbers {

  /** What stands for a value that cannot be shown. */
  static final String MISSING = "\u2013";

  private static final double LIMIT = 1e100;
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private Numbers() {}

  /** Whether a chart can place this value; beyond the limit, spans of axes would overflow. */
  static boolean drawable(double value) {
    return Math.abs(value) <= LIMIT;
  }

  /** A copy in which everything that cannot be drawn is NaN. */
  static double[] drawableOnly(double[] values) {
    return Arrays.stream(values).map(v -> drawable(v) ? v : Double.NaN).toArray();
  }

  /** The exponent e of |value| = m * 10^e with 1 &lt;= m &lt; 10; the value is finite, not zero. */
  static int exponent(double value) {
    BigDecimal decimal = new BigDecimal(value);
    return decimal.precision() - decimal.scale() - 1;
  }

  /** A count with grouped thousands. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** With this many decimals and grouped thousands. */
  static String fixed(double value, int decimals) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? MISSING : value > 0 ? "∞" : "−∞";
    }
    String digits = String.format(Locale.ROOT, "%,." + decimals + "f", Math.abs(value));
    boolean zero = digits.chars().noneMatch(c -> c >= '1' && c <= '9');
    return value < 0 && !zero ? "−" + digits : digits;
  }

  /** As {@code 1.5×10⁻⁷}, with this many decimals before the power. */
  static String scientific(double value, int decimals) {
    if (value == 0 || !Double.isFinite(value)) {
      return fixed(value, 0);
    }
    String[] parts = String.format(Locale.ROOT, "%." + decimals + "e", Math.abs(value)).split("e");
    String mantissa = parts[0].contains(".") ? stripZeros(parts[0]) : parts[0];
    int exponent = Integer.parseInt(parts[1]);
    return (value < 0 ? "−" : "")
        + (mantissa.equals("1") ? "" : mantissa + "×")
        + "10"
        + superscript(exponent);
  }

  /** Rounded to this many significant digits, without trailing zeros. */
  static String significant(double value, int digits) {
    if (value == 0 || !Double.isFinite(value)) {
      return fixed(value, 0);
    }
    int exponent = exponent(value);
    if (exponent < -4 || exponent >= 9) {
      return scientific(value, digits - 1);
    }
    int decimals = Math.max(0, digits - 1 - exponent);
    String text = fixed(value, decimals);
    return decimals == 0 ? text : stripZeros(text);
  }

  /** One format for numbers shown side by side, so that they have equally many decimals. */
  static Format alike(double greatestMagnitude, int digits) {
    if (greatestMagnitude == 0 || !drawable(greatestMagnitude)) {
      return v -> fixed(v, 0);
    }
    int exponent = exponent(greatestMagnitude);
    if (exponent < -4 || exponent >= 9) {
      return v -> scientific(v, digits - 1);
    }
    int decimals = Math.max(0, digits - 1 - exponent);
    return v -> fixed(v, decimals);
  }

  /** How one number becomes text. */
  @FunctionalInterface
  interface Format {
    String of(double value);
  }

  private static String stripZeros(String text) {
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }

  private static String superscript(int exponent) {
    StringBuilder text = new StringBuilder(exponent < 0 ? "⁻" : "");
    for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
      text.append(SUPERSCRIPTS.charAt(digit - '0'));
    }
    return text.toString();
  }
}
