package org.lightnas.engine;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The sum of the gradients of several backward passes, as ordered sampling of paths needs it: every
 * pass overwrites the gradients of the one before. Owns native memory, as much as the gradients it
 * has met, until closed, and lends it to the weights. Not thread-safe.
 */
public final class GradientSum implements AutoCloseable {

  private final Map<Weight, Area> sums = new LinkedHashMap<>();
  private final Set<Weight> met = new LinkedHashSet<>();

  /** Adds the gradients that a backward pass has just left. */
  public void add(List<Weight> touched) {
    for (Weight weight : touched) {
      Area sum = sums.get(weight);
      if (sum == null) {
        sums.put(weight, Area.of(weight.gradient().dup('c')));
      } else if (!met.contains(weight)) {
        sum.array().assign(weight.gradient());
      } else {
        sum.array().addi(weight.gradient());
      }
      met.add(weight);
    }
  }

  /**
   * Puts the sums in place of the gradients and begins anew. Valid until gradients are added again.
   *
   * @return the weights that have one
   */
  public List<Weight> release() {
    List<Weight> touched = List.copyOf(met);
    sums.forEach(
        (weight, sum) -> {
          if (met.contains(weight)) {
            weight.lendGradient(sum);
          }
        });
    met.clear();
    return touched;
  }

  /** Bytes of all sums. */
  public long bytes() {
    return sums.values().stream()
        .mapToLong(sum -> sum.array().length() * sum.array().dataType().width())
        .sum();
  }

  @Override
  public void close() {
    sums.values().forEach(sum -> sum.array().close());
    sums.clear();
    met.clear();
  }
}
