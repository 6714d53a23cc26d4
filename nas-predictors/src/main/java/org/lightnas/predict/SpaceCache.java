package org.lightnas.predict;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.ChoiceSpace;

/**
 * Remembers what was derived from the space asked for last: a cross-validation fits many predictors
 * of one space, and counting its networks takes longer than a fit. Thread-safe.
 */
final class SpaceCache<T> {

  private record Known<T>(ChoiceSpace space, T value) {}

  private final Function<ChoiceSpace, T> derive;
  private final AtomicReference<@Nullable Known<T>> last = new AtomicReference<>();

  SpaceCache(Function<ChoiceSpace, T> derive) {
    this.derive = derive;
  }

  T of(ChoiceSpace space) {
    Known<T> known = last.get();
    if (known == null || !known.space().equals(space)) {
      known = new Known<>(space, derive.apply(space));
      last.set(known);
    }
    return known.value();
  }
}
