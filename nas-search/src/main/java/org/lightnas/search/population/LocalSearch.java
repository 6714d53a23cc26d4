package org.lightnas.search.population;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Local search with restarts (White et al., UAI 2021): from a random architecture, scores those
 * that differ in one choice, in random order, and moves to the first that is better; where none is,
 * begins anew elsewhere. Departs from that paper in moving at once instead of after scoring all
 * neighbours.
 *
 * @since 0.1.0
 */
public final class LocalSearch extends ScoreSearcher {

  private LocalSearch(Builder builder) {
    super(builder);
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(Evaluator evaluator) {
    return new Builder(evaluator);
  }

  @Override
  String name() {
    return "local search";
  }

  @Override
  Map<String, String> own() {
    return Map.of();
  }

  @Override
  Strategy strategy(ChoiceSpace space, Admission admission) {
    return new Climb(space);
  }

  private static final class Climb implements Strategy {

    private final ChoiceSpace space;

    private @Nullable Scored here;

    /** Around {@link #here}, those not yet proposed. */
    private final List<Architecture> neighbours = new ArrayList<>();

    /** The number of the proposal that begins anew, while its score is not known; 0 for none. */
    private long restart;

    Climb(ChoiceSpace space) {
      this.space = space;
    }

    @Override
    public Architecture propose(long number, RandomGenerator random) {
      if (!neighbours.isEmpty()) {
        int drawn = random.nextInt(neighbours.size());
        Collections.swap(neighbours, drawn, neighbours.size() - 1);
        return neighbours.remove(neighbours.size() - 1);
      }
      restart = restart == 0 ? number : restart;
      return space.sample(random);
    }

    @Override
    public void tell(Scored scored) {
      boolean begun = restart > 0 && scored.number() >= restart;
      if (here == null || begun || scored.score() > here.score()) {
        here = scored;
        restart = 0;
        lookAround(scored.architecture());
      }
    }

    private void lookAround(Architecture architecture) {
      neighbours.clear();
      List<Choice> choices = space.choices();
      for (int l = 0; l < choices.size(); l++) {
        for (int k = 0; k < choices.get(l).size(); k++) {
          if (k != architecture.pick(l)) {
            neighbours.add(architecture.with(l, k));
          }
        }
      }
    }
  }

  /**
   * Settings of {@link LocalSearch}.
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
    public LocalSearch build() {
      return new LocalSearch(this);
    }
  }
}
