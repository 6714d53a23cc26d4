package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Provenance;
import org.lightnas.internal.Listeners;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one loop of all searches by scores: propose, score, tell. */
final class ScoreRun {

  private static final Logger log = LoggerFactory.getLogger(ScoreRun.class);

  /** Checkpoints may take this share of the time. */
  private static final double SAVING = 0.01;

  private final ScoreSettings settings;
  private final Map<String, String> facts;
  private final ChoiceSpace space;
  private final List<Constraint> constraints;
  private final Strategy strategy;
  private final Proposals proposals;
  private final Scores scores;
  private final Leaders leaders = new Leaders();
  private final FrontKeeper front;
  private final @Nullable ScoreFiles files;

  /** What a run before was told, and will be told again. */
  private final ScoreFiles.State before;

  private final Instant start;

  /** Kept for the file only. */
  private double[] told = new double[64];

  private long evaluations;
  private long digest;
  private long savedAt;
  private long savingNanos;

  /** Whether the last checkpoint could not be written: said once. */
  private boolean failing;

  /** Checks all that can be checked before anything is scored. */
  ScoreRun(
      ScoreSettings settings,
      ScoreSearcher searcher,
      ChoiceSpace space,
      List<Constraint> constraints) {
    this.settings = settings;
    this.facts = settings.facts(searcher.name(), searcher.own());
    this.space = space;
    this.constraints = List.copyOf(constraints);
    for (Constraint constraint : constraints) {
      require(constraint.predictor());
      checkArgument(
          constraint.device() == null || space instanceof SearchSpace,
          "Space '%s' describes choices only, so nothing of it can be measured.\n"
              + "Maybe leave measuredOn(device) away.",
          space.name());
    }
    List<Predictor> costs = searcher.costs(this.constraints);
    costs.forEach(this::require);
    this.front = new FrontKeeper(new Costs(costs));
    Admission admission = new Admission(space, this.constraints, settings);
    this.strategy = searcher.strategy(space, admission);
    this.proposals = new Proposals(space, strategy, admission, settings.seed());
    this.scores = new Scores(settings);
    this.files =
        settings.folder() == null
            ? null
            : new ScoreFiles(settings.folder(), facts, space, this.constraints, costs);
    this.before = files == null ? ScoreFiles.State.NONE : files.read(settings.resuming());
    this.start = settings.clock().instant();
  }

  private void require(Predictor predictor) {
    ChoiceSpace predicted = predictor.space();
    checkArgument(
        predicted.equals(space),
        "The predictor is for space '%s', but space '%s' is to be searched.\n"
            + "Maybe profile this space; of equal names, candidates must be equal too.",
        predicted.name(),
        space.name());
    settings.quality().require(predictor);
  }

  ScoreResult run() {
    save(true);
    String ended;
    try {
      ended = loop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      save(true);
      String place = "The search was interrupted after " + evaluations + " evaluations";
      throw new InterruptedRunException(
          files == null
              ? place + " and is lost.\nMaybe give the searcher a folder for checkpoints."
              : place
                  + "; '"
                  + files.file()
                  + "' holds them.\nMaybe search again with the same settings.");
    } catch (RuntimeException e) {
      saveIfPossible(true);
      throw e;
    }
    saveIfPossible(true);
    facts.put("ended", ended);
    log.info("The search ended {}: {}", ended, tally());
    List<Scored> best = strategy.ranked(leaders.best());
    ParetoFront weighed = front.front(settings.evaluator().name());
    Finalists.Judged judged =
        new Finalists(constraints, settings.seed()).judge(best, weighed, settings.finalists());
    sayWhatIsExtrapolated(judged.chosen().architecture());
    return new ScoreResult(
        judged.chosen(),
        settings.evaluator().name(),
        constraints,
        judged.verdicts(),
        judged.measured(),
        best,
        leaders.improvements(),
        weighed,
        tally(),
        facts,
        Provenance.capture(
            "none of its own", settings.evaluator().name(), settings.seed(), settings.clock()),
        elapsed());
  }

  private void sayWhatIsExtrapolated(Architecture chosen) {
    for (Constraint constraint : constraints) {
      if (constraint.predictor().extrapolates(chosen)) {
        log.warn(
            "The {} extrapolates to {}: nothing like it was measured when it was fitted",
            constraint.predictor(),
            chosen);
        facts.put("extrapolated", constraint.metric().name());
      }
    }
  }

