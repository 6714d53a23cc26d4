package org.lightnas.search;

import java.util.Locale;

/**
 * The native memory that a search takes on the engine's side, as expected or as taken. Java's heap,
 * DL4J and what numerical libraries keep for themselves come on top.
 *
 * @param weightBytes all shared weights with their momenta and, where paths are summed, those sums
 * @param activationBytes activations and gradients of the largest path; there is only one at a time
 * @since 0.1.0
 */
public record MemoryEstimate(long weightBytes, long activationBytes) {

  /** {@code weights 3.2 MiB, activations 41.0 MiB}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "weights %.1f MiB, activations %.1f MiB",
        weightBytes / 1048576.0,
        activationBytes / 1048576.0);
  }
}
