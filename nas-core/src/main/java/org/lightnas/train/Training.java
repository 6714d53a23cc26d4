package org.lightnas.train;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.DivergedSearchException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Loss;
import org.lightnas.engine.Objective;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weight;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Parameter;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.Seeds;
import org.lightnas.internal.StateFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training on its way. What changes from step to step is in here, in the weights and in their
 * average; all of it is in a {@link Checkpoint}. Uses engine and weights, which it does not own.
 */
final class Training implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Trainer.class);

  private final Recipe recipe;
  private final List<TrainingListener> listeners;
  private final @Nullable Checkpoints checkpoints;
  private final LayerGraph graph;
  private final Weights weights;
  private final Plan plan;
  private final ImageSet images;
  private final Batches batches;
  private final int perEpoch;
  private final LearningRate learningRate;
  private final Objective objective;
  private final Teacher.@Nullable Answers teacher;
  private final @Nullable Evaluation validation;
  private final @Nullable Ema average;

  // The state, with the weights, their optimiser and the average.
  private long step;
  private double lossSum;
  private long correct;
  private int bestEpoch;
  private double bestAccuracy;
  private @Nullable Map<String, double[]> best;

  // Of this run: a resumed one takes its time anew.
  private final long start = System.nanoTime();
  private long first;
  private Duration taken = Duration.ZERO;

  Training(
      Recipe recipe,
      List<TrainingListener> listeners,
      @Nullable Checkpoints checkpoints,
      Engine engine,
      LayerGraph graph,
      Weights weights,
      ImageData data) {
    this.recipe = recipe;
    this.listeners = listeners;
    this.checkpoints = checkpoints;
    this.graph = graph;
    this.weights = weights;
    if (recipe.validation() > 0) {
      List<ImageSet> parts =
          data.train().split(1 - recipe.validation(), Seeds.derive(recipe.seed(), "validation", 0));
      images = parts.get(0);
      validation = new Evaluation(engine, graph, weights, parts.get(1));
    } else {
      images = data.train();
      validation = null;
    }
    int batch = recipe.batchSize();
    batches = batches("training batches");
    perEpoch = batches.perEpoch();
    long total = (long) perEpoch * recipe.epochs();
    learningRate =
        new LearningRate(
            recipe.learningRate(),
            recipe.schedule(),
            (long) (recipe.warmup() * total),
            total,
            perEpoch);
    plan = engine.training(graph, weights, batch, Set.of());
    Teacher lecturer = recipe.teacher();
    objective =
        lecturer == null
            ? Objective.labels(recipe.labelSmoothing())
            : new Objective(recipe.labelSmoothing(), lecturer.weight(), lecturer.temperature());
    average = recipe.averaging() > 0 ? new Ema(weights, graph, recipe.averaging()) : null;
    // Last: it owns memory.
    teacher = lecturer == null ? null : lecturer.answers(engine, batch);
  }

  private Batches batches(String purpose) {
    return new Batches(
        images, recipe.batchSize(), recipe.augmentation(), Seeds.derive(recipe.seed(), purpose, 0));
  }

  /**
   * Trains to the end, from where the last run stopped if there is a checkpoint.
   *
   * @return the tensors of the best epoch's network, or of the last one's without validation
   * @throws InterruptedRunException if this thread is interrupted
   */
  Map<String, double[]> run() {
    resume();
    while (!finished()) {
      stopIfInterrupted();
      step(batches.read(step));
      if (step % perEpoch == 0) {
        endEpoch();
      }
    }
    plan.logOpaqueShare(log);
    Map<String, double[]> result = best == null ? deployed(() -> weights.values(graph)) : best;
    result.forEach(this::requireFinite);
    return result;
  }

  /** The last step can be the one that went too far, and rectifiers hide what is no number. */
  private void requireFinite(String tensor, double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new DivergedSearchException(
            String.format(
                Locale.ROOT,
                "The trained weights '%s' hold %s.\n"
                    + "Maybe lower the learning rate (now %.3g at its peak) or check the images.",
                tensor,
                value,
                learningRate.peak()));
      }
    }
  }

  private boolean finished() {
    boolean stale =
        recipe.patience() > 0
            && step % perEpoch == 0
            && step / perEpoch - bestEpoch >= recipe.patience();
    return step == learningRate.total() || stale;
  }

  private void step(Batches.Batch batch) {
    // Before the student's pass, which uses the same memory.
    double[] answers = teacher == null ? null : teacher.logits(batch.nhwc());
    plan.forward(batch.nhwc(), Pass.training(Seeds.derive(recipe.seed(), "dropout", step)));
    Loss loss = plan.loss(objective, batch.labels(), answers, null);
    double rate = learningRate.at(step);
    if (!Double.isFinite(loss.mean())) {
      throw new DivergedSearchException(
          String.format(
              Locale.ROOT,
              "The training loss is %s at step %d of %d (learning rate %.3g).\n"
                  + "Maybe lower the learning rate (now %.3g at its peak) or check the images.",
              loss.mean(),
              step,
              learningRate.total(),
              rate,
              learningRate.peak()));
    }
    plan.backward();
    Gradients.apply(plan.touched(), recipe.optimizer(), rate, recipe.weightDecay(), recipe.clip());
    if (average != null) {
      average.update(step);
    }
    lossSum += loss.mean();
    correct += loss.correct();
    step++;
    Progress progress = progress();
    Listeners.tell(listeners, l -> l.onStep(progress, loss.mean()), log);
  }

  private void endEpoch() {
    int epoch = (int) (step / perEpoch);
    TrainingListener.Validation judged = validation == null ? null : validate(epoch, validation);
    Duration reading = batches.taken().minus(taken);
    TrainingListener.Epoch report =
        new TrainingListener.Epoch(
            epoch,
            lossSum / perEpoch,
            100.0 * correct / ((long) perEpoch * recipe.batchSize()),
            judged,
            reading,
            progress());
    taken = batches.taken();
    lossSum = 0;
    correct = 0;
    if (checkpoints != null) {
      try {
        save(checkpoints);
      } catch (CheckpointException e) {
        // The training is worth more than its checkpoint, and the one before is still there.
        log.warn("Training goes on without a new checkpoint", e);
      }
    }
    log.info(
        "{}: loss {}, {} ms of reading images",
        report.progress(),
        report.loss(),
        reading.toMillis());
    Listeners.tell(listeners, l -> l.onEpoch(report), log);
  }

  private TrainingListener.Validation validate(int epoch, Evaluation evaluation) {
    return deployed(
        () -> {
          TrainingListener.Validation judged = evaluation.run();
          if (best == null || judged.accuracy() > bestAccuracy) {
            best = weights.values(graph);
            bestEpoch = epoch;
            bestAccuracy = judged.accuracy();
          }
          return judged;
        });
  }

  /**
   * Does something with the network of this moment as it would be handed out: averaged weights if
   * wanted, and statistics of batch norms estimated for them. Leaves the weights as they were.
   */
  private <T> T deployed(Supplier<T> use) {
    Map<String, double[]> kept = weights.values(graph);
    if (average != null) {
      average.show();
    }
    reestimateBatchNorms();
    T result = use.get();
    weights.load(kept);
    return result;
  }

  /**
   * Replaces running statistics by the mean over batches like those of the training. Statistics of
   * plain images look better suited to plain images, but the network has learned with others: two
   * points of accuracy on CIFAR-10 (decision 64).
   */
  private void reestimateBatchNorms() {
    Batches alike = batches("batch norm batches");
    for (int i = 0; i < recipe.normBatches(); i++) {
      plan.forward(alike.read(i).nhwc(), Pass.estimating(i));
    }
  }

  private Progress progress() {
    return new Progress(
        "training", step, learningRate.total(), Duration.ofNanos(System.nanoTime() - start), first);
  }

  private void stopIfInterrupted() {
    if (!Thread.currentThread().isInterrupted()) {
      return;
    }
    String place = "Training was interrupted at step " + step + " of " + learningRate.total();
    if (checkpoints == null) {
      throw new InterruptedRunException(
          place + " and is lost.\nMaybe give the trainer a folder for checkpoints.");
    }
    save(checkpoints);
    throw new InterruptedRunException(
        place
            + "; '"
            + checkpoints.last()
            + "' holds it.\nMaybe call fit again to go on, with the same settings.");
  }

  private void save(Checkpoints files) {
    Map<String, double[]> tensors = new LinkedHashMap<>();
    put(tensors, "value", weights.values(graph));
    for (Weight weight : plan.touched()) {
      List<double[]> state = weight.optimizerState();
      for (int i = 0; i < state.size(); i++) {
        tensors.put(key("optimizer " + i, weight.parameter()), state.get(i));
      }
    }
    if (average != null) {
      put(tensors, "average", average.values());
    }
    if (best != null) {
      put(tensors, "best", best);
    }
    // First: a run that is killed in between comes to this epoch again.
    if (best != null && bestEpoch == step / perEpoch) {
      files.writeBest(best);
    }
    files.writeLast(
        new Checkpoints.Position(step, lossSum, correct, bestEpoch, bestAccuracy), tensors);
  }

  /** Goes to where the last run was, or writes the first checkpoint: if that fails, now. */
  private void resume() {
    if (checkpoints == null) {
      return;
    }
    StateFile<Checkpoints.Position> found = checkpoints.resume();
    if (found == null) {
      save(checkpoints);
      return;
    }
    Checkpoints.Position position = found.position();
    found.requireWithin(position.step(), learningRate.total());
    step = position.step();
    first = step;
    lossSum = position.lossSum();
    correct = position.correct();
    bestEpoch = position.bestEpoch();
    bestAccuracy = position.bestAccuracy();
    best = bestEpoch == 0 ? null : take(found, "best");
    if (average != null) {
      average.load(take(found, "average"));
    }
    weights.load(take(found, "value"));
    for (Weight weight : plan.touched()) {
      Parameter parameter = weight.parameter();
      List<double[]> state = new ArrayList<>();
      for (int i = 0; found.has(key("optimizer " + i, parameter)); i++) {
        state.add(found.take(key("optimizer " + i, parameter), parameter.size()));
      }
      // A training updates all its weights in every step.
      weight.restoreOptimizer(state, step);
    }
    log.info("Training goes on at step {} of {}", step, learningRate.total());
  }

  private static String key(String kind, Parameter parameter) {
    return kind + "/" + parameter.name();
  }

  private void put(Map<String, double[]> tensors, String kind, Map<String, double[]> values) {
    for (Parameter parameter : graph.parameters()) {
      double[] data = values.get(parameter.name());
      if (data != null) {
        tensors.put(key(kind, parameter), data);
      }
    }
  }

  private Map<String, double[]> take(StateFile<Checkpoints.Position> file, String kind) {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (Parameter parameter : graph.parameters()) {
      values.put(parameter.name(), file.take(key(kind, parameter), parameter.size()));
    }
    return values;
  }

  @Override
  public void close() {
    if (teacher != null) {
      teacher.close();
    }
    if (average != null) {
      average.close();
    }
  }
}
