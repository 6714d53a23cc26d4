package org.lightnas.search.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Evaluator;
import org.lightnas.predict.Profile;
import org.lightnas.search.population.RegularizedEvolution;
import org.lightnas.search.population.ScoreListener;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TrainingEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.testing.CifarBytes;
import org.lightnas.testing.NeedsSpark;
import org.lightnas.train.Trainer;

/** Two executors, each a process of its own. */
@NeedsSpark
@Tag("slow")
class LocalClusterTest {

  private static final LayeredSpace SPACE = Remotes.SPACE;

  private static JavaSparkContext context;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    String home = System.getenv("SPARK_HOME");
    assertThat(home).as("SPARK_HOME, a folder for Spark's workers, as the POM sets it").isNotNull();
    Files.createDirectories(Path.of(home, "jars"));
    context =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local-cluster[2,1,1024]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                // Workers ask for it, and look for jars built for it; these are on the class path.
                .set("spark.executorEnv.SPARK_SCALA_VERSION", "any")
                .set(
                    "spark.executor.extraJavaOptions",
                    "-Dorg.bytedeco.javacpp.maxbytes=1g -Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
  }

  @AfterAll
  static void stop() {
    if (context != null) {
      context.stop();
    }
  }

  /**
   * Hangs at its fourth score, if it is the first executor to have come so far.
   *
   * @param notes where all of them write down what they do
   */
  record Hanging(String notes) implements Remotes.Scores {
    @Override
    public Evaluator create(Path files) {
      long pid = ProcessHandle.current().pid();
      note("made-" + pid, "once\n");
      List<Architecture> scored = Collections.synchronizedList(new ArrayList<>());
      return Evaluator.of(
          "sine",
          architecture -> {
            scored.add(architecture);
            if (scored.size() == 4) {
              hangIfFirst(pid);
            }
            note("scored-" + pid, architecture.id() + "\n");
            return Remotes.score(architecture);
          });
    }

    private void hangIfFirst(long pid) {
      try {
        Files.createFile(Path.of(notes, "one-hangs"));
      } catch (FileAlreadyExistsException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      note("hanging", Long.toString(pid));
      while (true) {
        LockSupport.parkNanos(1_000_000_000);
      }
    }

    private void note(String file, String text) {
      try {
        Files.writeString(
            Path.of(notes, file), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static RegularizedEvolution.Builder search(Evaluator evaluator) {
    return RegularizedEvolution.builder(evaluator)
        .population(6)
        .sample(3)
        .stop(StopRule.evaluations(24))
        .atOnce(4);
  }

  @Test
  void anExecutorThatIsKilledCostsNoScoreAndNoneCountsTwice() throws Exception {
    ScoreResult here = search(Evaluator.of("sine", Remotes::score)).build().search(SPACE);
    List<ClusterListener.Answer> answers = Collections.synchronizedList(new ArrayList<>());
    List<Long> told = new ArrayList<>();
    ExecutorService waiting = Executors.newFixedThreadPool(5);
    ScoreResult there;
    try (SparkEvaluator evaluator =
        SparkEvaluator.builder(context, new Hanging(folder.toString()))
            .listener((progress, answer) -> answers.add(answer))
            .build()) {
      waiting.execute(this::kill);
      there =
          search(evaluator)
              .executor(waiting)
              .listener(
                  new ScoreListener() {
                    @Override
                    public void onScored(Scored scored, StopRule.Standing standing) {
                      told.add(scored.number());
                    }
                  })
              .build()
              .search(SPACE);
    } finally {
      waiting.shutdownNow();
    }
    assertThat(folder.resolve("killed")).exists();
    assertThat(there.architecture()).isEqualTo(here.architecture());
    assertThat(there.best()).isEqualTo(here.best());
    assertThat(there.improvements()).isEqualTo(here.improvements());
    assertThat(there.tally()).isEqualTo(here.tally());
    assertThat(told).hasSize(24).doesNotHaveDuplicates();
    assertThat(answers).extracting(a -> a.architecture().id()).hasSize(24).doesNotHaveDuplicates();
    assertThat(answers).extracting(ClusterListener.Answer::attempts).contains(2);
    // Whoever replaced the one that was killed made an evaluator, too; nobody made a second.
    assertThat(notes("made-")).hasSizeBetween(2, 3).containsOnly("once\n");
    // What was lost had not been scored, so nothing was scored twice.
    assertThat(notes("scored-").stream().flatMap(String::lines).toList())
        .hasSize(24)
        .doesNotHaveDuplicates();
  }

  private List<String> notes(String prefix) throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith(prefix)).toList()) {
        texts.add(Files.readString(file));
      }
    }
    return texts;
  }

  /** As the system does when memory is short. */
  private void kill() {
    Path hanging = folder.resolve("hanging");
    try {
      String pid = "";
      while (pid.isEmpty()) {
        Thread.sleep(50);
        pid = Files.exists(hanging) ? Files.readString(hanging) : "";
      }
      boolean asked = ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
      assertThat(asked).isTrue();
      Files.createFile(folder.resolve("killed"));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Trains on images that were broadcast. */
  record Training() implements Remotes.Scores {
    @Override
    public Evaluator create(Path files) {
      Trainer trainer =
          Trainer.builder().epochs(1).batchSize(16).batchNormReestimation(2).seed(5).build();
      return TrainingEvaluator.of(SPACE.on(ImageData.cifar10(files)), trainer, 0.5);
    }
  }

  @Test
  void aTrainingThereIsTheTrainingHereBitForBit() throws Exception {
    Files.write(folder.resolve("train.bin"), CifarBytes.of(120, 1));
    Files.write(folder.resolve("test.bin"), CifarBytes.of(20, 2));
    Evaluator here = new Training().create(folder);
    try (SparkEvaluator there = SparkEvaluator.of(context, new Training(), folder)) {
      assertThat(there.name()).isEqualTo(here.name());
      assertThat(there.settings()).isEqualTo(here.settings()).containsKey("images");
      for (int k = 0; k < 3; k++) {
        Architecture one = SPACE.uniform(k);
        assertThat(there.score(one)).isEqualTo(here.score(one));
      }
    }
  }

  @Test
  void aProfileFromThereIsTheProfileFromHere() {
    Profile there = SparkProfile.builder(context, new Remotes.Counters()).samples(8).measure();
    Profile here =
        Profile.builder(SPACE, new Remotes.Counters().create(folder)).samples(8).measure();
    assertThat(there).isEqualTo(here);
  }
}
