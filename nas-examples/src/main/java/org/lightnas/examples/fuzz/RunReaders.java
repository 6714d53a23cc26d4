package org.lightnas.examples.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.Found;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchListener;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SearchStep;
import org.lightnas.search.SupernetEvaluator;
import org.lightnas.search.channels.ChannelSearch;
import org.lightnas.search.population.HscoNas;
import org.lightnas.search.population.RandomSearch;
import org.lightnas.search.population.RegularizedEvolution;
import org.lightnas.search.population.StopRule;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.train.Trainer;
import org.lightnas.train.TrainingListener;

/** Whatever goes on from a folder: its files are read by running on. */
final class RunReaders {

  private static final int BATCH = 8;
  private static final LayeredSpace SPACE = TextReaders.SPACE;
  private static final Constraint BOUND = Constraint.atMost(2.5, TextReaders.TABLE);

  private final Forgers forgers;
  private final Path scratch;
  private final TrainableSpace trainable =
      SPACE.on(ImageData.generated(40, 10, 1).resized(new FeatureShape(3, 8, 8)));

  private RunReaders(Forgers forgers, Path scratch) {
    this.forgers = forgers;
    this.scratch = scratch;
  }

  static List<HostileReader> all(Forgers forgers, Path scratch) throws IOException {
    return new RunReaders(forgers, scratch).all();
  }

  private List<HostileReader> all() throws IOException {
    return List.of(
        reader("scores", folder -> scores(folder, 12), 3),
        reader("channels", this::channels, 1),
        reader("training", folder -> train(folder, 0), 0.25, folder -> train(folder, 6)),
        reader("search", folder -> search(folder, 0), 0.25, folder -> search(folder, 7)),
        reader("supernet", this::supernet, 0.25, folder -> search(folder, 7)),
        reader("hsconas", this::hsco, 0.1));
  }

  private HostileReader reader(String name, HostileReader.Reading reading, double share)
      throws IOException {
    return reader(name, reading, share, reading);
  }

  /**
   * Of a run.
   *
   * @param before leaves the valid files
   */
  private HostileReader reader(
      String name, HostileReader.Reading reading, double share, HostileReader.Reading before)
      throws IOException {
    Path folder = scratch.resolve(name);
    before.read(folder);
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> written = Files.walk(folder)) {
      for (Path file : written.filter(f -> f.toString().endsWith(".ckpt")).toList()) {
        files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return new HostileReader(name, files, forgers.states(Map.of()), reading, true, share);
  }

  /** Runs until it is interrupted, if that is wanted. */
  private static void run(int stop, Runnable running) {
    try {
      running.run();
    } catch (InterruptedRunException e) {
      HostileReader.require(Thread.interrupted() && stop > 0, e);
    }
  }

  private static void interruptAt(int stop, Progress progress) {
    if (progress.done() == stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void train(Path folder, int stop) {
    Trainer.Builder trainer =
        Trainer.builder()
            .epochs(2)
            .batchSize(BATCH)
            .averaging(0.9)
            .validation(0.25)
            .batchNormReestimation(1)
            .checkpoints(folder)
            .listener(
                new TrainingListener() {
                  @Override
                  public void onStep(Progress progress, double loss) {
                    interruptAt(stop, progress);
                  }
                });
    run(
        stop,
        () -> {
          ComputationGraph network =
              trainer.build().fit(SPACE.architecture(0, 0), trainable.images());
          try {
            for (float value : network.params().dup().data().asFloat()) {
              HostileReader.require(Float.isFinite(value), value);
            }
          } finally {
            network.close();
          }
        });
  }

  private void search(Path folder, int stop) {
    LightNas.Builder settings =
        LightNas.builder()
            .steps(6)
            .batchSize(BATCH)
            .learningRate(0.05)
            .augmentation(Augmentation.none())
            .checkpoints(folder)
            .listener(
                new SearchListener() {
                  @Override
                  public void onStep(Progress progress, SearchStep step) {
                    interruptAt(stop, progress);
                  }
                });
    run(
        stop,
        () -> {
          SearchResult found = settings.build().search(trainable, BOUND);
          for (double[] row : found.probabilities()) {
            HostileReader.require(
                Arrays.stream(row).allMatch(p -> p >= 0 && p <= 1.000001), Arrays.toString(row));
          }
          requireWhole(found);
        });
  }

  private static void requireWhole(Found found) {
    HostileReader.require(found.satisfied(), found);
    HostileReader.require(SPACE.read(found.toJson()).equals(found.architecture()), found);
    HostileReader.require(!found.page().html().isEmpty(), found);
  }

  private void supernet(Path folder) {
    try (SupernetEvaluator evaluator =
        SupernetEvaluator.builder(trainable).batchSize(BATCH).batchNormReestimation(1).build()) {
      evaluator.load(folder.resolve("last.ckpt"));
      double score = evaluator.score(SPACE.architecture(0, 1));
      HostileReader.require(score >= 0 && score <= 100, score);
    }
  }

  private void scores(Path folder, int evaluations) {
    requireWhole(
        RegularizedEvolution.builder(Evaluator.of("sum", a -> Arrays.stream(a.picks()).sum()))
            .population(2)
            .sample(2)
            .stop(StopRule.evaluations(evaluations))
            .checkpoints(folder)
            .build()
            .search(SPACE, List.of(BOUND)));
  }

  private void channels(Path folder) {
    Constraint macs = Constraint.atMost(1e9, CostPredictor.macs(SPACE));
    Architecture largest = SPACE.architecture(0, 0);
    Found found =
        RandomSearch.builder(Evaluator.of("first", a -> a.equals(largest) ? 1 : 0))
            .stop(StopRule.evaluations(4))
            .build()
            .search(SPACE, List.of(macs));
    Found widths =
        ChannelSearch.builder()
            .population(4)
            .generations(2)
            .fitness((space, any) -> Evaluator.of("sum", a -> -Arrays.stream(a.picks()).sum()))
            .build()
            .run(found, trainable, folder);
    HostileReader.require(widths.satisfied(), widths);
  }

  private void hsco(Path folder) {
    requireWhole(
        HscoNas.builder()
            .steps(4)
            .fineTuning(2)
            .batchSize(BATCH)
            .validation(0.25)
            .batchNormReestimation(1)
            .samples(2)
            .stages(1)
            .stageChoices(1)
            .population(2)
            .generations(1)
            .checkpoints(folder)
            .build()
            .search(trainable, BOUND));
  }
}
