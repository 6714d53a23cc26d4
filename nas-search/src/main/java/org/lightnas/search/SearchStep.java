package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * One pass of a differentiable search.
 *
 * @param step counted from 0
 * @param phase what learned
 * @param loss of the path whose weights were trained, or mean of the paths that the logits learned
 *     from; in nats
 * @param pressures of the bounds, in their order, after this pass
 * @param entropy mean over the open choices of the probabilities' entropy, as a share of its
 *     maximum: 1 undecided, 0 decided
 * @since 0.1.0
 */
public record SearchStep(
    int step, Phase phase, double loss, List<Pressure> pressures, double entropy) {

  /**
   * What one bound does.
   *
   * @param expected metric expected under the candidates' probabilities, in its unit; as published,
   *     that of the most probable architecture
   * @param multiplier how strongly the metric counts; negative while it is pushed up to the bound
   * @since 0.1.0
   */
  public record Pressure(double expected, double multiplier) {}

  /** Copies what could change. */
  public SearchStep {
    pressures = List.copyOf(pressures);
  }

  /** Checks what a file says of a pass under so many bounds. */
  void require(int bounds) {
    checkArgument(
        pressures.size() == bounds,
        "pass %s is told under %s bounds instead of %s",
        step,
        pressures.size(),
        bounds);
    checkArgument(
        entropy >= 0
            && entropy <= 1 + 1e-9
            && pressures.stream()
                .allMatch(p -> Double.isFinite(p.expected()) && Double.isFinite(p.multiplier())),
        "pass %s is told with an entropy of %s and pressures of %s",
        step,
        entropy,
        pressures);
  }

  /** {@link Pressure#expected} of the first bound. */
  public double expected() {
    return pressures.get(0).expected();
  }

  /** {@link Pressure#multiplier} of the first bound. */
  public double multiplier() {
    return pressures.get(0).multiplier();
  }
}
