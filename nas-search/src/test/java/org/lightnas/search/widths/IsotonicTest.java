package org.lightnas.search.widths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class IsotonicTest {

  private static final double ROUNDING = 1e-9;

  private static double[] ones(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void poolsWhatFalls() {
    assertThat(Isotonic.fit(new double[] {1, 3, 2, 4, 3.5, 3}, ones(6)))
        .containsExactly(1, 2.5, 2.5, 3.5, 3.5, 3.5);
    assertThat(Isotonic.fit(new double[] {3, 1}, new double[] {1, 3})).containsExactly(1.5, 1.5);
    assertThat(Isotonic.fit(new double[] {1, 1, 2}, ones(3))).containsExactly(1, 1, 2);
  }

  /** The optimality conditions: monotone, and of each pooled block the mean. */
  @Property(tries = 200)
  void isTheNearestThatDoesNotFall(
      @ForAll @Size(min = 1, max = 12) List<@DoubleRange(min = -5, max = 5) Double> values) {
    double[] y = values.stream().mapToDouble(Double::doubleValue).toArray();
    double[] fit = Isotonic.fit(y, ones(y.length));
    double error = 0;
    double sum = 0;
    for (int i = 0; i < fit.length; i++) {
      assertThat(i == 0 || fit[i] >= fit[i - 1]).isTrue();
      sum += fit[i] - y[i];
      error += fit[i] * (fit[i] - y[i]);
    }
    assertThat(sum).isCloseTo(0, within(ROUNDING));
    // Orthogonal to itself, and no step up at any place would come nearer.
    assertThat(error).isCloseTo(0, within(ROUNDING));
    double tail = 0;
    for (int i = fit.length - 1; i >= 0; i--) {
      tail += y[i] - fit[i];
      assertThat(tail).isLessThanOrEqualTo(ROUNDING);
    }
  }

  @Test
  void plateausEndWhereTheNextStepCosts() {
    double[] stairs = {1, 1, 1, 1.2, 1.2, 1.205, 1.5};
    assertThat(Isotonic.plateauEnds(stairs, 0.01)).containsExactly(2, 5, 6);
    assertThat(Isotonic.plateauEnds(stairs, 0)).containsExactly(2, 4, 5, 6);
    // Counted from the beginning of the plateau, so that many small steps are no plateau.
    assertThat(Isotonic.plateauEnds(new double[] {1, 1.008, 1.016, 1.024}, 0.01))
        .containsExactly(1, 3);
  }
}
