package org.lightnas.search.population;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Scores architectures drawn uniformly from those within the bounds: what every other search must
 * beat.
 *
 * @since 0.1.0
 */
public final class RandomSearch extends ScoreSearcher {

  private RandomSearch(Builder builder) {
    super(builder);
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(Evaluator evaluator) {
    return new Builder(evaluator);
  }

  @Override
  String name() {
    return "random search";
  }

  @Override
  Map<String, String> own() {
    return Map.of();
  }

  @Override
  Strategy strategy(ChoiceSpace space, Admission admission) {
    return new Strategy() {
      @Override
      public Architecture propose(long number, RandomGenerator random) {
        return space.sample(random);
      }

      @Override
      public void tell(Scored scored) {}
    };
  }

  /**
   * Settings of {@link RandomSearch}.
   *
   * @since 0.1.0
   */
  public static final class Builder extends ScoreSearcher.Builder<Builder> {

    private Builder(Evaluator evaluator) {
      super(evaluator);
    }

    @Override
    @CanIgnoreReturnValue
    Builder self() {
      return this;
    }

    @Override
    public RandomSearch build() {
      return new RandomSearch(this);
    }
  }
}
