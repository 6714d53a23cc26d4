package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Regularised evolution (Real et al., AAAI 2019, algorithm 1): a population of the latest
 * architectures, of which the best of a random few is mutated in one choice and the oldest dies.
 * Departs from it in what the loop does with proposals that exceed a bound or were scored before.
 *
 * @since 0.1.0
 */
public final class RegularizedEvolution extends ScoreSearcher {

  private final int population;
  private final int sample;

  private RegularizedEvolution(Builder builder) {
    super(builder);
    this.population = builder.population;
    this.sample = builder.sample;
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(Evaluator evaluator) {
    return new Builder(evaluator);
  }

  @Override
  String name() {
    return "regularised evolution";
  }

  @Override
  Map<String, String> own() {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("population", Integer.toString(population));
    own.put("sample", Integer.toString(sample));
    return own;
  }

  @Override
  Strategy strategy(ChoiceSpace space, Admission admission) {
    return new Ageing(space);
  }

  private final class Ageing implements Strategy {

    private final ChoiceSpace space;

    /** A ring: the next to be told takes the place of the oldest. */
    private final List<Scored> living = new ArrayList<>();

    Ageing(ChoiceSpace space) {
      this.space = space;
    }

    @Override
    public Architecture propose(long number, RandomGenerator random) {
      if (number <= population || living.isEmpty()) {
        return space.sample(random);
      }
      // With replacement, as published.
      Scored parent = living.get(random.nextInt(living.size()));
      for (int i = 1; i < sample; i++) {
        Scored other = living.get(random.nextInt(living.size()));
        parent = other.score() > parent.score() ? other : parent;
      }
      return Strategy.mutated(space, parent.architecture(), random);
    }

    @Override
    public void tell(Scored scored) {
      if (living.size() < population) {
        living.add(scored);
      } else {
        living.set((int) ((scored.number() - 1) % population), scored);
      }
    }
  }

  /**
   * Settings of {@link RegularizedEvolution}.
   *
   * @since 0.1.0
   */
  public static final class Builder extends ScoreSearcher.Builder<Builder> {

    private int population = 100;
    private int sample = 25;

    private Builder(Evaluator evaluator) {
      super(evaluator);
    }

    /** Architectures that live at the same time, at least 1; the first are random. Default 100. */
    @CanIgnoreReturnValue
    public Builder population(int value) {
      checkArgument(value >= 1, "A population must be of at least 1, but is of %s.", value);
      population = value;
      return this;
    }

    /** How many compete for being the parent, at least 1. Default 25. */
    @CanIgnoreReturnValue
    public Builder sample(int value) {
      checkArgument(value >= 1, "At least 1 must compete for being the parent, not %s.", value);
      sample = value;
      return this;
    }

    @Override
    @CanIgnoreReturnValue
    Builder self() {
      return this;
    }

    @Override
    public RegularizedEvolution build() {
      return new RegularizedEvolution(this);
    }
  }
}
