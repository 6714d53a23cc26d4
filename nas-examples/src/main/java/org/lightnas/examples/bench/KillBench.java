package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Kills work at random moments and goes on: {@code mvn -q -Pbench -Dbench=KillBench [-Dkills=13]
 * [-Dphases=search,profile,training,compression,writing] [-Dseed=1]}. A process is ended as by
 * {@code kill -9}, again and again, until its work is done. After each kill every file must be
 * whole or absent, and what comes out in the end must be what an undisturbed process gives, bit for
 * bit. {@code writing} does nothing but write checkpoints, so that most kills fall into one.
 * Correctness, not a timing.
 */
public final class KillBench {

  private final KillWork.Phase phase;
  private final Path folder;
  private final SplittableRandom random;
  private final Set<Path> aside = new HashSet<>();
  private int killed;
  private int resumable;
  private int halfWritten;

  private KillBench(KillWork.Phase phase, Path folder, long seed) {
    this.phase = phase;
    this.folder = folder;
    this.random = new SplittableRandom(seed);
  }

  /** Kills and compares. */
  public static void main(String... args) throws IOException, InterruptedException {
    int kills = Options.whole("kills", 13, 1);
    long seed = Options.whole("seed", 1, 0);
    List<KillWork.Phase> phases =
        Options.names("phases", "search,profile,training,compression,writing").stream()
            .map(name -> KillWork.Phase.valueOf(name.toUpperCase(Locale.ROOT)))
            .toList();
    Bench.say("KillBench: about %.1f minutes", phases.size() * (0.5 + 0.1 * kills));
    Path folder = Files.createTempDirectory("kill-bench");
    List<Map<String, Object>> results = new ArrayList<>();
    for (KillWork.Phase phase : phases) {
      results.add(new KillBench(phase, folder.resolve(phase.label()), seed).run(kills));
    }
    Bench.results(results);
    checkState(
        results.stream()
            .allMatch(
                r ->
                    Objects.equals(r.get("identical"), true)
                        && Objects.equals(r.get("half_written"), 0)),
        "A process that was killed has left something else than an undisturbed one; see %s",
        folder);
    MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  /** Figures of so many kills of one kind of work. */
  static Map<String, Object> of(KillWork.Phase phase, Path folder, int kills, long seed)
      throws IOException, InterruptedException {
    return new KillBench(phase, folder, seed).run(kills);
  }

  private Map<String, Object> run(int kills) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path whole = folder.resolve("whole");
    long start = System.nanoTime();
    checkState(work(folder.resolve("undisturbed"), whole, Long.MAX_VALUE), "it did not end");
    double millis = (System.nanoTime() - start) / 1e6;
    int runs = 0;
    boolean identical = true;
    while (killed < kills) {
      Path state = folder.resolve("run" + runs);
      Path result = folder.resolve("result" + runs);
      runs++;
      while (!work(
          state,
          result,
          // Not too early each time, or nothing would be done between two kills.
          killed < kills ? (long) (millis * random.nextDouble(0.1, 0.95)) : Long.MAX_VALUE)) {
        killed++;
        look(state);
      }
      identical &= Arrays.equals(Files.readAllBytes(result), Files.readAllBytes(whole));
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("phase", phase.label());
    figures.put("kills", killed);
    figures.put("runs", runs);
    figures.put("resumed", resumable);
    figures.put("absent", killed - resumable);
    figures.put("half_written", halfWritten);
    figures.put("left_aside", aside.size());
    figures.put("identical", identical);
    return figures;
  }

  private void look(Path state) throws IOException {
    WholeFiles found = WholeFiles.in(state);
    found.broken().forEach(file -> Bench.say("half written: %s", file));
    halfWritten += found.broken().size();
    aside.addAll(found.aside());
    resumable += found.whole().isEmpty() ? 0 : 1;
  }

  /** Whether the work was done before its process was killed. */
  private boolean work(Path state, Path result, long millis)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    // Processes this short end before the second compiler pays; it takes up to two fifths of them.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Dorg.bytedeco.javacpp.maxbytes=4g");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.addAll(
        List.of(KillWork.class.getName(), phase.name(), state.toString(), result.toString()));
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    Thread end = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(end);
    try {
      if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        return false;
      }
    } finally {
      process.destroyForcibly();
      Runtime.getRuntime().removeShutdownHook(end);
    }
    checkState(
        process.exitValue() == 0,
        "The %s ended with status %s: %s",
        phase.label(),
        process.exitValue(),
        Files.readString(said));
    return true;
  }
}
