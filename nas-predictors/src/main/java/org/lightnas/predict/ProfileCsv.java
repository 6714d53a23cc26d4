package org.lightnas.predict;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.device.Measurement;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** Profiles as CSV files; numbers are written so that reading gives the same bits. */
final class ProfileCsv {

  private static final String KIND = "latency profile";
  private static final String COLUMNS = "architecture,ms,spread,rounds";

  private ProfileCsv() {}

  static void write(Profile profile, Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(CheckedCsv.title(KIND));
    lines.add("# space: " + CheckedCsv.describe(profile.space()));
    lines.add("# fingerprint: " + profile.fingerprint());
    lines.add("# batch: " + profile.batch());
    lines.add("# threads: " + profile.threads());
    lines.add("# reference ms: " + profile.referenceMillis());
    lines.add(COLUMNS);
    for (Profile.Sample sample : profile.samples()) {
      Measurement measured = sample.measurement();
      lines.add(
          sample.architecture().id()
              + ","
              + measured.millis()
              + ","
              + measured.spread()
              + ","
              + measured.rounds());
    }
    CheckedCsv.write(file, lines);
  }

  static Profile read(Path file, ChoiceSpace space) throws IOException {
    CheckedCsv csv = CheckedCsv.open(file, KIND);
    csv.expectSpace(space);
    String fingerprint = csv.header("fingerprint");
    int batch = csv.count(csv.header("batch"), "the batch");
    int threads = csv.count(csv.header("threads"), "the number of threads");
    double reference = csv.number(csv.header("reference ms"), "the reference latency", 0, true);
    csv.expect(COLUMNS);
    List<Profile.Sample> samples = new ArrayList<>();
    Map<Architecture, Integer> lines = new HashMap<>();
    while (csv.hasRow()) {
      String[] row = csv.row(4);
      Architecture architecture = architecture(csv, row[0], space);
      Integer before = lines.put(architecture, csv.lineNumber());
      if (before != null) {
        throw csv.problem(
            "architecture " + row[0] + " was in line " + before + " already.",
            "keep one of the two measurements.");
      }
      samples.add(
          new Profile.Sample(
              architecture,
              new Measurement(
                  csv.number(row[1], "the latency in ms", 0, true),
                  csv.number(row[2], "the spread in ms", 0, false),
                  csv.count(row[3], "the number of rounds"),
                  batch,
                  threads,
                  reference)));
    }
    csv.end();
    try {
      return new Profile(space, fingerprint, samples);
    } catch (IllegalArgumentException e) {
      throw csv.problem(String.valueOf(e.getMessage()), "measure again.");
    }
  }

  private static Architecture architecture(CheckedCsv csv, String id, ChoiceSpace space) {
    String[] candidates = id.split("-", -1);
    int[] picks = new int[space.choices().size()];
    if (candidates.length != picks.length) {
      throw csv.problem(
          "an architecture of space '"
              + space.name()
              + "' names "
              + picks.length
              + " candidates, but '"
              + id
              + "' names "
              + candidates.length
              + ".",
          "measure again.");
    }
    for (int l = 0; l < picks.length; l++) {
      try {
        picks[l] = space.choices().get(l).indexOf(candidates[l]);
      } catch (IllegalArgumentException e) {
        throw csv.problem(String.valueOf(e.getMessage()), "measure again.");
      }
    }
    return space.architecture(picks);
  }
}
