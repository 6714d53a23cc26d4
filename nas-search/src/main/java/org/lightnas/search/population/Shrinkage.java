package org.lightnas.search.population;

import java.util.List;

/**
 * What was decided on one choice when a space was narrowed.
 *
 * @param choice its name
 * @param operations those that were left until then
 * @since 0.1.0
 */
public record Shrinkage(String choice, List<Operation> operations) {

  /**
   * One operation, with all its widths.
   *
   * @param name its weight key, or the candidate's id
   * @param quality mean objective of random architectures that have it
   * @param behind by how much the best one's quality is larger; 0 for the best itself
   * @param error standard error of that, by pairs of architectures
   * @param kept whether it is left
   * @since 0.1.0
   */
  public record Operation(String name, double quality, double behind, double error, boolean kept) {}

  /** Copies the list. */
  public Shrinkage {
    operations = List.copyOf(operations);
  }

  /** How many operations were dropped. */
  int dropped() {
    return (int) operations.stream().filter(operation -> !operation.kept()).count();
  }
}
