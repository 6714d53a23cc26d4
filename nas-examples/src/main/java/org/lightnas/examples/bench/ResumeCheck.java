package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * Kills a search at random moments and goes on: {@code mvn -q -Pbench -Dbench=ResumeCheck
 * [-Dkills=12] [-Dsteps=150]}. The process is ended as by {@code kill -9}, again and again, until a
 * search has come through; its result must be that of an undisturbed run, bit for bit. Correctness,
 * not a timing.
 */
public final class ResumeCheck {

  private ResumeCheck() {}

  /** Compares; with a folder and a file as arguments, searches and writes the result there. */
  public static void main(String... args) throws IOException, InterruptedException {
    if (args.length == 2) {
      search(Path.of(args[0]), Path.of(args[1]));
      return;
    }
    int kills = Integer.getInteger("kills", 12);
    Path folder = Files.createTempDirectory("resume-check");
    Bench.say("ResumeCheck: about %.1f minutes, at least %d kills", 1.5 + 0.15 * kills, kills);
    long start = System.nanoTime();
    Path whole = folder.resolve("whole.txt");
    checkState(run(folder.resolve("undisturbed"), whole, Long.MAX_VALUE), "it did not end");
    double seconds = (System.nanoTime() - start) / 1e9;
    SplittableRandom random = new SplittableRandom(Long.getLong("seed", 1));
    int killed = 0;
    int runs = 0;
    boolean same = true;
    while (killed < kills) {
      Path state = folder.resolve("run" + runs);
      Path result = folder.resolve("result" + runs + ".txt");
      runs++;
      // Some of a run each time: a search that is killed too early each time would never end.
      while (!run(state, result, (long) (1000 * seconds * random.nextDouble(0.2, 0.9)))) {
        killed++;
      }
      same &= Files.readString(result).equals(Files.readString(whole));
    }
    Bench.say("%d kills in %d searches: %s", killed, runs, same ? "identical" : "DIFFERENT");
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("kills", killed);
    figures.put("searches", runs);
    figures.put("identical", same);
    Bench.result(figures);
    checkState(same, "A resumed search differs from the undisturbed one; see %s", folder);
  }

  /** Whether a search came to its end before it was killed. */
  private static boolean run(Path state, Path result, long millis)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.add("-Dorg.bytedeco.javacpp.maxbytes=4g");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.add("-Dsteps=" + Integer.getInteger("steps", 150));
    command.addAll(List.of(ResumeCheck.class.getName(), state.toString(), result.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
      return false;
    }
    checkState(process.exitValue() == 0, "The search ended with status %s", process.exitValue());
    return true;
  }

  private static void search(Path state, Path file) throws IOException {
    ImageData images = ImageData.generated(1200, 10, 1);
    LayeredSpace space = LightNasSpace.small(images.shape(), images.classes());
    SearchResult found =
        LightNas.builder()
            .steps(Integer.getInteger("steps", 150))
            .batchSize(32)
            .checkpoints(state)
            .build()
            .search(space.on(images), Constraint.atMost(6e6, CostPredictor.macs(space)));
    StringBuilder bits = new StringBuilder(found.architecture().id()).append('\n');
    found.history().forEach(step -> bits.append(step).append('\n'));
    bits.append(Arrays.deepToString(found.probabilities()));
    Files.writeString(file, bits, StandardCharsets.UTF_8);
  }
}
