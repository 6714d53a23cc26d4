package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.examples.fuzz.Fuzzing;
import org.lightnas.examples.fuzz.HostileReader;
import org.lightnas.examples.fuzz.HostileReaders;

/**
 * Hostile files for every reader: {@code mvn -q -Pbench -Dbench=FuzzBench -Dheap=256m
 * [-Dfiles=100000] [-Dreader=idx,profile] [-Dseed=1] [-Dbudget=MINUTES]}. Valid files are changed —
 * bits, cuts, insertions, doubled blocks, forged sizes, other numbers, names that lead elsewhere,
 * deep nesting, mostly with the right checksums — and read. A file may be accepted or refused with
 * an exception of ours that names it; everything else is an escape and printed with the number that
 * makes it again. A reader that takes long gets fewer files; one that hangs for a minute ends the
 * benchmark.
 */
public final class FuzzBench {

  private FuzzBench() {}

  /** Reads them all, and fails if there was an escape. */
  public static void main(String... args) throws IOException {
    int files = Options.whole("files", 100_000, 1);
    long seed = Options.whole("seed", 1, 0);
    double minutes = Options.number("budget", "600", 1e6);
    Path scratch = Files.createTempDirectory("fuzz-valid");
    Path outer = Files.createTempDirectory("fuzz");
    Bench.say("FuzzBench: about %.1f minutes; %d files, seed %d", files / 10_000.0, files, seed);
    List<Fuzzing.Outcome> outcomes = new ArrayList<>();
    try {
      List<HostileReader> readers = chosen(HostileReaders.all(scratch, outer));
      double shares = readers.stream().mapToDouble(HostileReader::share).sum();
      long start = System.nanoTime();
      for (HostileReader reader : readers) {
        if ((System.nanoTime() - start) / 60e9 > minutes) {
          Bench.say("left out: %s (the budget is used up)", reader.name());
          continue;
        }
        Fuzzing.Outcome outcome =
            new Fuzzing(reader, outer, seed).run((long) Math.ceil(files * reader.share() / shares));
        outcome.escapes().forEach(escape -> Bench.say("%s, %s", reader.name(), escape));
        outcomes.add(outcome);
        Bench.result(figures(outcome));
      }
    } finally {
      MoreFiles.deleteRecursively(scratch, RecursiveDeleteOption.ALLOW_INSECURE);
      MoreFiles.deleteRecursively(outer, RecursiveDeleteOption.ALLOW_INSECURE);
    }
    long escaped = outcomes.stream().mapToLong(Fuzzing.Outcome::escaped).sum();
    Bench.say(
        "%d files, %d escapes", outcomes.stream().mapToLong(Fuzzing.Outcome::files).sum(), escaped);
    checkState(escaped == 0, "%s files were neither accepted nor refused as they should", escaped);
  }

  private static List<HostileReader> chosen(List<HostileReader> all) {
    List<String> names = all.stream().map(HostileReader::name).toList();
    List<String> wanted = Options.names("reader", String.join(",", names));
    return all.stream().filter(reader -> wanted.contains(reader.name())).toList();
  }

  private static Map<String, Object> figures(Fuzzing.Outcome outcome) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("reader", outcome.reader());
    figures.put("files", outcome.files());
    figures.put("accepted", outcome.accepted());
    figures.put("refused", outcome.refused());
    figures.put("worst_ms", outcome.worstMillis());
    figures.put("peak_heap_mb", outcome.peakHeapMegabytes());
    figures.put("escapes", outcome.escaped());
    return figures;
  }
}
