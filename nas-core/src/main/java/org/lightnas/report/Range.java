package org.lightnas.report;

/**
 * The span of values an axis has to show. Empty until a drawable value is included.
 *
 * @param low least value, or +infinity if empty
 * @param high greatest value, or -infinity if empty
 */
record Range(double low, double high) {

  static final Range EMPTY = new Range(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  /** Narrower than this share of its magnitude, a span cannot be told from rounding. */
  private static final double RESOLUTION = 1e-10;

  private static final double TINY = 1e-90;

  static Range of(double... values) {
    return EMPTY.with(values);
  }

  /** Wide enough for these too; what cannot be drawn is passed over. */
  Range with(double... values) {
    double least = low;
    double greatest = high;
    for (double value : values) {
      if (Numbers.drawable(value)) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
    }
    return new Range(least, greatest);
  }

  Range with(Range other) {
    return new Range(Math.min(low, other.low), Math.max(high, other.high));
  }

  boolean isEmpty() {
    return low > high;
  }

  double span() {
    return high - low;
  }

  double magnitude() {
    return isEmpty() ? 0 : Math.max(Math.abs(low), Math.abs(high));
  }

  /** With a span that can be divided: constants get room on both sides, nothing becomes [0, 1]. */
  Range open() {
    if (isEmpty()) {
      return new Range(0, 1);
    }
    if (span() > Math.max(TINY, RESOLUTION * magnitude())) {
      return this;
    }
    double middle = low / 2 + high / 2;
    double room = Math.abs(middle) > TINY ? 0.1 * Math.abs(middle) : 1;
    return new Range(middle - room, middle + room);
  }
}
