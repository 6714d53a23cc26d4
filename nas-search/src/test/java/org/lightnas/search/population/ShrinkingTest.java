package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.InterruptedRunException;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;

class ShrinkingTest {

  private static final LayeredSpace SPACE = Widths.space(new FeatureShape(3, 16, 16), 3);
  private static final Constraint WIDE = Constraint.atMost(100, Widths.latency(SPACE));

  private static Shrinking shrinking(ToDoubleFunction<Architecture> score, Constraint bound) {
    return new Shrinking(
        new Objective(Evaluator.of("test", score), List.of(bound), 0, false), 20, 1);
  }

  private static List<String> kept(Shrinkage decision) {
    return decision.operations().stream()
        .filter(Shrinkage.Operation::kept)
        .map(Shrinkage.Operation::name)
        .toList();
  }

  /** The position among the units of what a choice has. */
  private static int unit(Architecture architecture, int choice) {
    return architecture.pick(choice) / 2;
  }

  @Test
  void theBestUnitKeepsAllItsWidths() {
    // The last choice wants Xception; the one before it what the last one is not.
    Shrinking shrinking =
        shrinking(
            a -> (unit(a, 2) == 2 ? 5 : 0) + (unit(a, 1) == 1 - unit(a, 2) / 2 ? 1 : 0), WIDE);
    Shrinking.Shrunk shrunk = shrinking.shrink(Subspace.of(SPACE), 1, 3);
    assertThat(shrunk.decisions().stream().map(Shrinkage::choice))
        .containsExactly("block3", "block2");
    assertThat(kept(shrunk.decisions().get(0))).containsExactly("xception");
    assertThat(kept(shrunk.decisions().get(1))).containsExactly("shuffle3");
    assertThat(shrunk.decisions().get(0).operations().stream().map(Shrinkage.Operation::name))
        .isEqualTo(Widths.UNITS);
    assertThat(shrunk.space().kept())
        .containsExactly(List.of(0, 1, 2, 3, 4, 5, 6), List.of(0, 1), List.of(4, 5));
    assertThat(shrunk.dropped()).isEqualTo(6);
    // What is decided is not decided again.
    assertThat(shrinking.shrink(shrunk.space(), 1, 3).decisions()).isEmpty();
  }

  /** All scores are chance: which operation is ahead is chance, too. */
  @Test
  void noiseDropsNoneThatItCannotTellFromTheBest() {
    int dropped = 0;
    for (int seed = 0; seed < 40; seed++) {
      long drawn = seed;
      Shrinking shrinking = shrinking(a -> Seeds.random(drawn, a.id(), 0).nextGaussian(), WIDE);
      dropped += shrinking.shrink(Subspace.of(SPACE), 2, 3).dropped();
    }
    // Of three others each is a standard error behind the best of four in half of the cases or so.
    assertThat(dropped).isLessThan(40 * 3 * 3 / 4);
    Shrinking equal = shrinking(a -> 1, WIDE);
    Shrinking.Shrunk shrunk = equal.shrink(Subspace.of(SPACE), 0, 3);
    // Nothing can be told where no pair differs.
    assertThat(shrunk.dropped()).isZero();
    assertThat(shrunk.decisions())
        .allSatisfy(
            decision ->
                assertThat(decision.operations())
                    .allSatisfy(operation -> assertThat(operation.behind()).isZero()));
  }

  /** Leads over the best: 0 and 3 of ({2, 4}, {1, -1}): mean 2, standard error 1... by hand. */
  @Test
  void errorsAreThoseOfPairs() {
    List<Shrinkage.Operation> judged =
        Shrinking.judged(
            List.of("a", "b", "c"), new double[][] {{1, 2, 3}, {3, 5, 4}, {2.5, 5.5, 3.5}});
    assertThat(judged.get(1).kept()).isTrue();
    assertThat(judged.get(1).quality()).isEqualTo(4);
    assertThat(judged.get(1).behind()).isZero();
    assertThat(judged.get(1).error()).isZero();
    // Differences 2, 3, 1: mean 2, variance 1, so 1 / sqrt(3) for the mean.
    assertThat(judged.get(0).behind()).isEqualTo(2, within(1e-12));
    assertThat(judged.get(0).error()).isEqualTo(1 / Math.sqrt(3), within(1e-12));
    assertThat(judged.get(0).kept()).isFalse();
    // Differences 0.5, -0.5, 0.5: mean 1/6, less than its error of 1/3.
    assertThat(judged.get(2).behind()).isEqualTo(1 / 6.0, within(1e-12));
    assertThat(judged.get(2).error()).isEqualTo(1 / 3.0, within(1e-12));
    assertThat(judged.get(2).kept()).isTrue();
  }

  /** Nothing but skips keeps this bound, whatever scores say. */
  @Test
  void whatTheBoundNeedsIsNotDropped() {
    Constraint tight = Constraint.atMost(2.5, Widths.latency(SPACE));
    Shrinking.Shrunk shrunk =
        shrinking(a -> unit(a, 2) == 2 ? 1 : 0, tight).shrink(Subspace.of(SPACE), 2, 3);
    assertThat(shrunk.space()).isEqualTo(Subspace.of(SPACE));
    assertThat(shrunk.dropped()).isZero();
    assertThat(kept(shrunk.decisions().get(0))).isEqualTo(Widths.UNITS);
    assertThat(shrunk.decisions().get(0).operations().get(0).behind()).isEqualTo(1);
  }

  @Test
  void canBeInterrupted() {
    Shrinking shrinking =
        shrinking(
            a -> {
              Thread.currentThread().interrupt();
              return 1;
            },
            WIDE);
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> shrinking.shrink(Subspace.of(SPACE), 0, 3))
        .withMessage("The narrowing of the space was interrupted.");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theObjectivePenalisesTheDistanceFromTheBound() {
    // 1 + 3 x 3 = 10 ms, and 1 + 3 x 1 = 4 ms.
    Architecture slow = SPACE.uniform(4);
    Architecture fast = SPACE.uniform(0);
    Constraint bound = Constraint.atMost(8, Widths.latency(SPACE));
    Evaluator accuracy = Evaluator.of("accuracy (%)", a -> 70);
    Objective both = new Objective(accuracy, List.of(bound), -10, false);
    assertThat(both.score(slow)).isEqualTo(70 - 2.5, within(1e-12));
    assertThat(both.score(fast)).isEqualTo(70 - 5, within(1e-12));
    assertThat(both.name()).isEqualTo("accuracy (%) - 10.0 |cost / bound - 1|");
    Objective one = new Objective(accuracy, List.of(bound), -10, true);
    assertThat(one.score(slow)).isEqualTo(70 - 2.5, within(1e-12));
    assertThat(one.score(fast)).isEqualTo(70);
    assertThat(one.name()).isEqualTo("accuracy (%) - 10.0 max(0, cost / bound - 1)");
    Objective two = new Objective(accuracy, List.of(bound, bound.withBound(5)), -10, false);
    assertThat(two.score(slow)).isEqualTo(70 - 2.5 - 10, within(1e-12));
  }
}
