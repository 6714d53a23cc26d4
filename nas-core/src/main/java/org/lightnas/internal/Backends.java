package org.lightnas.internal;

import org.lightnas.NasException;
import org.nd4j.linalg.factory.Nd4j;

/** Whether ND4J has something to compute with. */
public final class Backends {

  private Backends() {}

  /**
   * Loads the backend.
   *
   * @throws NasException if there is none; ND4J itself says so only once, and then fails with
   *     {@code NoClassDefFoundError}s that say nothing
   */
  public static void require() {
    try {
      Nd4j.getBackend();
    } catch (Throwable e) {
      if (e instanceof LinkageError || e instanceof RuntimeException) {
        throw new NasException(
            "No ND4J backend on the class path, so networks cannot be built.\n"
                + "Maybe add org.nd4j:nd4j-native-platform (CPU).",
            e);
      }
      throw e;
    }
  }
}