  /** Until there is a reason to end, which is returned. */
  private String loop() throws InterruptedException {
    while (true) {
      // Remembered scores are not waited for, so nothing else would notice.
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      List<Architecture> batch = new ArrayList<>();
      boolean stops = stops(0);
      boolean nothingNew = false;
      while (!stops && !nothingNew && batch.size() < settings.atOnce()) {
        Architecture next = proposals.next(evaluations + batch.size() + 1);
        if (next == null) {
          nothingNew = true;
        } else {
          batch.add(next);
          stops = stops(batch.size());
        }
      }
      if (nothingNew && evaluations + batch.size() < before.scores().length && files != null) {
        throw files.otherProposals(before.scores().length);
      }
      if (batch.isEmpty()) {
        checkArgument(evaluations > 0, "The stop rule (%s) allows no evaluation.", settings.stop());
        return nothingNew ? "as nothing new was found" : settings.stop().toString();
      }
      List<Double> all = new ArrayList<>();
      try {
        score(batch, all);
      } finally {
        // Of a batch that fails, what was scored before is worth keeping.
        tell(batch, all);
      }
      saveIfPossible(false);
    }
  }

  private boolean stops(int begun) {
    return settings.stop().stops(standing(begun));
  }

  /**
   * Where the search is.
   *
   * @param begun evaluations of which the scores are not known yet. They may be the best ones, so a
   *     plateau does not count them: batches would depend on the stop rule, and a search could not
   *     go on with another one.
   */
  private StopRule.Standing standing(int begun) {
    Scored best = leaders.first();
    return new StopRule.Standing(
        evaluations + begun,
        best == null ? evaluations : evaluations - best.number(),
        best == null ? Double.NEGATIVE_INFINITY : best.score(),
        replaying() ? Duration.ZERO : elapsed());
  }

  private boolean replaying() {
    return evaluations < before.scores().length;
  }

  private Duration elapsed() {
    Duration now = Duration.between(start, settings.clock().instant());
    // Clocks are set back now and then.
    return (now.isNegative() ? Duration.ZERO : now).plusNanos(before.nanos());
  }

  /** Adds scores in their order, as far as they are known if one fails. */
  private void score(List<Architecture> batch, List<Double> all) throws InterruptedException {
    int known = (int) Math.min(batch.size(), Math.max(0, before.scores().length - evaluations));
    int from = (int) evaluations;
    for (int i = 0; i < known; i++) {
      all.add(before.scores()[from + i]);
      scores.learn(batch.get(i), all.get(i));
    }
    scores.of(batch.subList(known, batch.size()), all::add);
  }

  private void tell(List<Architecture> batch, List<Double> all) {
    for (int i = 0; i < all.size(); i++) {
      boolean known = replaying();
      evaluations++;
      Scored scored = new Scored(batch.get(i), all.get(i), evaluations);
      boolean better = leaders.add(scored);
      front.add(scored);
      strategy.tell(scored);
      if (files != null) {
        note(scored, files);
      }
      if (!known) {
        StopRule.Standing standing = standing(0);
        Listeners.tell(settings.listeners(), l -> l.onScored(scored, standing), log);
        if (better) {
          Listeners.tell(settings.listeners(), l -> l.onBetter(scored), log);
        }
      }
    }
  }

  private void note(Scored scored, ScoreFiles to) {
    if (evaluations > told.length) {
      told = Arrays.copyOf(told, 2 * told.length);
    }
    told[(int) evaluations - 1] = scored.score();
    digest = ScoreFiles.add(digest, scored.architecture());
    if (evaluations == before.scores().length && digest != before.architectures()) {
      throw to.otherProposals(evaluations);
    }
  }

  /**
   * Writes a checkpoint.
   *
   * @param now even if one was written a moment ago
   */
  private void save(boolean now) {
    long begun = System.nanoTime();
    ScoreFiles to = files;
    if (to == null
        || evaluations < before.scores().length
        || (!now && begun - savedAt < savingNanos / SAVING)) {
      return;
    }
    to.write(
        new ScoreFiles.State(Arrays.copyOf(told, (int) evaluations), digest, elapsed().toNanos()));
    savedAt = System.nanoTime();
    savingNanos = savedAt - begun;
    Listeners.tell(settings.listeners(), l -> l.onCheckpoint(to.file()), log);
  }

  /** What was scored is worth more than its checkpoint, and the one before is still there. */
  private void saveIfPossible(boolean now) {
    try {
      save(now);
      failing = false;
    } catch (CheckpointException e) {
      if (!failing) {
        log.warn("The search goes on without a new checkpoint", e);
      }
      failing = true;
      savedAt = System.nanoTime();
    }
  }

  private Tally tally() {
    return proposals.tally(evaluations, scores.remembered());
  }
}
