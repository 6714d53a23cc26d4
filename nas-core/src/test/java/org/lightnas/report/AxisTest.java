package org.lightnas.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AxisTest {

  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::label).toList();
  }

  @Test
  void labelsTinyRangesExactly() {
    Axis axis = Axis.linear(new Range(0.1501, 0.1503), 5, false, Axis.Fit.TO_TICKS);
    assertThat(labels(axis)).containsExactly("0.15010", "0.15015", "0.15020", "0.15025", "0.15030");
  }

  @Test
  void givesAConstantRoomOnBothSides() {
    Axis axis = Axis.linear(Range.of(3, 3, 3), 5, false, Axis.Fit.TO_TICKS);
    assertThat(axis.low()).isLessThan(3);
    assertThat(axis.high()).isGreaterThan(3);
    assertThat(axis.at(3)).isBetween(0.2, 0.8);
  }

  @Test
  void showsZeroToOneWhereThereIsNothing() {
    Axis axis = Axis.linear(Range.of(Double.NaN), 5, false, Axis.Fit.TIGHT);
    assertThat(axis.low()).isEqualTo(0);
    assertThat(axis.high()).isEqualTo(1);
  }

  @Test
  void putsNoTicksBetweenWholeSteps() {
    Axis axis = Axis.linear(new Range(0, 2), 8, true, Axis.Fit.TIGHT);
    assertThat(labels(axis)).containsExactly("0", "1", "2");
  }

  @Test
  void labelsDecadesOfALogarithmicAxis() {
    Axis axis = Axis.log(new Range(0.003, 700), 8);
    assertThat(labels(axis)).containsExactly("0.001", "0.01", "0.1", "1", "10", "100", "1,000");
    assertThat(axis.at(1)).isEqualTo(0.5);
  }

  @Test
  void givesShortLogarithmicSpansLinearTicks() {
    Axis axis = Axis.log(new Range(0.1501, 0.1503), 5);
    assertThat(labels(axis)).hasSizeGreaterThan(3).contains("0.15020");
  }

  @Property
  void coversItsValuesWithFewAscendingDistinctTicks(
      @ForAll @DoubleRange(min = -10, max = 10) double a,
      @ForAll @DoubleRange(min = -10, max = 10) double b,
      @ForAll @IntRange(min = -120, max = 99) int exponent) {
    double unit = Math.pow(10, exponent);
    assertCovers(
        Axis.linear(Range.of(a * unit, b * unit), 5, false, Axis.Fit.TO_TICKS), a, b, unit);
  }

  @Property
  void coversValuesThatLieClose(
      @ForAll @DoubleRange(min = -1e3, max = 1e3) double a,
      @ForAll @IntRange(min = -16, max = -1) int exponent) {
    double b = a + Math.pow(10, exponent);
    assertCovers(Axis.linear(Range.of(a, b), 5, false, Axis.Fit.TO_TICKS), a, b, 1);
  }

  private static void assertCovers(Axis axis, double a, double b, double unit) {
    assertThat(axis.at(a * unit)).isBetween(-1e-5, 1 + 1e-5);
    assertThat(axis.at(b * unit)).isBetween(-1e-5, 1 + 1e-5);
    assertThat(axis.ticks()).hasSizeBetween(2, 9);
    assertThat(axis.ticks()).extracting(Axis.Tick::value).isSorted().doesNotHaveDuplicates();
    assertThat(labels(axis)).doesNotHaveDuplicates();
  }
}
