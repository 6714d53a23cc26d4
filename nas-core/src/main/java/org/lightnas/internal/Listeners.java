package org.lightnas.internal;

import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;

/** Tells listeners without letting them break the run. */
public final class Listeners {

  private Listeners() {}

  /** Calls every listener; what one throws is logged and dropped. */
  public static <L> void tell(List<L> listeners, Consumer<L> event, Logger log) {
    for (L listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        log.warn("Listener {} failed and was ignored", listener, e);
      }
    }
  }
}
