package org.lightnas.search.channels;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.device.Measurement;
import org.lightnas.internal.Foreign;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.search.Found;
import org.lightnas.search.population.EvolutionSearch;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.Scored;
import org.lightnas.space.TrainableSpace;
import org.lightnas.space.widths.ChannelSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One search among the widths of one network. In its folder are, beside the scores, what was known
 * of the found network when the search began and what was measured of widths: both would be
 * measured otherwise another time, and then other widths would be proposed.
 */
final class ChannelRun {

  private static final Logger log = LoggerFactory.getLogger(ChannelRun.class);

  private final ChannelSettings settings;
  private final Found found;
  private final TrainableSpace trainable;
  private final ChannelSpace widths;
  private final @Nullable Path folder;

  /**
   * What was known of the found network.
   *
   * @param values one for each bound, measured or else predicted, in the metric's unit
   */
  record Known(List<Double> values) {

    /** Copies them and checks what a file says. */
    Known {
      values = List.copyOf(values);
      for (double value : values) {
        checkArgument(value > 0 && Double.isFinite(value), "one of the values is %s", value);
      }
    }
  }

  ChannelRun(
      ChannelSettings settings, Found found, TrainableSpace trainable, @Nullable Path folder) {
    this.settings = settings;
    this.found = found;
    this.trainable = trainable;
    this.widths =
        Foreign.call(
            () -> settings.widths().apply(found.architecture()),
            () -> "The function for the widths of " + found.architecture().id() + " failed");
    checkArgument(
        widths != null && widths.found().equals(found.architecture()),
        "The widths to be searched are not those of what was found, %s: %s.\n"
            + "Maybe build them of the architecture that the function is given.",
        found.architecture().id(),
        widths);
    // Of another network, as a repair after another measurement leaves, there are other widths.
    this.folder = folder == null ? null : folder.resolve(widths.name());
  }

  ScoreResult run() {
    List<Double> known = known();
    List<Constraint> bounds = new ArrayList<>();
    for (int m = 0; m < known.size(); m++) {
      Path file = folder == null ? null : folder.resolve("profile-" + (m + 1) + ".csv");
      Constraint bound = found.constraints().get(m);
      bounds.add(new ChannelBounds(settings).on(widths, bound, known.get(m), file));
    }
    EvolutionSearch.Builder search = settings.search(widths.on(trainable.images()), widths.start());
    if (folder != null) {
      search.checkpoints(folder);
    }
    log.info("Searching {} networks of other widths of {}", widths.size(), found.architecture());
    return notWorse(search.build().search(widths, bounds));
  }

  /** The found network, if it keeps the bounds and what was chosen does not, or has less score. */
  private ScoreResult notWorse(ScoreResult chosen) {
    // The found network is scored first, unless it is predicted to exceed a bound.
    Scored first = chosen.improvements().get(0);
    if (!found.satisfied()
        || !first.architecture().equals(widths.start())
        || (chosen.satisfied() && chosen.score() >= first.score())) {
      return chosen;
    }
    log.info("Nothing better keeps the bounds: the found network stays");
    return new ScoreResult(
        first,
        chosen.scoreName(),
        chosen.constraints(),
        found.verdicts(),
        chosen.measured(),
        chosen.leaders(),
        chosen.improvements(),
        chosen.front(),
        chosen.tally(),
        chosen.settings(),
        chosen.provenance(),
        chosen.elapsed());
  }

  private List<Double> known() {
    List<Double> values = found.verdicts().stream().map(ChannelRun::value).toList();
    if (folder == null) {
      return values;
    }
    Path file = folder.resolve("found.ckpt");
    Map<String, String> run = Map.of("bounds", bounds().toString());
    if (!Files.exists(file)) {
      new StateFile<>(file, run, new Known(values), Map.of()).write();
      return values;
    }
    StateFile<Known> before = StateFile.read(file, Known.class);
    before.requireRun(run, "search among widths");
    if (before.position().values().size() != values.size()) {
      throw new CheckpointException(
          file, "knows of other bounds: it is damaged.", "choose another folder.", null);
    }
    return before.position().values();
  }

  private List<String> bounds() {
    return found.constraints().stream()
        .map(bound -> bound.bound() + " " + bound.metric().unit())
        .toList();
  }

  /** What a careful promise would say. */
  static double value(Verdict verdict) {
    Measurement measured = verdict.measured();
    Double predicted = verdict.predicted();
    if (measured == null && predicted == null) {
      throw new IllegalArgumentException(
          "Of a bound on the found network nothing is known: "
              + verdict
              + ".\nMaybe give a verdict with what was predicted or measured.");
    }
    return measured == null ? predicted : measured.upperMillis();
  }
}
