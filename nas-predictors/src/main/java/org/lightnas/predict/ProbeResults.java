package org.lightnas.predict;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.NasException;
import org.lightnas.device.Measurement;
import org.lightnas.device.RatioEstimate;
import org.lightnas.space.ChoiceSpace;

/** What {@code MeasureProbes} wrote. */
final class ProbeResults {

  private static final String KIND = "probes";
  private static final String COLUMNS = "probe,round,ms,reference_ms";
  private static final String AGAIN = "measure again, and send the whole file.";

  private ProbeResults() {}

  /** One row. */
  private record Round(int line, double ratio) {}

  static Profile read(Path file, ProbeManifest manifest, ChoiceSpace space) throws IOException {
    if (!Files.exists(file)) {
      throw new NasException(
          "There is no '"
              + file
              + "', so nothing was measured yet.\nMaybe run MeasureProbes.java on the device, as"
              + " README.txt beside it says, and put what it writes here.");
    }
    CheckedCsv csv = CheckedCsv.open(file, KIND);
    expect(csv, "manifest", manifest.sha256(), "the results are of manifest");
    String fingerprint = csv.header("fingerprint");
    expect(csv, "unit", ProbeManifest.UNIT, "latencies are in");
    expect(csv, "batch", Integer.toString(manifest.batch()), "networks ran on a batch of");
    expect(csv, "threads", Integer.toString(manifest.threads()), "the number of threads was");
    double reference = csv.number(csv.header("reference ms"), "the reference latency", 0, true);
    csv.expect(COLUMNS);
    Map<String, Map<Integer, Round>> found = rows(csv, manifest);
    try {
      List<Profile.Sample> samples = new ArrayList<>();
      manifest
          .probes()
          .forEach(
              (probe, architecture) -> {
                RatioEstimate estimate = RatioEstimate.of(ratios(csv, manifest, found, probe));
                samples.add(
                    new Profile.Sample(
                        architecture,
                        new Measurement(
                            estimate.ratio() * reference,
                            estimate.spread() * reference,
                            estimate.rounds(),
                            manifest.batch(),
                            manifest.threads(),
                            reference)));
              });
      return new Profile(space, fingerprint, samples);
    } catch (IllegalArgumentException e) {
      throw csv.problem(String.valueOf(e.getMessage()), AGAIN);
    }
  }

  private static double[] ratios(
      CheckedCsv csv,
      ProbeManifest manifest,
      Map<String, Map<Integer, Round>> found,
      String probe) {
    Map<Integer, Round> rounds = found.getOrDefault(probe, Map.of());
    if (rounds.size() < manifest.rounds()) {
      throw csv.problem(
          "the file ends, but of '"
              + probe
              + "' it holds "
              + rounds.size()
              + " of "
              + manifest.rounds()
              + " rounds.",
          AGAIN);
    }
    return rounds.values().stream().mapToDouble(Round::ratio).toArray();
  }

  private static Map<String, Map<Integer, Round>> rows(CheckedCsv csv, ProbeManifest manifest) {
    Map<String, Map<Integer, Round>> found = new LinkedHashMap<>();
    while (csv.hasRow()) {
      String[] row = csv.row(4);
      if (!manifest.probes().containsKey(row[0])) {
        throw csv.problem(
            "the manifest knows no probe '" + row[0] + "'.", "these are results of another kit.");
      }
      int round = csv.count(row[1], "the round");
      if (round > manifest.rounds()) {
        throw csv.problem(
            "round " + round + " is more than the " + manifest.rounds() + " of the manifest.",
            "these are results of another kit.");
      }
      double millis = csv.number(row[2], "the latency in ms", 0, true);
      double reference = csv.number(row[3], "the reference's latency in ms", 0, true);
      Round before =
          found
              .computeIfAbsent(row[0], probe -> new LinkedHashMap<>())
              .put(round, new Round(csv.lineNumber(), millis / reference));
      if (before != null) {
        throw csv.problem(
            "round " + round + " of '" + row[0] + "' was in line " + before.line() + " already.",
            AGAIN);
      }
    }
    csv.expectEnd();
    return found;
  }

  private static void expect(CheckedCsv csv, String key, String wanted, String words) {
    String found = csv.header(key);
    if (!found.equals(wanted)) {
      throw csv.problem(
          words + " '" + found + "', but the kit's manifest says '" + wanted + "'.",
          "these are results of another kit, or were edited: measure this one.");
    }
  }
}
