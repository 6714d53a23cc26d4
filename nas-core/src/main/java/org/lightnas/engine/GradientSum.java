package org.lightnas.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sum of the gradients of several backward passes, as ordered sampling of paths needs it: every
 * pass overwrites the gradients of the one before. Owns native memory, as much as the gradients it
 * has met, until closed. Not thread-safe.
 */
public final class GradientSum implements AutoCloseable {

  private final Map<Weight, INDArray> sums = new LinkedHashMap<>();
  private final Map<Weight, Integer> terms = new LinkedHashMap<>();

  /** Adds the gradients that a backward pass has just left. */
  public void add(List<Weight> touched) {
    for (Weight weight : touched) {
      INDArray sum = sums.get(weight);
      if (sum == null) {
        sums.put(weight, weight.gradient().dup('c'));
      } else if (!terms.containsKey(weight)) {
        sum.assign(weight.gradient());
      } else {
        sum.addi(weight.gradient());
      }
      terms.merge(weight, 1, Integer::sum);
    }
  }

  /**
   * Puts the sums in place of the gradients and begins anew.
   *
   * @return the weights that have one
   */
  public List<Weight> release() {
    List<Weight> touched = List.copyOf(terms.keySet());
    terms.forEach(
        (weight, count) -> {
          if (count > 1) {
            weight.gradient().assign(sums.get(weight));
          }
        });
    terms.clear();
    return touched;
  }

  @Override
  public void close() {
    sums.values().forEach(INDArray::close);
    sums.clear();
    terms.clear();
  }
}
