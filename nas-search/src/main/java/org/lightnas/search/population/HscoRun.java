package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Provenance;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.SupernetEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.TrainableSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One search of {@link HscoNas}: trains, narrows, trains and narrows again, then evolves. What
 * changes before the evolution is a {@link Position} and the supernet's weights; the evolution has
 * a file of its own.
 */
final class HscoRun {

  private static final Logger log = LoggerFactory.getLogger(HscoRun.class);

  static final String SUPERNET = "supernet.ckpt";

  private final HscoSettings settings;
  private final TrainableSpace trainable;
  private final List<Constraint> constraints;
  private final SupernetEvaluator accuracy;
  private final Objective objective;
  private final @Nullable Path file;
  private final Instant start;

  // The state, with the supernet's.
  private int stages;
  private int dropping;
  private Subspace space;
  private final List<Shrinkage> decisions = new ArrayList<>();
  private Duration before = Duration.ZERO;

  /** Whether the disk took the last checkpoint. */
  private boolean saves = true;

  /**
   * How far a search is.
   *
   * @param step of the supernet
   * @param stages of narrowing that were done
   * @param dropping how many of them dropped something
   * @param kept as of {@link Subspace#kept}
   * @param nanos time taken
   */
  record Position(
      long step,
      int stages,
      int dropping,
      List<List<Integer>> kept,
      List<Shrinkage> decisions,
      long nanos) {}

  HscoRun(
      HscoSettings settings,
      TrainableSpace trainable,
      List<Constraint> constraints,
      SupernetEvaluator accuracy) {
    this.settings = settings;
    this.trainable = trainable;
    this.constraints = constraints;
    this.accuracy = accuracy;
    this.objective = new Objective(accuracy, constraints, settings.beta(), settings.oneSided());
    this.file = settings.folder() == null ? null : settings.folder().resolve(SUPERNET);
    this.start = settings.clock().instant();
    this.space = Subspace.of(trainable.space());
  }

  HscoResult run() {
    resume();
    try {
      train();
      while (!narrowed()) {
        narrow();
        train();
      }
    } catch (InterruptedRunException e) {
      save();
      throw new InterruptedRunException(
          e.getMessage()
              + (file == null
                  ? "\nMaybe give the searcher a folder for checkpoints."
                  : "\nMaybe search again with the same settings; '" + file + "' holds it."));
    }
    return evolve();
  }

  /** Up to where the stages so far ask for; nothing if the last one dropped nothing. */
  private void train() {
    boolean first = dropping == 0;
    long end = settings.steps() + (long) dropping * settings.fineTuning();
    long steps = first ? settings.steps() : settings.fineTuning();
    if (accuracy.step() < end) {
      log.info("Training the supernet from step {} to {}", accuracy.step(), end);
      Subspace paths = space;
      accuracy.train(
          random -> paths.widened(paths.sample(random)),
          accuracy.step() - (end - steps),
          steps,
          first ? 1 : HscoSettings.FINE_RATE,
          progress -> {
            saveIfPossible();
            log.info("{}", progress);
            Listeners.tell(settings.stageListeners(), l -> l.onProgress(progress), log);
          });
    }
    saveIfPossible();
    Subspace left = space;
    HscoListener.Stage stage =
        new HscoListener.Stage(
            stages, accuracy, random -> left.widened(left.sample(random)), decisions);
    Listeners.tell(settings.stageListeners(), l -> l.onTrained(stage), log);
  }

  /** The stopping rule. */
  private boolean narrowed() {
    boolean droppedNothing = stages > dropping;
    return droppedNothing || stages >= settings.stages() || end() <= 0;
  }

  /** Position behind the last choice that no stage has decided on. */
  private int end() {
    return space.choices().size() - stages * settings.stageChoices();
  }

