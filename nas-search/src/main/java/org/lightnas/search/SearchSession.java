package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.Provenance;
import org.lightnas.data.ImageData;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of a searcher: one or several targets, each a list of bounds to be kept together, on one
 * supernet.
 */
final class SearchSession {

  /** The file of a search for one target; of several, each has a number. */
  static final String LAST = "last.ckpt";

  private static final Logger log = LoggerFactory.getLogger(SearchSession.class);

  private static final String WARM_UP = "warm-up.ckpt";
  private static final double LABEL_SMOOTHING = 0.1;

  private final SearchSettings settings;
  private final List<SearchListener> listeners;
  private final Clock clock;
  private final TrainableSpace trainable;
  private final SearchSpace space;
  private final List<Target> targets;
  private final int stagePasses;
  private final @Nullable Path folder;
  private final int perEpoch;

  /** Whether a folder has files of a search. */
  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(LAST)) || Files.exists(folder.resolve(WARM_UP));
  }

  /** Bounds to be kept together. */
  private record Target(
      List<Constraint> constraints, List<Boolean> aims, List<SearchPlan.Reach> reach) {

    double[] upper() {
      return constraints.stream().mapToDouble(Constraint::bound).toArray();
    }

    double[] lower() {
      double[] lower = upper();
      for (int m = 0; m < lower.length; m++) {
        lower[m] *= aims.get(m) ? Settlement.AIMED_AT : 0;
      }
      return lower;
    }
  }

  /**
   * Checks all that can be checked before anything is trained.
   *
   * @param stagePasses of what follows the search, to be planned for
   * @param folder for checkpoints; null for none
   */
  SearchSession(
      SearchSettings settings,
      List<SearchListener> listeners,
      Clock clock,
      TrainableSpace trainable,
      List<List<Constraint>> targets,
      int stagePasses,
      @Nullable Path folder) {
    this.settings = settings;
    this.listeners = listeners;
    this.clock = clock;
    this.trainable = trainable;
    this.space = trainable.space();
    this.stagePasses = stagePasses;
    this.folder = folder;
    SearchSpace shared = settings.supernet();
    checkArgument(
        shared == null
            || (shared.choices().equals(space.choices())
                && shared.input().equals(space.input())
                && shared.classes() == space.classes()),
        "The supernet's space '%s' has other choices, images or classes than '%s', which is to be"
            + " searched.\nMaybe it is for another input shape or number of classes.",
        shared == null ? "" : shared.name(),
        space.name());
    this.targets = targets.stream().map(this::target).toList();
    this.perEpoch = settings.procedure().forWeights(trainable, settings).perEpoch();
  }

  private Target target(List<Constraint> constraints) {
    checkArgument(!constraints.isEmpty(), "A search needs at least one bound, but got none.");
    for (Constraint constraint : constraints) {
      checkArgument(
          constraint.predictor().space().equals(space),
          "The predictor is for space '%s', but space '%s' is to be searched.\n"
              + "Maybe profile this space; of equal names, shapes and candidates must be equal"
              + " too.",
          constraint.predictor().space().name(),
          space.name());
      settings.quality().require(constraint.predictor());
    }
    Projector.of(constraints).requireFeasible();
    List<SearchPlan.Reach> reach = constraints.stream().map(SearchSession::reach).toList();
    boolean aim = settings.aims(constraints);
    return new Target(
        constraints,
        // Pushing a cost up to a bound that refuses nothing would choose by cost alone.
        reach.stream().map(of -> aim && !of.slack()).toList(),
        reach);
  }

  private static SearchPlan.Reach reach(Constraint constraint) {
    SearchPlan.Reach reach =
        new SearchPlan.Reach(
            constraint.metric(),
            constraint.predict(Extremes.cheapest(constraint)),
            constraint.predict(Extremes.costliest(constraint)),
            constraint.bound());
    if (reach.slack()) {
      log.info(
          "The bound of {} {} is at or above all predictions, the most is {}: it decides nothing",
          Numbers.format(reach.bound()),
          reach.metric().unit(),
          Numbers.format(reach.most()));
    }
    return reach;
  }

  private Supernet supernet() {
    return new Supernet(
        settings.supernet() == null ? space : settings.supernet(),
        settings.batchSize(),
        settings.seed(),
        LABEL_SMOOTHING,
        settings.procedure().abilities(),
        settings.planCache());
  }

  /** What a search for the first target would do. */
  SearchPlan plan() {
    try (Supernet supernet = supernet()) {
      return plan(supernet, targets.get(0));
    }
  }

  private SearchPlan plan(Supernet supernet, Target target) {
    Timetable timetable = settings.timetable(perEpoch);
    return new SearchPlan(
        space.name(),
        target.reach(),
        timetable.warmup(),
        timetable.pairs(),
        timetable.pairs(),
        timetable.together(),
        stagePasses,
        supernet.memoryNeeded(),
        TimeEstimate.measure(supernet, trainable, settings).of(timetable, stagePasses));
  }

  /** One result for each target, in their order. */
  List<SearchResult> run() {
    for (Target target : targets) {
      Projections.requireMeasurable(space, target.constraints(), settings.seed());
    }
    try (Supernet supernet = supernet()) {
      Provenance provenance = provenance(supernet);
      List<SearchResult> results = new ArrayList<>();
      SearchState warm = targets.size() == 1 ? null : warmUp(supernet);
      for (int i = 0; i < targets.size(); i++) {
        String name = targets.size() == 1 ? LAST : "bound-" + (i + 1) + ".ckpt";
        results.add(search(supernet, targets.get(i), name, warm, provenance));
      }
      log.debug("The search took: {}", supernet.memoryTaken());
      return results;
    }
  }

  private Provenance provenance(Supernet supernet) {
    ImageData images = trainable.images();
    return Provenance.capture(
        supernet.kernels(),
        images.name() + " " + images.train().fingerprint(),
        settings.seed(),
        clock);
  }

  private @Nullable SearchFiles files(
      String name, List<Constraint> constraints, Supernet supernet) {
    return folder == null
        ? null
        : new SearchFiles(
            folder.resolve(name), settings, trainable, constraints, supernet.kernels());
  }

  private LogitSearch logits(Target target) {
    return settings
        .procedure()
        .logits(
            target.constraints(),
            target.aims(),
            settings.timetable(perEpoch).pairs(),
            settings.seed());
  }

  private SearchRun run(
      Supernet supernet, Target target, LogitSearch logits, @Nullable SearchFiles files) {
    CollapseWatch watch =
        new CollapseWatch(
            space,
            supernet.parameterFree(),
            Projector.of(target.constraints()),
            target.lower(),
            target.upper(),
            space.classes(),
            settings.seed(),
            warning -> {
              log.warn("{}", warning);
              Listeners.tell(listeners, l -> l.onWarning(warning), log);
            });
    return new SearchRun(settings, listeners, trainable, supernet, logits, watch, files);
  }

  /** What all targets share. */
  private SearchState warmUp(Supernet supernet) {
    Target target = targets.get(0);
    SearchFiles files = files(WARM_UP, List.of(), supernet);
    int end = settings.timetable(perEpoch).warmup();
    StateFile<SearchState.Position> known = files == null ? null : files.read(end);
    boolean done = known != null && known.position().pass() == end;
    if (!done) {
      announce(supernet, target);
    }
    SearchRun run = run(supernet, target, logits(target), files);
    run.resume();
    run.warmUp();
    SearchState state = run.state();
    if (files != null && !done) {
      files.write(state);
    }
    return state;
  }

  private void announce(Supernet supernet, Target target) {
    SearchPlan plan = plan(supernet, target);
    log.info("{}", plan);
    Listeners.tell(listeners, l -> l.onStart(plan), log);
  }

  private SearchResult search(
      Supernet supernet,
      Target target,
      String name,
      @Nullable SearchState warm,
      Provenance provenance) {
    long start = System.nanoTime();
    announce(supernet, target);
    SearchFiles files = files(name, target.constraints(), supernet);
    LogitSearch logits = logits(target);
    SearchRun run = run(supernet, target, logits, files);
    if (warm != null && (files == null || !files.exists())) {
      run.start(warm);
    } else {
      run.resume();
    }
    run.warmUp();
    run.finish();
    List<SearchStep> history = run.history();
    double[][] scores = logits.logProbabilities();
    Settlement settlement =
        new Settlement(target.constraints(), target.aims(), scores, settings.seed(), listeners);
    Attempt settled = settlement.settle();
    return new SearchResult(
        settled.architecture(),
        target.constraints(),
        settled.verdicts(),
        settlement.attempts(),
        swaps(logits.mostProbable(), settled.architecture()),
        logits.probabilities(),
        history,
        supernet.memoryTaken(),
        describe(target, settlement.gap()),
        provenance,
        Duration.ofNanos(System.nanoTime() - start));
  }

  private List<Swap> swaps(Architecture from, Architecture to) {
    List<Swap> swaps = new ArrayList<>();
    List<Choice> choices = space.choices();
    for (int l = 0; l < choices.size(); l++) {
      if (from.pick(l) != to.pick(l)) {
        swaps.add(new Swap(choices.get(l).name(), from.candidate(l).id(), to.candidate(l).id()));
      }
    }
    return swaps;
  }

  private Map<String, String> describe(Target target, double gap) {
    Map<String, String> facts = settings.facts();
    Timetable timetable = settings.timetable(perEpoch);
    facts.put("warm-up passes", Integer.toString(timetable.warmup()));
    facts.put(
        timetable.together()
            ? "passes of weights and logits together after it"
            : "passes of weights and of logits after it",
        Integer.toString(timetable.pairs()));
    for (int m = 0; m < target.constraints().size(); m++) {
      SearchPlan.Reach reach = target.reach().get(m);
      facts.put(
          "aims at the bound on " + reach.metric().name(),
          reach.bound() > reach.most()
              ? "no, it is above all predictions"
              : target.aims().get(m) ? "yes" : "no");
    }
    facts.put(
        "projection",
        gap == 0
            ? "proved best"
            : Double.isNaN(gap)
                ? "best found, predictor not additive"
                : "within " + Numbers.format(gap) + " nats of the best");
    return facts;
  }
}
