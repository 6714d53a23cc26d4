package org.lightnas.device;

import org.nd4j.linalg.api.blas.Blas;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Another number of threads for ND4J's operations, its matrix products and its OpenMP regions,
 * until restored. The first two hold for the whole process, the last for the calling thread.
 */
final class Threads {

  private final int before;
  private final int blasBefore;

  private Threads(int before, int blasBefore) {
    this.before = before;
    this.blasBefore = blasBefore;
  }

  private static int current() {
    return Nd4j.getEnvironment().maxThreads();
  }

  /** Sets the number; {@link #restore} sets it back. */
  static Threads use(int count) {
    Threads saved = new Threads(current(), Nd4j.factory().blas().getMaxThreads());
    set(count, count);
    return saved;
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

  void restore() {
    set(before, blasBefore);
  }
}
