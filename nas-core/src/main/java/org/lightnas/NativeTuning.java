package org.lightnas;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings of this process that make native computing steadier on Linux, from within, for programs
 * whose environment nobody prepares. Nothing in the library calls it or depends on it: call it as
 * the first thing in {@code main}, before anything touches ND4J, or leave it.
 *
 * <ul>
 *   <li>{@code GOMP_SPINCOUNT=10000}: threads of libgomp that wait for each other spin briefly and
 *       then yield. Otherwise every parallel region can cost 8 ms as soon as the machine does
 *       anything else. libgomp reads it when it is loaded.
 *   <li>{@code mallopt}: freed memory is kept for the next temporary array instead of being given
 *       back, to be faulted in page by page again. The process keeps the most it ever needed.
 * </ul>
 *
 * A value that the user's own environment sets ({@code GOMP_SPINCOUNT}, {@code OMP_WAIT_POLICY},
 * {@code MALLOC_MMAP_THRESHOLD_}, {@code MALLOC_TRIM_THRESHOLD_}, {@code MALLOC_TOP_PAD_}, {@code
 * GLIBC_TUNABLES}) stays as it is. {@code -Dlightnas.tuning=off} switches everything off.
 *
 * @since 0.1.0
 */
public final class NativeTuning {

  private static final Logger log = LoggerFactory.getLogger(NativeTuning.class);

  private static final String OFF = "off";

  /**
   * What {@code mallopt} is asked for.
   *
   * @param variable of the environment that sets the same
   * @param parameter number in {@code malloc.h}
   * @param values the wanted one, then what an older glibc may still accept
   */
  private record Setting(String variable, int parameter, List<Integer> values) {}

  private static final List<Setting> ALLOCATOR =
      List.of(
          // glibc before 2.35 refuses more than 32 MB.
          new Setting("MALLOC_MMAP_THRESHOLD_", -3, List.of(1 << 30, 32 << 20)),
          new Setting("MALLOC_TRIM_THRESHOLD_", -1, List.of(Integer.MAX_VALUE)),
          new Setting("MALLOC_TOP_PAD_", -2, List.of(64 << 20)));

  private NativeTuning() {}

  /**
   * Applies the settings to this process, once and for good; logs what was done and what was not,
   * and why. Does nothing on other systems than Linux with glibc. Never throws.
   *
   * @return what was set, as {@code NAME=value}; empty if nothing
   */
  public static List<String> apply() {
    return apply(
        System.getProperty("os.name", ""),
        System.getProperty("lightnas.tuning", ""),
        System.getenv(),
        NativeLibrary::getProcess);
  }

  static List<String> apply(
      String system,
      String wish,
      Map<String, String> environment,
      Supplier<NativeLibrary> process) {
    if (wish.toLowerCase(Locale.ROOT).equals(OFF)) {
      log.info("Native tuning: off, as lightnas.tuning asks");
      return List.of();
    }
    if (!system.equals("Linux")) {
      log.info("Native tuning: nothing to do on {}, it is for Linux with glibc", system);
      return List.of();
    }
    List<String> done = new ArrayList<>();
    try {
      NativeLibrary libc = process.get();
      // Only glibc has it, and only its mallopt does anything.
      String version = libc.getFunction("gnu_get_libc_version").invokeString(new Object[0], false);
      spin(libc, environment, done);
      allocate(libc, environment, done);
      log.info("Native tuning with glibc {}: {}", version, done);
    } catch (LinkageError | RuntimeException e) {
      log.info("Native tuning: not on this system, it is for Linux with glibc ({})", e.toString());
    }
    return List.copyOf(done);
  }

  private static void spin(NativeLibrary libc, Map<String, String> environment, List<String> done) {
    if (environment.containsKey("GOMP_SPINCOUNT") || environment.containsKey("OMP_WAIT_POLICY")) {
      log.info("Native tuning: how threads wait stays as the environment says");
    } else if (isLoaded("libgomp")) {
      log.warn(
          "Native tuning: libgomp is loaded already, so GOMP_SPINCOUNT comes too late.\n"
              + "Maybe call NativeTuning.apply() first in main, before anything touches ND4J.");
    } else if (libc.getFunction("setenv").invokeInt(new Object[] {"GOMP_SPINCOUNT", "10000", 0})
        == 0) {
      done.add("GOMP_SPINCOUNT=10000");
    }
  }

  private static void allocate(
      NativeLibrary libc, Map<String, String> environment, List<String> done) {
    boolean tunables = environment.getOrDefault("GLIBC_TUNABLES", "").contains("glibc.malloc.");
    for (Setting setting : ALLOCATOR) {
      if (tunables || environment.containsKey(setting.variable)) {
        log.info("Native tuning: {} stays as the environment says", setting.variable);
        continue;
      }
      for (int value : setting.values) {
        Object[] arguments = {setting.parameter, value};
        if (libc.getFunction("mallopt").invokeInt(arguments) == 1) {
          done.add(setting.variable + "=" + value);
          break;
        }
      }
    }
  }

  private static boolean isLoaded(String library) {
    try {
      // Not UTF-8 for sure: names of files are bytes.
      return Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)
          .contains(library);
    } catch (IOException e) {
      log.debug("Native tuning: what is loaded cannot be seen", e);
      return false;
    }
  }
}
