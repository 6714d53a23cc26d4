package org.lightnas.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether ND4J has a backend. ND4J says so once, by an error in its static initialiser; every later
 * touch is a {@link NoClassDefFoundError} that explains nothing. Whoever is about to create a
 * network or an array asks here first, and gets the same words every time.
 */
public final class Backends {

  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
  private static final String ND4J_POM = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";

  private Backends() {}

  /**
   * Does nothing if networks can be built.
   *
   * @throws NasException if there is no ND4J backend on the class path, or it does not start
   */
  public static void require() {
    if (Probe.PROBLEM != null) {
      throw new NasException(Probe.PROBLEM);
    }
  }

  /** {@code DL4J 1.0.0-M2.1 on CpuBackend with oneDNN}. Needs a backend. */
  public static String description() {
    return "DL4J "
        + version()
        + " on "
        + Nd4j.getBackend().getClass().getSimpleName()
        + (Nd4j.getBackend().buildInfo().contains("HAVE_ONEDNN") ? " with oneDNN" : "");
  }

  /**
   * On so many threads native operations run: those of {@code OMP_NUM_THREADS}, or else as many as
   * the machine has cores and this process may use.
   */
  public static int threads() {
    return Probe.THREADS;
  }

  /**
   * Lets the calling thread compute on {@link #threads}, and so to the same bits as any other. Left
   * alone, the thread that touches ND4J first has all the machine's cores, be they its own or not,
   * and every other has what OpenMP finds. Needs a backend.
   */
  public static void useThreads() {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads());
  }

  /**
   * How many threads to use.
   *
   * @param asked by the environment, a list for nested regions of which the first counts; or null
   */
  static int threads(@Nullable String asked, int cores, int available) {
    Matcher number =
        Pattern.compile("\\s*([1-9]\\d{0,3})\\b.*").matcher(asked == null ? "" : asked);
    return number.matches() ? Integer.parseInt(number.group(1)) : Math.min(cores, available);
  }

  private static String version() {
    Properties pom = new Properties();
    try (InputStream in = Nd4j.class.getResourceAsStream(ND4J_POM)) {
      if (in != null) {
        pom.load(in);
      }
    } catch (IOException e) {
      // Repackaged: the version is not to be had.
    }
    return pom.getProperty("version", "of unknown version");
  }

  /** Runs once, at the first question, and keeps the answer that ND4J gives only once. */
  private static final class Probe {

    static final @Nullable String PROBLEM = touch();
    static final int THREADS =
        threads(
            System.getenv("OMP_NUM_THREADS"),
            Loader.totalCores(),
            Runtime.getRuntime().availableProcessors());

    private static @Nullable String touch() {
      try {
        Nd4j.getBackend();
        return null;
      } catch (LinkageError e) {
        LOG.debug("ND4J does not start", e);
        return explain(e);
      }
    }
  }

  /** Package-private for tests: the words for what ND4J threw. */
  static String explain(Throwable thrown) {
    Throwable root = thrown;
    boolean absent = false;
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      // If others touched ND4J before us, the JVM has kept only the text of the first failure.
      absent |=
          cause instanceof NoAvailableBackendException
              || String.valueOf(cause.getMessage())
                  .contains(NoAvailableBackendException.class.getSimpleName());
      root = cause;
    }
    if (absent) {
      return "No ND4J backend on the class path, so networks cannot be built.\n"
          + "Maybe add org.nd4j:nd4j-native-platform (CPU).";
    }
    return "The ND4J backend on the class path does not start, so networks cannot be built: "
        + root.getMessage()
        + "\nMaybe add org.nd4j:nd4j-native with the classifier of this platform, or"
        + " org.nd4j:nd4j-native-platform with all of them.";
  }
}
