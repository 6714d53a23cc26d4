package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Looks for the best choices between a score and predicted costs: NSGA-II (Deb et al., IEEE
 * Transactions on Evolutionary Computation 6(2), 2002), in which rank and then crowding decide who
 * survives and who is a parent.
 *
 * <pre>
 * ParetoFront front = ParetoSearch.builder(evaluator, latency).build().search(space).front();
 * front.within(5);   // the best score of at most 5 ms
 * </pre>
 *
 * <p>Children take each pick from one of two parents, with probability 0.9, and change each to
 * another candidate with probability 1 / L. Departs from the paper in what the loop does with
 * proposals that exceed a bound or were scored before, and in that what was ever scored can be on
 * the front of the result, not the last population only. Where several are proposed at once, those
 * of a new generation may still be children of the one before.
 *
 * @since 0.1.0
 */
public final class ParetoSearch extends ScoreSearcher {

  /** Of two parents being mixed; that of the paper. */
  private static final double CROSSOVER = 0.9;

  private final List<Predictor> predictors;
  private final int population;

  private ParetoSearch(Builder builder) {
    super(builder);
    this.predictors = builder.predictors;
    this.population = builder.population;
  }

  /**
   * Starts from the defaults, which each setter names.
   *
   * @param evaluator what is to be large
   * @param cost what is to be small
   * @param more costs; with more than two or three nearly everything is on the front
   */
  public static Builder builder(Evaluator evaluator, Predictor cost, Predictor... more) {
    return new Builder(evaluator, Stream.concat(Stream.of(cost), Stream.of(more)).toList());
  }

  @Override
  String name() {
    return "pareto search";
  }

  @Override
  Map<String, String> own() {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("population", Integer.toString(population));
    own.put("costs", predictors.stream().map(p -> p.metric().name()).toList().toString());
    return own;
  }

  @Override
  List<Predictor> costs(List<Constraint> constraints) {
    return predictors;
  }

  @Override
  Strategy strategy(ChoiceSpace space, Admission admission) {
    return new Generations(space);
  }

  /**
   * One that lives.
   *
   * @param rank 0 for what nothing in its generation dominates
   */
  private record Ranked(Architecture architecture, double[] objectives, int rank, double crowding) {

    boolean beats(Ranked other) {
      return rank < other.rank || (rank == other.rank && crowding > other.crowding);
    }
  }

  private final class Generations implements Strategy {

    private final ChoiceSpace space;
    private final Costs costs = new Costs(predictors);
    private List<Ranked> parents = List.of();
    private final List<Ranked> born = new ArrayList<>();

    Generations(ChoiceSpace space) {
      this.space = space;
    }

    @Override
    public Architecture propose(long number, RandomGenerator random) {
      if (parents.isEmpty()) {
        return space.sample(random);
      }
      int[] picks = parent(random).picks();
      int[] other = parent(random).picks();
      boolean mixed = random.nextDouble() < CROSSOVER;
      List<Choice> choices = space.choices();
      for (int l = 0; l < picks.length; l++) {
        picks[l] = mixed && random.nextBoolean() ? other[l] : picks[l];
        int size = choices.get(l).size();
        if (size > 1 && random.nextInt(picks.length) == 0) {
          int drawn = random.nextInt(size - 1);
          picks[l] = drawn < picks[l] ? drawn : drawn + 1;
        }
      }
      return space.architecture(picks);
    }

    /** The better of two. */
    private Architecture parent(RandomGenerator random) {
      Ranked one = parents.get(random.nextInt(parents.size()));
      Ranked other = parents.get(random.nextInt(parents.size()));
      return (other.beats(one) ? other : one).architecture;
    }

    @Override
    public void tell(Scored scored) {
      born.add(new Ranked(scored.architecture(), costs.objectives(scored), 0, 0));
      if (born.size() == population) {
        born.addAll(0, parents);
        parents = survivors(born);
        born.clear();
      }
    }
  }

  /** Front after front, and of the one that does not fit the least crowded. */
  private List<Ranked> survivors(List<Ranked> all) {
    List<Ranked> survivors = new ArrayList<>();
    List<List<Integer>> fronts = Dominance.fronts(all.stream().map(Ranked::objectives).toList());
    for (int rank = 0; survivors.size() < population; rank++) {
      List<Ranked> front = fronts.get(rank).stream().map(all::get).toList();
      double[] crowding = Dominance.crowding(front.stream().map(Ranked::objectives).toList());
      List<Ranked> ranked = new ArrayList<>();
      for (int i = 0; i < crowding.length; i++) {
        Ranked one = front.get(i);
        ranked.add(new Ranked(one.architecture, one.objectives, rank, crowding[i]));
      }
      ranked.sort(Comparator.comparingDouble(Ranked::crowding).reversed());
      survivors.addAll(ranked.subList(0, Math.min(ranked.size(), population - survivors.size())));
    }
    return survivors;
  }

  /**
   * Settings of {@link ParetoSearch}.
   *
   * @since 0.1.0
   */
  public static final class Builder extends ScoreSearcher.Builder<Builder> {

    private final List<Predictor> predictors;
    private int population = 50;

    private Builder(Evaluator evaluator, List<Predictor> predictors) {
      super(evaluator);
      this.predictors = predictors;
    }

    /**
     * Architectures that live at the same time, and that are born before a choice among them, at
     * least 2. Default 50.
     */
    @CanIgnoreReturnValue
    public Builder population(int value) {
      checkArgument(
          value >= 2, "A front needs a population of at least 2, but is given %s.", value);
      population = value;
      return this;
    }

    @Override
    @CanIgnoreReturnValue
    Builder self() {
      return this;
    }

    @Override
    public ParetoSearch build() {
      return new ParetoSearch(this);
    }
  }
}
