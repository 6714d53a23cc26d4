package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The evolution of one-shot searches (Guo et al., ECCV 2020), which HSCoNAS takes over: generations
 * of one size, the first random or {@linkplain Builder#start around a given one}; of each later one
 * a part are mutations of the best of all scored so far, a part are crossovers of two of them, the
 * rest are random.
 *
 * @since 0.1.0
 */
public final class EvolutionSearch extends ScoreSearcher {

  private final int population;
  private final int parents;
  private final int mutations;
  private final int crossovers;
  private final double rate;
  private final double share;
  private final @Nullable Architecture start;

  private EvolutionSearch(Builder builder) {
    super(builder);
    this.population = builder.population;
    this.parents = builder.parents;
    this.mutations = builder.mutations.orElse(population / 2);
    this.crossovers = builder.crossovers.orElse(population / 2);
    checkArgument(
        mutations + crossovers <= population,
        "Of a population of %s, %s mutations and %s crossovers are too many.\n"
            + "Maybe give a larger population.",
        population,
        mutations,
        crossovers);
    this.rate = builder.rate;
    this.share = builder.share;
    this.start = builder.start;
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(Evaluator evaluator) {
    return new Builder(evaluator);
  }

  @Override
  String name() {
    return "evolution";
  }

  @Override
  Map<String, String> own() {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("population", Integer.toString(population));
    own.put("parents", Integer.toString(parents));
    own.put("mutations", Integer.toString(mutations));
    own.put("crossovers", Integer.toString(crossovers));
    own.put("mutation rate", Double.toString(rate));
    if (share > 0) {
      own.put("at least of a bound", Double.toString(share));
    }
    if (start != null) {
      own.put("start", start.id());
    }
    return own;
  }

  @Override
  Strategy strategy(ChoiceSpace space, Admission admission) {
    if (start != null) {
      start.requireSpace(space);
    }
    return new Generations(space, admission);
  }

  private final class Generations implements Strategy {

    private final ChoiceSpace space;
    private final Admission admission;
    private final List<Scored> told = new ArrayList<>();
    private List<Architecture> best = List.of();
    private long generation;

    Generations(ChoiceSpace space, Admission admission) {
      this.space = space;
      this.admission = admission;
    }

    @Override
    public Architecture propose(long number, RandomGenerator random) {
      long now = (number - 1) / population;
      if (now != generation) {
        generation = now;
        told.sort(Comparator.comparingDouble(Scored::score).reversed());
        // The worse ones of this generation will not come back.
        told.subList(Math.min(parents, told.size()), told.size()).clear();
        best = told.stream().map(Scored::architecture).toList();
      }
      int place = (int) ((number - 1) % population);
      if (best.isEmpty() && start != null && place == 0) {
        return start;
      }
      return admission.raised(offspring(place, random), share, random);
    }

    private Architecture offspring(int place, RandomGenerator random) {
      if (best.isEmpty() && start != null) {
        return mutated(start, random);
      }
      if (best.isEmpty() || place >= mutations + crossovers) {
        return space.sample(random);
      }
      Architecture parent = best.get(random.nextInt(best.size()));
      return place < mutations
          ? mutated(parent, random)
          : crossed(parent, best.get(random.nextInt(best.size())), random);
    }

    /** Every choice is drawn anew with the rate's probability. */
    private Architecture mutated(Architecture parent, RandomGenerator random) {
      int[] picks = parent.picks();
      List<Choice> choices = space.choices();
      for (int l = 0; l < picks.length; l++) {
        if (random.nextDouble() < rate) {
          picks[l] = random.nextInt(choices.get(l).size());
        }
      }
      return space.architecture(picks);
    }

    private Architecture crossed(Architecture one, Architecture other, RandomGenerator random) {
      int[] picks = one.picks();
      for (int l = 0; l < picks.length; l++) {
        picks[l] = random.nextBoolean() ? picks[l] : other.pick(l);
      }
      return space.architecture(picks);
    }

    @Override
    public void tell(Scored scored) {
      told.add(scored);
    }
  }

  /**
   * Settings of {@link EvolutionSearch}.
   *
   * @since 0.1.0
   */
  public static final class Builder extends ScoreSearcher.Builder<Builder> {

    private int population = 50;
    private int parents = 10;
    private OptionalInt mutations = OptionalInt.empty();
    private OptionalInt crossovers = OptionalInt.empty();
    private double rate = 0.1;
    private double share;
    private @Nullable Architecture start;

    private Builder(Evaluator evaluator) {
      super(evaluator);
    }

    /** Architectures of a generation, at least 1. Default 50. */
    @CanIgnoreReturnValue
    public Builder population(int value) {
      checkArgument(value >= 1, "A population must be of at least 1, but is of %s.", value);
      population = value;
      return this;
    }

    /** How many of the best have offspring, at least 1. Default 10. */
    @CanIgnoreReturnValue
    public Builder parents(int value) {
      checkArgument(value >= 1, "There must be at least 1 parent, but there are %s.", value);
      parents = value;
      return this;
    }

    /**
     * How many of a generation are mutations. Default half of it.
     *
     * @throws IllegalArgumentException if negative
     */
    @CanIgnoreReturnValue
    public Builder mutations(int value) {
      checkArgument(value >= 0, "The number of mutations must not be %s.", value);
      mutations = OptionalInt.of(value);
      return this;
    }

    /**
     * How many of a generation are crossovers. Default half of it.
     *
     * @throws IllegalArgumentException if negative
     */
    @CanIgnoreReturnValue
    public Builder crossovers(int value) {
      checkArgument(value >= 0, "The number of crossovers must not be %s.", value);
      crossovers = OptionalInt.of(value);
      return this;
    }

    /** Probability that a mutation draws a choice anew, above 0 and up to 1. Default 0.1. */
    @CanIgnoreReturnValue
    public Builder mutationRate(double value) {
      checkArgument(
          value > 0 && value <= 1,
          "The mutation rate must be above 0 and at most 1, but is %s.",
          value);
      rate = value;
      return this;
    }

    /**
     * Raises proposals that are predicted to use less than this share of every bound, in [0, 1], by
     * random single swaps as far as the bounds allow: for scores that compare only what costs the
     * same, and where what is dearer is better. Default 0: none are raised.
     */
    @CanIgnoreReturnValue
    public Builder atLeast(double value) {
      checkArgument(
          value >= 0 && value <= 1, "The share of a bound must be in [0, 1], but is %s.", value);
      share = value;
      return this;
    }

    /**
     * Begins with this architecture: the first generation is it and mutations of it, not random.
     * One beyond the bounds is repaired first. Default none.
     */
    @CanIgnoreReturnValue
    public Builder start(Architecture value) {
      start = value;
      return this;
    }

    @Override
    @CanIgnoreReturnValue
    Builder self() {
      return this;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if mutations and crossovers exceed the population
     */
    @Override
    public EvolutionSearch build() {
      return new EvolutionSearch(this);
    }
  }
}
