package org.lightnas.examples.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Evaluator;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.predict.Profile;
import org.lightnas.search.LightNas;
import org.lightnas.search.SupernetEvaluator;
import org.lightnas.search.population.RandomSearch;
import org.lightnas.search.population.RegularizedEvolution;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TrainingEvaluator;
import org.lightnas.search.spark.RemoteFactory;
import org.lightnas.search.spark.SparkEvaluator;
import org.lightnas.search.spark.SparkProfile;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.testing.CifarBytes;
import org.lightnas.testing.NeedsSpark;
import org.lightnas.train.Trainer;

/** The code of docs/SCALEOUT.md. */
@NeedsSpark
@Tag("slow")
class ScaleOutGuideTest {

  private static JavaSparkContext context;

  @TempDir private Path folder;

  /** Stands in for the space of a user's. */
  private static final class Pocket {
    static LayeredSpace space() {
      return LayeredSpace.named("pocket", new FeatureShape(3, 32, 32), 10)
          .stem(new ConvBnAct(3, 8, 4))
          .choice("one", new MbConv(3, 2, 8, 1), new MbConv(5, 2, 8, 1), new SkipConnect(8, 1))
          .choice("two", new MbConv(3, 2, 16, 2), new MbConv(5, 2, 16, 2), new SkipConnect(16, 2))
          .build();
    }
  }

  record ShortTraining(int epochs) implements RemoteFactory<LayeredSpace, Evaluator> {
    @Override
    public LayeredSpace space() {
      return Pocket.space();
    }

    @Override
    public Evaluator create(Path files) {
      ImageData images = ImageData.cifar10(files);
      Trainer trainer = Trainer.builder().epochs(epochs).batchSize(32).build();
      return TrainingEvaluator.of(space().on(images), trainer, 0.2);
    }
  }

  record TrainedSupernet() implements RemoteFactory<LayeredSpace, Evaluator> {
    @Override
    public LayeredSpace space() {
      return Pocket.space();
    }

    @Override
    public Evaluator create(Path files) {
      ImageData images = ImageData.cifar10(files);
      SupernetEvaluator evaluator =
          SupernetEvaluator.builder(space().on(images)).batchSize(32).build();
      evaluator.load(files.resolve("last.ckpt"));
      return evaluator;
    }
  }

  record Boards() implements RemoteFactory<SearchSpace, Device> {
    @Override
    public SearchSpace space() {
      return Pocket.space();
    }

    @Override
    public Device create(Path files) {
      return OnnxDevice.builder()
          .threads(1)
          .maxTime(Duration.ofMillis(300))
          .busyFactor(100)
          .build();
    }
  }

  @BeforeAll
  static void start() {
    context =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[1]")
                .setAppName("guide")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    context.stop();
  }

  private Path cifar10() throws IOException {
    Path cifar10 = Files.createDirectories(folder.resolve("cifar10"));
    Files.write(cifar10.resolve("train.bin"), CifarBytes.of(160, 1));
    Files.write(cifar10.resolve("test.bin"), CifarBytes.of(20, 2));
    return cifar10;
  }

  @Test
  @Tag("slow")
  void shortTrainings() throws IOException {
    Path cifar10 = cifar10();
    StopRule stop = StopRule.evaluations(4);
    LayeredSpace space = Pocket.space();
    Constraint bound = Constraint.atMost(200_000, CostPredictor.macs(space));
    ExecutorService waiting = Executors.newFixedThreadPool(8); // one for each executor
    try (SparkEvaluator accuracy =
        SparkEvaluator.builder(context, new ShortTraining(3))
            .files(cifar10)
            .listener((progress, answer) -> System.out.println(progress + ": " + answer))
            .build()) {
      ScoreResult found =
          RegularizedEvolution.builder(accuracy)
              .stop(stop)
              .executor(waiting)
              .atOnce(8)
              .build()
              .search(space, bound);
      System.out.println(found.best());
      Evaluator here = new ShortTraining(3).create(cifar10);
      assertThat(found.best().score()).isEqualTo(here.score(found.architecture()));
    } finally {
      waiting.shutdown();
    }
  }

  @Test
  @Tag("slow")
  void aTrainedSupernet() throws IOException {
    Path cifar10 = cifar10();
    LayeredSpace space = Pocket.space();
    ImageData images = ImageData.cifar10(cifar10);
    Path checkpoints = folder.resolve("search");
    LightNas.builder()
        .steps(12)
        .batchSize(32)
        .checkpoints(checkpoints)
        .build()
        .search(space.on(images), Constraint.atMost(200_000, CostPredictor.macs(space)));
    Path weights = checkpoints.resolve("last.ckpt");
    try (SparkEvaluator accuracy =
        SparkEvaluator.of(context, new TrainedSupernet(), cifar10, weights)) {
      ScoreResult found =
          RandomSearch.builder(accuracy).stop(StopRule.evaluations(3)).build().search(space);
      try (SupernetEvaluator here =
          SupernetEvaluator.builder(space.on(images)).batchSize(32).build()) {
        here.load(weights);
        assertThat(found.best().score()).isEqualTo(here.score(found.architecture()));
      }
    }
  }

  @Test
  @Tag("slow")
  void devices() {
    Profile profile = SparkProfile.builder(context, new Boards()).samples(9).measure();
    LatencyTable latency = LatencyTable.fit(profile);
    assertThat(profile.samples()).hasSize(9);
    assertThat(latency.fingerprint().orElseThrow()).endsWith("1 thread, batch 1");
  }
}
