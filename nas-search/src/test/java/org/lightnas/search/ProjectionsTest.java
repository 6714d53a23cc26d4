package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;

class ProjectionsTest {

  private static final PlainSpace SPACE = PlainSpace.ofSizes(3, 3);
  private static final Predictor FIRST = Predictor.of(SPACE, Metric.LATENCY, a -> 1 + a.pick(0));
  private static final Predictor SECOND = Predictor.of(SPACE, Metric.ENERGY, a -> 1 + a.pick(1));

  @Test
  void projectsOntoSeveralBounds() {
    double[][] scores = {{0, 1, 2}, {0, 1, 2}};
    List<Constraint> bounds = List.of(Constraint.atMost(2, FIRST), Constraint.atMost(1, SECOND));
    assertThat(Projections.project(scores, bounds).picks()).containsExactly(1, 0);
    assertThatThrownBy(() -> Projections.project(scores, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A projection needs a bound, but got none.");
    assertThatThrownBy(() -> Projections.project(new double[1][3], bounds))
        .hasMessage("There must be a row of scores for each of 2 choices, but there are 1.");
  }

  @Test
  void saysWhetherBoundsCanBeMet() {
    assertThatCode(() -> Projections.requireFeasible(List.of())).doesNotThrowAnyException();
    assertThatCode(() -> Projections.requireFeasible(List.of(Constraint.atMost(1, FIRST))))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () ->
                Projections.requireFeasible(
                    List.of(Constraint.atMost(1, FIRST), Constraint.atMost(0.5, SECOND))))
        .isInstanceOf(InfeasibleConstraintException.class)
        .hasMessageContaining("meets energy <= 0.500 mJ: the least predicted is 1.000 mJ");
  }

  @Test
  void refusesABandThatBeginsNowhere() {
    assertThatThrownBy(
            () -> Projections.project(new double[2][3], Constraint.atMost(2, FIRST), Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The prediction should reach a number, not NaN.");
  }
}
