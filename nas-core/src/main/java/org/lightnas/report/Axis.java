package org.lightnas.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps values to [0, 1] along one direction of a plot and knows its ticks: multiples of 1, 2 or 5
 * times a power of ten, computed in decimal so that labels are exact.
 *
 * @param low value at 0
 * @param high value at 1
 * @param log whether equal factors, not equal differences, are equally far apart
 * @param ticks within [low, high], ascending
 */
record Axis(double low, double high, boolean log, List<Tick> ticks) {

  /** A value worth a grid line, and how it is written. */
  record Tick(double value, String label) {}

  /** How far the axis reaches beyond the values. */
  enum Fit {
    /** Exactly to the least and greatest value. */
    TIGHT,
    /** To the next ticks. */
    TO_TICKS
  }

  static Axis linear(Range values, int wantedTicks, boolean integers, Fit fit) {
    Range range = values.open();
    BigDecimal step = step(range.span() / Math.max(1, wantedTicks));
    if (integers) {
      step = step.max(BigDecimal.ONE);
    }
    BigDecimal low = new BigDecimal(range.low());
    BigDecimal high = new BigDecimal(range.high());
    RoundingMode down = fit == Fit.TIGHT ? RoundingMode.CEILING : RoundingMode.FLOOR;
    RoundingMode up = fit == Fit.TIGHT ? RoundingMode.FLOOR : RoundingMode.CEILING;
    // A value a rounding error beyond a tick must not cost a whole step: snap within 1e-6 of one.
    BigDecimal snap = step.movePointLeft(6);
    boolean tight = fit == Fit.TIGHT;
    BigDecimal first =
        (tight ? low.subtract(snap) : low.add(snap)).divide(step, 0, down).multiply(step);
    BigDecimal last =
        (tight ? high.add(snap) : high.subtract(snap)).divide(step, 0, up).multiply(step);
    List<BigDecimal> values10 = new ArrayList<>();
    for (BigDecimal tick = first; tick.compareTo(last) <= 0; tick = tick.add(step)) {
      values10.add(tick);
    }
    List<Tick> ticks = label(values10, step);
    return tight
        ? new Axis(range.low(), range.high(), false, ticks)
        : new Axis(first.doubleValue(), last.doubleValue(), false, ticks);
  }

  /** For positive values; spans below a factor of 10 get the ticks of a linear axis. */
  static Axis log(Range values, int wantedTicks) {
    Range range = values.isEmpty() ? new Range(1, 10) : values.open();
    if (range.high() < 10 * range.low()) {
      Axis linear = linear(range, wantedTicks, false, Fit.TO_TICKS);
      double low = linear.low() > 0 ? linear.low() : range.low();
      List<Tick> ticks = linear.ticks().stream().filter(t -> t.value() >= low).toList();
      return new Axis(low, linear.high(), true, ticks);
    }
    int first = Numbers.exponent(range.low());
    int last = Numbers.exponent(range.high());
    if (power(last).doubleValue() < range.high()) {
      last++;
    }
    int decades = last - first;
    int stride = Math.max(1, (decades + wantedTicks - 1) / Math.max(1, wantedTicks));
    List<Tick> ticks = new ArrayList<>();
    for (int exponent = first; exponent <= last; exponent += stride) {
      ticks.add(tick(power(exponent)));
      if (decades <= 2 && exponent < last) {
        ticks.add(tick(power(exponent).multiply(BigDecimal.valueOf(2))));
        ticks.add(tick(power(exponent).multiply(BigDecimal.valueOf(5))));
      }
    }
    return new Axis(power(first).doubleValue(), power(last).doubleValue(), true, ticks);
  }

  /** Where the value lies: 0 at {@link #low}, 1 at {@link #high}. */
  double at(double value) {
    // StrictMath, because Math.log may differ in the last digit between machines.
    return log
        ? StrictMath.log(value / low) / StrictMath.log(high / low)
        : (value - low) / (high - low);
  }

  /** The widest label in pixels. */
  double labelWidth(double fontSize) {
    return ticks.stream().mapToDouble(t -> TextSize.width(t.label(), fontSize)).max().orElse(0);
  }

  /** The least of 1, 2, 5 times a power of ten that is at least {@code raw}. */
  private static BigDecimal step(double raw) {
    BigDecimal power = power(Numbers.exponent(raw));
    double factor = new BigDecimal(raw).divide(power).doubleValue();
    int nice = factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10;
    return power.multiply(BigDecimal.valueOf(nice));
  }

  private static BigDecimal power(int exponent) {
    return BigDecimal.ONE.scaleByPowerOfTen(exponent);
  }

  private static Tick tick(BigDecimal value) {
    return new Tick(value.doubleValue(), Numbers.significant(value.doubleValue(), 3));
  }

  private static List<Tick> label(List<BigDecimal> values, BigDecimal step) {
    BigDecimal greatest =
        values.stream().map(BigDecimal::abs).reduce(BigDecimal.ZERO, BigDecimal::max);
    int stepExponent = Numbers.exponent(step.doubleValue());
    int exponent = greatest.signum() == 0 ? stepExponent : Numbers.exponent(greatest.doubleValue());
    boolean scientific = exponent < -4 || exponent >= 9;
    List<Tick> ticks = new ArrayList<>();
    for (BigDecimal value : values) {
      double number = value.doubleValue();
      String label =
          scientific && number != 0
              ? Numbers.scientific(number, Math.max(0, Numbers.exponent(number) - stepExponent))
              : Numbers.fixed(number, scientific ? 0 : Math.max(0, -stepExponent));
      ticks.add(new Tick(number, label));
    }
    return List.copyOf(ticks);
  }
}
