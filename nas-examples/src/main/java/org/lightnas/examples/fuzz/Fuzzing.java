package org.lightnas.examples.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;

/**
 * Gives hostile files to a reader. A file may be accepted or refused; everything else is an escape:
 * another exception than ours, a message that does not name the file, an accepted value that is not
 * valid, an error of the VM, more time than a minute, an access outside the folder.
 */
public final class Fuzzing {

  private static final int SECONDS = 60;
  private static final int SHOWN = 20;

  private final HostileReader reader;
  private final Path folder;
  private final Path canary;
  private final long seed;

  /**
   * What came of it.
   *
   * @param files that were read
   * @param worstMillis of one file
   * @param peakHeapMegabytes while they were read
   * @param escapes the first of them, each with the number of its file
   * @param escaped how many there were
   */
  public record Outcome(
      String reader,
      long files,
      long accepted,
      long refused,
      double worstMillis,
      long peakHeapMegabytes,
      List<String> escapes,
      long escaped) {}

  /**
   * Of one reader.
   *
   * @param outer an empty folder; files are put one folder deeper
   * @param seed with the number of a file it decides what the file holds
   */
  public Fuzzing(HostileReader reader, Path outer, long seed) {
    this.reader = reader;
    this.folder = outer.resolve(reader.name());
    this.canary = canary(outer);
    this.seed = seed;
  }

  /** What no reader may touch, in the parent of the folder that it is given. */
  public static Path canary(Path outer) {
    return outer.resolve("canary.txt").toAbsolutePath();
  }

  /**
   * Reads so many files.
   *
   * @throws IllegalStateException if the valid files are not accepted
   */
  public Outcome run(long files) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(canary, "nobody reads this");
    List<String> escapes = new ArrayList<>();
    long accepted = 0;
    long refused = 0;
    long escaped = 0;
    long worst = 0;
    long done = 0;
    ExecutorService thread = Executors.newSingleThreadExecutor(Fuzzing::daemon);
    try {
      put(Map.of());
      String valid = verdict(thread, reader.valid());
      if (!valid.isEmpty()) {
        throw new IllegalStateException(reader.name() + " does not take what is valid: " + valid);
      }
      resetPeaks();
      try (FileAccess access = FileAccess.watch()) {
        for (; done < files; done++) {
          Map<String, byte[]> forged = reader.forger().forge(reader.valid(), random(done));
          put(forged);
          long start = System.nanoTime();
          String verdict = verdict(thread, forged);
          worst = Math.max(worst, System.nanoTime() - start);
          accepted += verdict.isEmpty() ? 1 : 0;
          refused += verdict.startsWith(REFUSED) ? 1 : 0;
          if (verdict.startsWith(ESCAPE)) {
            escaped++;
            if (escapes.size() < SHOWN) {
              escapes.add("file " + done + " " + forged.keySet() + ": " + verdict);
            }
            if (verdict.startsWith(HANGS)) {
              break;
            }
          }
        }
        List<String> outside = access.outside(folder, canary);
        escaped += outside.size();
        escapes.addAll(outside);
      }
    } finally {
      thread.shutdownNow();
    }
    return new Outcome(
        reader.name(),
        done,
        accepted,
        refused,
        worst / 1e6,
        peakMegabytes(),
        List.copyOf(escapes),
        escaped);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "reader");
    thread.setDaemon(true);
    return thread;
  }

  private SplittableRandom random(long file) {
    return new SplittableRandom(
        (seed * 31 + reader.name().hashCode()) * 0x9E3779B97F4A7C15L + file);
  }

  /** The valid files, but for those forged; what a reader wrote is brought back to the start. */
  private void put(Map<String, byte[]> forged) throws IOException {
    Set<Path> here = new HashSet<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!reader.valid().containsKey(folder.relativize(file).toString())) {
          Files.delete(file);
        } else if (Files.getLastModifiedTime(file).equals(UNTOUCHED)) {
          here.add(file);
        }
      }
    }
    for (Map.Entry<String, byte[]> file : reader.valid().entrySet()) {
      Path path = folder.resolve(file.getKey());
      byte[] changed = forged.get(file.getKey());
      if (changed != null || !here.contains(path)) {
        Files.createDirectories(path.resolveSibling("."));
        Files.write(path, changed == null ? file.getValue() : changed);
        if (changed == null) {
          Files.setLastModifiedTime(path, UNTOUCHED);
        }
      }
    }
  }

  /** Marks a valid file that nobody has written to since. */
  private static final FileTime UNTOUCHED = FileTime.fromMillis(1_000_000_000_000L);

  private static final String REFUSED = "refused";
  private static final String ESCAPE = "ESCAPE ";
  private static final String HANGS = ESCAPE + "hangs";

  /** Empty if the files were accepted. */
  private String verdict(ExecutorService thread, Map<String, byte[]> forged) {
    Callable<@Nullable Void> task =
        () -> {
          reader.reading().read(folder);
          return null;
        };
    Future<@Nullable Void> reading = thread.submit(task);
    try {
      reading.get(SECONDS, TimeUnit.SECONDS);
      return "";
    } catch (ExecutionException e) {
      return judged(e.getCause(), forged);
    } catch (TimeoutException e) {
      return HANGS;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private String judged(@Nullable Throwable thrown, Map<String, byte[]> forged) {
    boolean typed =
        thrown instanceof NasException
            || (thrown != null && thrown.getClass() == IllegalArgumentException.class);
    String message = String.valueOf(thrown == null ? null : thrown.getMessage());
    boolean named =
        !reader.named()
            || forged.keySet().stream()
                .anyMatch(name -> message.contains(folder.resolve(name).toString()));
    if (typed && named) {
      return REFUSED + " " + message;
    }
    StackTraceElement[] trace = thrown == null ? new StackTraceElement[0] : thrown.getStackTrace();
    StringBuilder text = new StringBuilder(ESCAPE).append(typed ? "unnamed " : "").append(thrown);
    for (int i = 0; i < Math.min(6, trace.length); i++) {
      text.append(" < ").append(trace[i]);
    }
    return text.length() > 1500 ? text.substring(0, 1500) : text.toString();
  }

  private static List<MemoryPoolMXBean> pools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }

  private static void resetPeaks() {
    pools().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  private static long peakMegabytes() {
    return pools().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum() >> 20;
  }
}
