package org.lightnas.search;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.internal.StateFile;
import org.lightnas.space.SearchSpace;

/** The weights that a search by logits left in its checkpoint, for a supernet of ours. */
final class SearchWeights {

  /** What names of values begin with in a file. */
  static final String VALUE = "value/";

  private final StateFile<SearchState.Position> found;
  private final SearchSpace space;
  private final boolean families;

  private SearchWeights(
      StateFile<SearchState.Position> found, SearchSpace space, boolean families) {
    this.found = found;
    this.space = space;
    this.families = families;
  }

  /**
   * Takes them over.
   *
   * @param families whether the supernet shares kernels of operations of several sizes
   * @return the pass that the search was at
   * @throws CheckpointException if the file cannot be read, lacks weights of the supernet, or holds
   *     others; then nothing has changed
   */
  static long take(Path checkpoint, Supernet supernet, SearchSpace space, boolean families) {
    StateFile<SearchState.Position> found = StateFile.read(checkpoint, SearchState.Position.class);
    SearchWeights weights = new SearchWeights(found, space, families);
    found.goOn(
        position -> {
          weights.requireSame(supernet);
          supernet.restore(weights::values);
        });
    return found.position().pass();
  }

  /** What is not asked for would be left out of all scores without a word. */
  private void requireSame(Supernet supernet) {
    Set<String> known = new HashSet<>();
    supernet.restore(
        (name, size) -> {
          values(name, size);
          known.add(name);
          return null;
        });
    for (String name : found.tensors().keySet()) {
      if (isWeight(name) && !IdentityMapping.has(tensor(name)) && !known.contains(name)) {
        throw new CheckpointException(
            found.file(),
            "holds weights '"
                + tensor(name)
                + "', which are none of this evaluator of space '"
                + space.name()
                + "'.",
            remedy(families),
            null);
      }
    }
  }

  private static boolean isWeight(String name) {
    return name.startsWith(VALUE) && name.endsWith("/W");
  }

  private static String tensor(String name) {
    return name.substring(VALUE.length());
  }

  private String remedy(boolean otherSharing) {
    return "make the evaluator for the space whose networks shared the weights"
        + (otherSharing ? ", or with sharedKernels(" + !families + ")." : ".");
  }

  private double @Nullable [] values(String name, long size) {
    double[] values = found.tensors().get(name);
    boolean fits = values != null && values.length == size;
    // Published supernets have batch norms without a scale and shift of their own.
    if (isWeight(name) && !fits) {
      throw new CheckpointException(
          found.file(),
          "holds no weights '" + tensor(name) + "' of space '" + space.name() + "'.",
          remedy(!families),
          null);
    }
    return values == null ? null : found.take(name, size);
  }
}