  private void narrow() {
    Shrinking.Shrunk shrunk =
        new Shrinking(objective, settings.samples(), settings.seed())
            .shrink(space, Math.max(0, end() - settings.stageChoices()), end());
    stages++;
    dropping += shrunk.dropped() > 0 ? 1 : 0;
    space = shrunk.space();
    decisions.addAll(shrunk.decisions());
    log.info("Stage {} dropped {} operations", stages, shrunk.dropped());
  }

  private HscoResult evolve() {
    Subspace left = space;
    EvolutionSearch.Builder evolution =
        EvolutionSearch.builder(
                Evaluator.of(objective.name(), a -> objective.score(left.widened(a))))
            .population(settings.population())
            .stop(StopRule.evaluations((long) settings.population() * settings.generations()))
            .finalists(settings.finalists())
            .quality(settings.quality())
            .clock(settings.clock())
            .seed(settings.seed());
    settings.listeners().forEach(listener -> evolution.listener(left.widened(listener)));
    if (settings.folder() != null && saves) {
      evolution.checkpoints(settings.folder());
    }
    ScoreResult found =
        evolution.build().search(left, constraints.stream().map(left::narrowed).toList());
    Map<String, String> facts = settings.facts();
    facts.put("stages done", Integer.toString(stages));
    facts.put("ended", found.settings().getOrDefault("ended", ""));
    Architecture architecture = left.widened(found.architecture());
    return new HscoResult(
        architecture,
        accuracy.score(architecture),
        constraints,
        found.verdicts(),
        found.leaders().stream().map(left::widened).toList(),
        decisions,
        found.tally(),
        facts,
        Provenance.capture(
            accuracy.kernels(),
            trainable.images().name() + " " + trainable.images().train().fingerprint(),
            settings.seed(),
            settings.clock()),
        elapsed());
  }

  private Duration elapsed() {
    Duration now = Duration.between(start, settings.clock().instant());
    // Clocks are set back now and then.
    return now.isNegative() ? before : before.plus(now);
  }

  private Map<String, String> identity() {
    Map<String, String> run = ScoreFiles.identity(settings.facts(), trainable.space(), constraints);
    run.put("images", trainable.images().train().fingerprint());
    run.put("kernels", accuracy.kernels());
    return run;
  }

  private void resume() {
    if (file == null || !Files.exists(file)) {
      // If the disk does not take it, now.
      save();
      return;
    }
    StateFile<Position> found = StateFile.read(file, Position.class);
    found.requireRun(identity(), "search");
    found.goOn(position -> goOn(position, found.tensors()));
    log.info("The search goes on at step {} after {} stages", accuracy.step(), stages);
  }

  private void goOn(Position position, Map<String, double[]> supernet) {
    long most = settings.steps() + (long) position.dropping() * settings.fineTuning();
    checkArgument(
        position.dropping() >= 0
            && position.dropping() <= position.stages()
            && position.stages() <= settings.stages()
            && position.step() <= most
            && position.nanos() >= 0
            && position.nanos() <= ScoreFiles.MOST_NANOS,
        "it is at step %s of %s after %s stages, of which %s dropped something, and %s ns",
        position.step(),
        most,
        position.stages(),
        position.dropping(),
        position.nanos());
    stages = position.stages();
    dropping = position.dropping();
    space = new Subspace(trainable.space(), position.kept());
    decisions.addAll(position.decisions());
    before = Duration.ofNanos(position.nanos());
    accuracy.restore(position.step(), supernet);
  }

  /** The search is worth more than its checkpoint, and the one before is still there. */
  private void saveIfPossible() {
    try {
      save();
      saves = true;
    } catch (CheckpointException e) {
      saves = false;
      log.warn("The search goes on without a new checkpoint", e);
    }
  }

  private void save() {
    if (file == null) {
      return;
    }
    Position now =
        new Position(
            accuracy.step(), stages, dropping, space.kept(), decisions, elapsed().toNanos());
    new StateFile<>(file, identity(), now, accuracy.state()).write();
  }
}
