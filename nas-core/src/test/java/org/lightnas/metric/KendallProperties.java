package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.math3.stat.correlation.KendallsCorrelation;

class KendallProperties {

  /** Sums of the same integers, divided once. */
  private static final double EXACT = 1e-12;

  private static double[] column(Random random, int n, int values) {
    return random.ints(n, 0, values).asDoubleStream().toArray();
  }

  private static double[] without(double[] column, int i) {
    return IntStream.range(0, column.length)
        .filter(j -> j != i)
        .mapToDouble(j -> column[j])
        .toArray();
  }

  @Property(tries = 200)
  void isTheTauOfCommonsMath(
      @ForAll Random random,
      @ForAll @IntRange(min = 2, max = 60) int n,
      @ForAll @IntRange(min = 2, max = 50) int values) {
    double[] x = column(random, n, values);
    double[] y = column(random, n, values);
    double expected = new KendallsCorrelation().correlation(x, y);
    double found = new Kendall(x, y).tau();
    if (Double.isNaN(expected)) {
      assertThat(found).isNaN();
    } else {
      assertThat(found).isCloseTo(expected, within(EXACT));
    }
  }

  /** The error found at once is that of n refits. */
  @Property(tries = 100)
  void theIntervalIsThatOfTheJackknife(
      @ForAll Random random, @ForAll @IntRange(min = 5, max = 40) int n) {
    double[] x = column(random, n, 8);
    double[] y = column(random, n, 8);
    for (int i = 0; i < n; i++) {
      y[i] += x[i];
    }
    double[] refits =
        IntStream.range(0, n)
            .mapToDouble(i -> new KendallsCorrelation().correlation(without(x, i), without(y, i)))
            .toArray();
    double mean = Arrays.stream(refits).average().orElseThrow();
    double squares = Arrays.stream(refits).map(t -> (t - mean) * (t - mean)).sum();
    double error = Math.sqrt(squares * (n - 1) / n);
    Kendall kendall = new Kendall(x, y);
    double tau = kendall.tau();
    double[] interval = kendall.interval();
    if (Double.isNaN(mean) || Math.abs(tau) > 0.999) {
      return;
    }
    double z = Math.log((1 + tau) / (1 - tau)) / 2;
    assertThat(interval[0])
        .isCloseTo(Math.tanh(z - 1.959964 * error / (1 - tau * tau)), within(1e-9));
    assertThat(interval[1])
        .isCloseTo(Math.tanh(z + 1.959964 * error / (1 - tau * tau)), within(1e-9));
  }

  /**
   * Normal pairs of correlation r have tau = 2 asin(r) / pi. Of 1,000 intervals at 95 % fewer than
   * 920 hold it with p below 1e-4.
   */
  @Example
  void mostIntervalsHoldTheTruth() {
    Random random = new Random(3);
    double r = 0.9;
    double truth = 2 / Math.PI * Math.asin(r);
    int held = 0;
    for (int i = 0; i < 1000; i++) {
      double[] x = random.doubles(60).map(u -> random.nextGaussian()).toArray();
      double[] y =
          Arrays.stream(x).map(v -> r * v + Math.sqrt(1 - r * r) * random.nextGaussian()).toArray();
      double[] interval = new Kendall(x, y).interval();
      held += interval[0] <= truth && truth <= interval[1] ? 1 : 0;
    }
    assertThat(held).isBetween(920, 980);
  }

  @Example
  void perfectOrderIsCertain() {
    Kendall kendall = new Kendall(new double[] {1, 2, 3, 4}, new double[] {4, 3, 2, 1});
    assertThat(kendall.tau()).isEqualTo(-1);
    assertThat(kendall.interval()).containsExactly(-1, -1);
  }

  @Example
  void refusesColumnsThatCannotBeCompared() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Kendall(new double[] {1, 2, 3}, new double[] {1, 2}))
        .withMessage(
            "Two columns of equal length are compared, of at least 2 values, but these have 3 and"
                + " 2.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Kendall(new double[] {1}, new double[] {1}))
        .withMessageEndingWith("but these have 1 and 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Kendall(new double[] {1, Double.NaN}, new double[] {1, 2}))
        .withMessage("A value to be ranked is NaN.\nMaybe leave its pair out.");
  }
}
