package org.lightnas.internal;

import java.util.function.Supplier;
import org.lightnas.NasException;

/** Words for what users' operations, predictors, evaluators, devices and iterators throw. */
public final class Foreign {

  private Foreign() {}

  /**
   * What somebody else's code returns; what it throws, as {@link #failure} says it.
   *
   * @param where asked for only if it throws
   */
  public static <T> T call(Supplier<? extends T> code, Supplier<String> where) {
    try {
      return code.get();
    } catch (RuntimeException e) {
      throw failure(where.get(), e);
    }
  }

  /**
   * What to throw instead of what somebody else's code threw: with the name of the culprit. Our own
   * exceptions say enough, and callers act on their type; a mistake stays a mistake.
   *
   * @param where begins the message: "The evaluator of 'accuracy' failed on architecture 0-1"
   */
  public static RuntimeException failure(String where, RuntimeException thrown) {
    if (thrown instanceof NasException) {
      return thrown;
    }
    if (thrown instanceof IllegalArgumentException) {
      return new IllegalArgumentException(where + ": " + thrown.getMessage(), thrown);
    }
    return new NasException(
        where + ": " + thrown + "\nMaybe try it by itself; its own error is the cause of this one.",
        thrown);
  }
}
