package org.lightnas.search;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.DivergedSearchException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.StateFile;
import org.lightnas.space.Architecture;
import org.lightnas.space.TrainableSpace;
import org.lightnas.train.LearningRate;
import org.lightnas.train.Schedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop over passes of one search. What changes is in here, in the logits and in the supernet's
 * weights; {@link #state} is all of it.
 */
final class SearchRun {

  private static final Logger log = LoggerFactory.getLogger(SearchRun.class);

  private final SearchSettings settings;
  private final List<SearchListener> listeners;
  private final Supernet supernet;
  private final LogitSearch logits;
  private final CollapseWatch watch;
  private final @Nullable SearchFiles files;
  private final Timetable timetable;
  private final int perEpoch;
  private final Passes passes;
  private final LearningRate learningRate;
  private final long start = System.nanoTime();
  private final List<SearchStep> history = new ArrayList<>();
  private int first;
  private int pass;
  private @Nullable Path saved;

  /**
   * Prepares a run; {@link #start} or {@link #resume} comes next.
   *
   * @param supernet as after no training, or what a restored state belongs to
   * @param files where checkpoints go; null for none
   */
  SearchRun(
      SearchSettings settings,
      List<SearchListener> listeners,
      TrainableSpace trainable,
      Supernet supernet,
      LogitSearch logits,
      CollapseWatch watch,
      @Nullable SearchFiles files) {
    this.settings = settings;
    this.listeners = listeners;
    this.supernet = supernet;
    this.logits = logits;
    this.watch = watch;
    this.files = files;
    this.perEpoch = settings.procedure().forWeights(trainable, settings).perEpoch();
    this.timetable = settings.timetable(perEpoch);
    this.passes =
        settings
            .procedure()
            .passes(trainable, settings, supernet, logits, (phase, path) -> tell(phase, path));
    this.learningRate =
        new LearningRate(
            settings.learningRate(),
            Schedule.cosine(),
            0,
            timetable.weightPasses(),
            timetable.weightPasses());
  }

  /**
   * Goes to where the run was, if its file knows; otherwise writes the first checkpoint: if that
   * fails, now.
   */
  void resume() {
    if (files == null) {
      return;
    }
    StateFile<SearchState.Position> found = files.read(timetable.total());
    if (found == null) {
      save(files);
      return;
    }
    found.goOn(
        position -> {
          restore(position);
          supernet.restore((name, size) -> found.has(name) ? found.take(name, size) : null);
        });
    saved = files.file();
    log.info("The search goes on at pass {} of {}", pass, timetable.total());
  }

  /** A warm-up does not touch the logits, so that one is good for all bounds. */
  private void restore(SearchState.Position position) {
    List<SearchStep> then = position.history();
    List<SearchStep.Pressure> pressures = logits.pressures();
    int learned = 0;
    for (int p = 0; p < then.size(); p++) {
      timetable.require(p, then.get(p));
      learned += then.get(p).phase().ofLogits() ? 1 : 0;
    }
    if (learned > 0) {
      then.forEach(step -> step.require(pressures.size()));
      logits.restore(position.logits(), learned);
    } else {
      double entropy = logits.entropy();
      then =
          then.stream()
              .map(s -> new SearchStep(s.step(), s.phase(), s.loss(), pressures, entropy))
              .toList();
    }
    pass = position.pass();
    first = pass;
    history.clear();
    history.addAll(then);
  }

  /** Goes to the end of a warm-up that another run with the same settings has done. */
  void start(SearchState warm) {
    Map<String, double[]> weights = warm.weights();
    supernet.restore((name, size) -> weights.get(name));
    restore(warm.position());
  }

  SearchState state() {
    return new SearchState(
        new SearchState.Position(pass, logits.state(), List.copyOf(history)), supernet.snapshot());
  }

  List<SearchStep> history() {
    return List.copyOf(history);
  }

  /** Passes in which weights learn alone. */
  void warmUp() {
    runTo(timetable.warmup());
  }

  /** All passes. */
  void finish() {
    runTo(timetable.total());
  }

  private void runTo(int end) {
    while (pass < end) {
      stopIfInterrupted();
      SearchStep done = pass();
      history.add(done);
      pass++;
      Progress progress =
          new Progress(
              "search",
              pass,
              timetable.total(),
              Duration.ofNanos(System.nanoTime() - start),
              first);
      Listeners.tell(listeners, l -> l.onStep(progress, done), log);
      if (pass % perEpoch == 0 || pass == timetable.total()) {
        endEpoch();
      }
    }
  }

  private void endEpoch() {
    long span = timetable.together() ? perEpoch : 2L * perEpoch;
    double[] losses =
        history.stream()
            .skip(Math.max(0, history.size() - span))
            .filter(step -> step.phase() != Phase.LOGITS)
            .mapToDouble(SearchStep::loss)
            .toArray();
    double share = timetable.logitPassesBefore(pass) / (double) timetable.pairs();
    if (pass == timetable.total()) {
      share = 1;
    }
    if (losses.length >= perEpoch) {
      watch.look(
          Arrays.stream(losses).average().orElseThrow(),
          share,
          logits.entropy(),
          logits.mostProbable());
    }
    if (files != null) {
      try {
        save(files);
      } catch (CheckpointException e) {
        // The search is worth more than its checkpoint, and the one before is still there.
        log.warn("The search goes on without a new checkpoint", e);
      }
    }
  }

  private void save(SearchFiles to) {
    to.write(state());
    saved = to.file();
    Listeners.tell(listeners, l -> l.onCheckpoint(to.file()), log);
  }

  private void stopIfInterrupted() {
    if (!Thread.currentThread().isInterrupted()) {
      return;
    }
    String place = "The search was interrupted at pass " + pass + " of " + timetable.total();
    if (files == null) {
      throw new InterruptedRunException(
          place + " and is lost.\nMaybe give the searcher a folder for checkpoints.");
    }
    save(files);
    throw new InterruptedRunException(
        place + "; '" + files.file() + "' holds it.\nMaybe search again with the same settings.");
  }

  private SearchStep pass() {
    Phase phase = timetable.phase(pass);
    int index = timetable.index(pass);
    double rate = learningRate.at(index);
    double loss = passes.run(phase, index, rate);
    requireFinite(loss, rate);
    // Weights do not move the costs: what the last logit pass found still holds.
    List<SearchStep.Pressure> pressures =
        phase.ofLogits() || history.isEmpty()
            ? logits.pressures()
            : history.get(history.size() - 1).pressures();
    return new SearchStep(pass, phase, loss, pressures, logits.entropy());
  }

  private void tell(Phase phase, Architecture path) {
    Listeners.tell(listeners, l -> l.onPath(phase, path), log);
  }

  private void requireFinite(double loss, double rate) {
    if (!Double.isFinite(loss)) {
      throw new DivergedSearchException(
          String.format(
              Locale.ROOT,
              "The search's loss is %s at pass %d of %d (learning rate %.3g).\n"
                  + "Maybe lower the learning rate (now %.3g at its peak) or check the images.%s",
              loss,
              pass,
              timetable.total(),
              rate,
              settings.learningRate(),
              saved == null ? "" : " The last good state is in '" + saved + "'."),
          saved);
    }
  }
}
