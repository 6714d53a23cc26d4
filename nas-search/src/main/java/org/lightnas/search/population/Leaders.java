package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.Architecture;

/** The best of what was scored, and how they came. */
final class Leaders {

  /** Enough to choose finalists from, and for a report. */
  private static final int MOST = 100;

  private final TreeSet<Scored> best =
      new TreeSet<>(
          Comparator.comparingDouble(Scored::score).reversed().thenComparing(Scored::number));

  private final Set<Architecture> among = new HashSet<>();
  private final List<Scored> improvements = new ArrayList<>();

  /** Whether it is better than all before. */
  boolean add(Scored scored) {
    boolean better = best.isEmpty() || scored.score() > best.first().score();
    if (better) {
      improvements.add(scored);
    }
    if (best.size() < MOST || scored.score() > best.last().score()) {
      if (among.add(scored.architecture())) {
        best.add(scored);
      }
      if (best.size() > MOST) {
        among.remove(best.pollLast().architecture());
      }
    }
    return better;
  }

  /** Null if nothing was scored. */
  @Nullable Scored first() {
    return best.isEmpty() ? null : best.first();
  }

  /** Different architectures, best first; of equals the earlier first. */
  List<Scored> best() {
    return List.copyOf(best);
  }

  /** Each better than all before it. */
  List<Scored> improvements() {
    return List.copyOf(improvements);
  }
}
