package org.lightnas.compress;

import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;

/**
 * A compressed network does not compute what it should, so it was thrown away.
 *
 * @since 0.1.0
 */
public final class EquivalenceException extends NasException {

  private static final long serialVersionUID = 1L;

  private final Equivalence equivalence;
  private final transient @Nullable ComputationGraph trained;

  EquivalenceException(String message, Equivalence equivalence) {
    super(message);
    this.equivalence = equivalence;
    this.trained = null;
  }

  private EquivalenceException(EquivalenceException cause, ComputationGraph trained) {
    super(
        cause.getMessage() + "\nThe network as it was trained, not yet merged, is in trained().",
        cause);
    this.equivalence = cause.equivalence;
    this.trained = trained;
  }

  /** The same of a network that the caller has never seen. */
  EquivalenceException of(ComputationGraph network) {
    return new EquivalenceException(this, network);
  }

  /** The comparison that failed. */
  public Equivalence equivalence() {
    return equivalence;
  }

  /**
   * The network that was to be rewritten, where it was trained on the way, as by {@link Domino};
   * owned by who catches this. Empty where the caller has it.
   */
  public Optional<ComputationGraph> trained() {
    return Optional.ofNullable(trained);
  }
}
