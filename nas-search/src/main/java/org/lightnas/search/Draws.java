package org.lightnas.search;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.lightnas.space.Architecture;

/**
 * Which paths a pass of logits looks at.
 *
 * @param ordered whether they are a draw and all that {@linkplain Logits#following follow} it;
 *     otherwise they are drawn independently of each other
 * @param paths how many, where they are independent
 */
record Draws(boolean ordered, int paths) {

  /**
   * Draws them.
   *
   * @param first already drawn
   */
  List<Architecture> after(Architecture first, Logits logits, RandomGenerator random) {
    List<Architecture> all = new ArrayList<>(List.of(first));
    all.addAll(
        ordered
            ? logits.following(first, random)
            : IntStream.range(1, paths)
                .mapToObj(i -> logits.draw(random, 1).architecture())
                .toList());
    return all;
  }
}
