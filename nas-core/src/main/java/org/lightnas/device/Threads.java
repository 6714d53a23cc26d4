package org.lightnas.device;

import java.util.function.Supplier;
import org.nd4j.linalg.api.blas.Blas;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Another number of threads for ND4J's operations, its matrix products and its OpenMP regions. The
 * first two hold for the whole process, the last for the calling thread.
 */
final class Threads {

  private Threads() {}

  private static int current() {
    return Nd4j.getEnvironment().maxThreads();
  }

  /**
   * Does something with this number, and sets it back. One caller at a time: by turns, the second
   * would set back what the first had set.
   */
  static synchronized <T> T with(int count, Supplier<T> work) {
    int before = current();
    int blasBefore = Nd4j.factory().blas().getMaxThreads();
    set(count, count);
    try {
      return work.get();
    } finally {
      set(before, blasBefore);
    }
  }

  private static void set(int count, int blasCount) {
    if (count != current()) {
      Nd4j.getEnvironment().setMaxThreads(count);
    }
    NativeOps operations = NativeOpsHolder.getInstance().getDeviceNativeOps();
    operations.setOmpNumThreads(count);
    Blas blas = Nd4j.factory().blas();
    if (blas.getMaxThreads() != blasCount) {
      blas.setMaxThreads(blasCount);
    }
  }
}
