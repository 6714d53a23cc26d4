package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lightnas.CheckpointException;
import org.lightnas.internal.Seeds;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The file of a search. What is proposed is a function of the scores before, so scores are all that
 * it has to hold: a run that goes on proposes everything again, and is told instead of evaluating.
 */
final class ScoreFiles {

  static final String NAME = "scores.ckpt";

  /** A century and a half; more could not be added to. */
  static final long MOST_NANOS = Long.MAX_VALUE / 2;

  private final Path file;
  private final Map<String, String> run;

  /**
   * All that changes.
   *
   * @param scores in their order
   * @param architectures digest of what was scored, in its order
   * @param nanos time taken
   */
  record State(double[] scores, long architectures, long nanos) {

    static final State NONE = new State(new double[0], 0, 0);

    /** Checks what a file says. */
    State {
      for (double score : scores) {
        checkArgument(Double.isFinite(score), "one of the scores is %s", score);
      }
      checkArgument(nanos >= 0 && nanos <= MOST_NANOS, "the time taken is %s ns", nanos);
    }
  }

  ScoreFiles(
      Path folder,
      Map<String, String> facts,
      ChoiceSpace space,
      List<Constraint> constraints,
      List<Predictor> costs) {
    this.file = folder.resolve(NAME);
    this.run = identity(facts, space, constraints);
    for (int m = 0; m < costs.size(); m++) {
      Predictor cost = costs.get(m);
      // Of bounds it was said already.
      if (constraints.stream().noneMatch(constraint -> constraint.predictor() == cost)) {
        run.put("cost " + (m + 1) + " " + cost.metric().name(), "by predictions " + digest(cost));
      }
    }
  }

  /** What makes two searches the same: settings, candidates, bounds and some predictions. */
  static Map<String, String> identity(
      Map<String, String> facts, ChoiceSpace space, List<Constraint> constraints) {
    Map<String, String> run = new LinkedHashMap<>(facts);
    String choices =
        space.choices().stream()
            .map(c -> c.name() + c.candidates().stream().map(Candidate::id).toList())
            .collect(Collectors.joining());
    run.put("space", space.name() + " " + digest(0, choices));
    for (int m = 0; m < constraints.size(); m++) {
      Constraint constraint = constraints.get(m);
      run.put(
          "bound " + (m + 1) + " on " + constraint.metric().name(),
          constraint.bound() + " by predictions " + digest(constraint.predictor()));
    }
    return run;
  }

  private static String digest(Predictor predictor) {
    ChoiceSpace space = predictor.space();
    int probes = space.choices().stream().mapToInt(Choice::size).max().orElse(1);
    Constraint guarded = Constraint.atMost(Double.MAX_VALUE, predictor);
    String predicted =
        IntStream.range(0, probes)
            .mapToObj(k -> Double.toString(guarded.predict(space.uniform(k))))
            .collect(Collectors.joining(" "));
    return digest(0, predicted);
  }

  private static String digest(long before, String text) {
    return Long.toHexString(Seeds.derive(before, text, 0));
  }

  /** The digest with one architecture more. */
  static long add(long digest, Architecture architecture) {
    return Seeds.derive(digest, Arrays.toString(architecture.picks()), 0);
  }

  Path file() {
    return file;
  }

  /**
   * Reads where this search was; nothing if it is new.
   *
   * @param required whether there must be a file
   * @throws CheckpointException if it cannot be used, or is of another search
   */
  State read(boolean required) {
    if (!Files.exists(file)) {
      if (required) {
        throw new CheckpointException(
            file,
            "is not there: there is no search to resume.",
            "use checkpoints(folder), which begins where there is nothing.",
            null);
      }
      return State.NONE;
    }
    StateFile<State> found = StateFile.read(file, State.class);
    found.requireRun(run, "search");
    return found.position();
  }

  /**
   * Writes where it is.
   *
   * @throws CheckpointException if the disk does not take it
   */
  void write(State state) {
    new StateFile<>(file, run, state, Map.of()).write();
  }

  /** For a file whose scores are of other architectures than are proposed now. */
  CheckpointException otherProposals(long number) {
    return new CheckpointException(
        file,
        "holds " + number + " scores, but of other architectures than this search proposes.",
        "it was written by another version of the library: begin anew in another folder.",
        null);
  }
}
