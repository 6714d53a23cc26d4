package org.lightnas.space;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One decision of a search space: a name and the candidates on offer, in the order of the one-hot
 * encoding.
 *
 * @param name unique within the space; letters, digits, {@code -}, {@code .} and {@code _}
 * @param candidates at least one, with distinct ids
 * @since 0.1.0
 */
public record Choice(String name, List<Candidate> candidates) {

  /**
   * Checks names and copies the list.
   *
   * @throws IllegalArgumentException if the name is malformed, the list empty, or an id malformed
   *     or given twice
   */
  public Choice {
    checkArgument(
        name.matches("[A-Za-z0-9._-]+"),
        "Choice name '%s' may hold letters, digits, '-', '.' and '_' only.",
        name);
    candidates = List.copyOf(candidates);
    checkArgument(!candidates.isEmpty(), "Choice '%s' offers no candidate.", name);
    Set<String> ids = new HashSet<>();
    for (Candidate candidate : candidates) {
      String id = candidate.id();
      checkArgument(
          id.matches("[A-Za-z0-9._]+"),
          "Candidate '%s' of choice '%s' may hold letters, digits, '.' and '_' only.",
          id,
          name);
      checkArgument(ids.add(id), "Choice '%s' offers candidate '%s' twice.", name, id);
    }
  }

  /** The number of candidates, K. */
  public int size() {
    return candidates.size();
  }

  /**
   * The position of the candidate with this id.
   *
   * @throws IllegalArgumentException if the choice does not offer it
   */
  public int indexOf(String candidateId) {
    for (int k = 0; k < candidates.size(); k++) {
      if (candidates.get(k).id().equals(candidateId)) {
        return k;
      }
    }
    throw new IllegalArgumentException(
        "Choice '"
            + name
            + "' does not offer '"
            + candidateId
            + "'; it offers "
            + candidates.stream().map(Candidate::id).collect(Collectors.joining(", ", "[", "].")));
  }
}
