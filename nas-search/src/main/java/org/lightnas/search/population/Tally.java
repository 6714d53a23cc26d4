package org.lightnas.search.population;

/**
 * What a search did, in numbers.
 *
 * @param evaluations architectures scored
 * @param remembered how many of the scores were known before: of duplicates, where they are kept
 * @param beyondBounds proposals refused because a prediction exceeded its bound
 * @param duplicates proposals refused because their like was scored before
 * @param repaired architectures scored that had to be changed to keep the bounds
 * @since 0.1.0
 */
public record Tally(
    long evaluations, long remembered, long beyondBounds, long duplicates, long repaired) {

  /**
   * {@code 200 evaluations (3 remembered); refused 17 duplicates, 40 beyond bounds; 2 repaired}.
   */
  @Override
  public String toString() {
    return evaluations
        + " evaluations ("
        + remembered
        + " remembered); refused "
        + duplicates
        + " duplicates, "
        + beyondBounds
        + " beyond bounds; "
        + repaired
        + " repaired";
  }
}
