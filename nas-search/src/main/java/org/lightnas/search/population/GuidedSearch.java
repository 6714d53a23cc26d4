package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Scores what may well be the best by a model of the scores: fits a Gaussian process to all scores
 * so far; draws for each candidate, independently, a score from what the model expects of it
 * (independent Thompson sampling: White et al., AAAI 2021); looks for the largest draws by single
 * swaps from the best and from random ones; proposes these and fits again. The fewer evaluations
 * are affordable, the more it is worth; fitting takes time that grows with the cube of their
 * number, some seconds for 500.
 *
 * <p>The model takes part in the choice of the result, too: it is the architecture of the largest
 * sum of what it scored and what the model expects of it, both in normal scores. A score is noisy,
 * and the largest of many is one that was lucky.
 *
 * @since 0.1.0
 */
public final class GuidedSearch extends ScoreSearcher {

  /** Proposals from one fit, and at least a share of what was scored, so that fits stay few. */
  private static final int PER_FIT = 2;

  private static final int FIT_SHARE = 20;

  /** Around so many of the best is looked first, and as many are drawn near them and anywhere. */
  private static final int PARENTS = 5;

  private static final int DRAWN = 200;

  /** Around so many of the most hopeful is looked until all their neighbours are known. */
  private static final int FRONT = 20;

  private static final int ROUNDS = 20;

  private final int initial;

  private GuidedSearch(Builder builder) {
    super(builder);
    this.initial = builder.initial;
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(Evaluator evaluator) {
    return new Builder(evaluator);
  }

  @Override
  String name() {
    return "guided search";
  }

  @Override
  Map<String, String> own() {
    return Map.of("random at first", Integer.toString(initial));
  }

  @Override
  Strategy strategy(ChoiceSpace space, Admission admission) {
    return new Guided(space, admission);
  }

  private final class Guided implements Strategy {

    private final ChoiceSpace space;
    private final Admission admission;
    private final Similarity similarity;
    private final List<Scored> told = new ArrayList<>();

    /** Of the last fit, the most hopeful first. */
    private final Deque<Architecture> hopeful = new ArrayDeque<>();

    private long fitAgainAt;

    Guided(ChoiceSpace space, Admission admission) {
      this.space = space;
      this.admission = admission;
      this.similarity = new Similarity(space);
    }

    @Override
    public Architecture propose(long number, RandomGenerator random) {
      if (number <= initial || told.size() < 2) {
        return space.sample(random);
      }
      if (number >= fitAgainAt) {
        fitAgainAt = number + Math.max(PER_FIT, told.size() / FIT_SHARE);
        fit(random);
      }
      return hopeful.isEmpty() ? space.sample(random) : hopeful.remove();
    }

    private void fit(RandomGenerator random) {
      ScoreModel model = ScoreModel.fit(similarity, told);
      Map<Architecture, Double> drawn = new LinkedHashMap<>();
      told.forEach(scored -> drawn.put(scored.architecture(), Double.NEGATIVE_INFINITY));
      ToDoubleFunction<Architecture> judge = a -> model.expected(a).drawn(random);
      List<Architecture> parents =
          told.stream()
              .sorted(Comparator.comparingDouble(Scored::score).reversed())
              .map(Scored::architecture)
              .distinct()
              .limit(PARENTS)
              .toList();
      parents.forEach(parent -> lookAround(parent, drawn, judge));
      for (int i = 0; i < DRAWN; i++) {
        Architecture parent = parents.get(i % parents.size());
        Architecture near = Strategy.mutated(space, parent, random);
        add(Strategy.mutated(space, near, random), drawn, judge);
        add(admission.repaired(space.sample(random), random), drawn, judge);
      }
      Set<Architecture> seen = new HashSet<>();
      List<Architecture> front = parents;
      for (int round = 0; round < ROUNDS && !front.isEmpty(); round++) {
        front = mostHopeful(drawn).stream().limit(FRONT).filter(seen::add).toList();
        front.forEach(architecture -> lookAround(architecture, drawn, judge));
      }
      hopeful.clear();
      hopeful.addAll(mostHopeful(drawn));
    }

    private List<Architecture> mostHopeful(Map<Architecture, Double> drawn) {
      return drawn.entrySet().stream()
          .filter(entry -> entry.getValue() > Double.NEGATIVE_INFINITY)
          .sorted(Map.Entry.<Architecture, Double>comparingByValue().reversed())
          .map(Map.Entry::getKey)
          .toList();
    }

    private void lookAround(
        Architecture architecture,
        Map<Architecture, Double> drawn,
        ToDoubleFunction<Architecture> judge) {
      for (int l = 0; l < space.choices().size(); l++) {
        for (int k = 0; k < space.choices().get(l).size(); k++) {
          add(architecture.with(l, k), drawn, judge);
        }
      }
    }

    private void add(
        Architecture architecture,
        Map<Architecture, Double> drawn,
        ToDoubleFunction<Architecture> judge) {
      if (!drawn.containsKey(architecture) && admission.isWithin(architecture)) {
        drawn.put(
            architecture,
            admission.isNew(architecture)
                ? judge.applyAsDouble(architecture)
                : Double.NEGATIVE_INFINITY);
      }
    }

    @Override
    public void tell(Scored scored) {
      told.add(scored);
    }

    @Override
    public List<Scored> ranked(List<Scored> leaders) {
      if (told.size() < 2) {
        return leaders;
      }
      ScoreModel model = ScoreModel.fit(similarity, told);
      Map<Scored, Double> belief = new HashMap<>();
      for (Scored leader : leaders) {
        belief.put(
            leader,
            model.normalScore((int) leader.number() - 1) + model.mean(leader.architecture()));
      }
      return leaders.stream()
          .sorted(Comparator.<Scored>comparingDouble(belief::get).reversed())
          .toList();
    }
  }

  /**
   * Settings of {@link GuidedSearch}.
   *
   * @since 0.1.0
   */
  public static final class Builder extends ScoreSearcher.Builder<Builder> {

    private int initial = 10;

    private Builder(Evaluator evaluator) {
      super(evaluator);
    }

    /** Random architectures scored before the first fit, at least 2. Default 10. */
    @CanIgnoreReturnValue
    public Builder initial(int value) {
      checkArgument(value >= 2, "A model needs at least 2 scores, not %s.", value);
      initial = value;
      return this;
    }

    @Override
    @CanIgnoreReturnValue
    Builder self() {
      return this;
    }

    @Override
    public GuidedSearch build() {
      return new GuidedSearch(this);
    }
  }
}
