package org.lightnas.search.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.population.RegularizedEvolution;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.testing.NeedsSpark;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

@NeedsSpark
class SparkEvaluatorTest {

  private static final LayeredSpace SPACE = Remotes.SPACE;
  private static final Architecture ONE = SPACE.architecture(0, 1, 2);

  // Executors are threads of this JVM.
  private static final AtomicInteger MADE = new AtomicInteger();
  private static final AtomicInteger ASKED = new AtomicInteger();
  private static final AtomicInteger STOPPED = new AtomicInteger();

  private static JavaSparkContext context;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    context = Remotes.threads(2);
  }

  @AfterAll
  static void stop() {
    context.stop();
  }

  @BeforeEach
  void nothingCounted() {
    MADE.set(0);
    ASKED.set(0);
    STOPPED.set(0);
  }

  /** Counts, and does something bad if asked to. */
  record Counted(String bad) implements Remotes.Scores {
    @Override
    public Evaluator create(Path files) throws IOException {
      MADE.incrementAndGet();
      switch (bad) {
        case "no file" -> Files.readString(files.resolve("weights.bin"));
        case "no jar" -> throw new NoClassDefFoundError("org/nd4j/linalg/factory/Nd4j");
        default -> {}
      }
      return new Closing(bad);
    }
  }

  private record Closing(String bad) implements Evaluator, AutoCloseable {
    @Override
    public double score(Architecture architecture) {
      ASKED.incrementAndGet();
      switch (bad) {
        case "throws" -> throw new IllegalStateException("no such weather");
        case "advises" -> throw new NasException("It rains.\nMaybe wait.");
        case "dies" -> throw new AssertionError("it is dead");
        case "hangs" -> hang();
        default -> {}
      }
      return Remotes.score(architecture);
    }

    private static void hang() {
      try {
        Thread.sleep(60_000);
      } catch (InterruptedException e) {
        STOPPED.incrementAndGet();
        throw new InterruptedRunException("stopped");
      }
    }

    @Override
    public void close() {
      STOPPED.incrementAndGet();
    }
  }

  private static SparkEvaluator with(String bad) {
    return SparkEvaluator.of(context, new Counted(bad));
  }

  @Test
  void aSearchFindsWhatItFindsHere() throws Exception {
    List<ClusterListener.Answer> answers = Collections.synchronizedList(new ArrayList<>());
    List<Long> done = Collections.synchronizedList(new ArrayList<>());
    ScoreResult here = search(Evaluator.of("sine", Remotes::score), null);
    ScoreResult there;
    ExecutorService waiting = Executors.newFixedThreadPool(4);
    try (SparkEvaluator evaluator =
        SparkEvaluator.builder(context, new Remotes.Sines())
            .listener(
                (progress, answer) -> {
                  answers.add(answer);
                  done.add(progress.done());
                  assertThat(progress.phase()).isEqualTo("score");
                  assertThat(progress.total()).isBetween(progress.done(), progress.done() + 4);
                  throw new IllegalStateException("ignored");
                })
            .build()) {
      assertThat(evaluator.name()).isEqualTo("sine");
      there = search(evaluator, waiting);
    } finally {
      waiting.shutdownNow();
    }
    assertThat(there.architecture()).isEqualTo(here.architecture());
    assertThat(there.improvements()).isEqualTo(here.improvements());
    assertThat(there.best()).isEqualTo(here.best());
    assertThat(there.tally()).isEqualTo(here.tally());
    assertThat(there.settings()).isEqualTo(here.settings());
    assertThat(answers).hasSize(20).extracting(ClusterListener.Answer::attempts).containsOnly(1);
    assertThat(answers).extracting(ClusterListener.Answer::architecture).doesNotHaveDuplicates();
    assertThat(answers).extracting(ClusterListener.Answer::executor).containsOnly("driver");
    assertThat(done).containsExactlyElementsOf(upTo(20));
  }

  private static List<Long> upTo(long most) {
    return LongStream.rangeClosed(1, most).boxed().toList();
  }

  private static ScoreResult search(Evaluator evaluator, ExecutorService threads) {
    RegularizedEvolution.Builder builder =
        RegularizedEvolution.builder(evaluator)
            .population(6)
            .sample(3)
            .stop(StopRule.evaluations(20))
            .atOnce(4);
    if (threads != null) {
      builder.executor(threads);
    }
    return builder.build().search(SPACE);
  }

  @Test
  void anExecutorMakesItsEvaluatorOnceAndClosesIt() throws Exception {
    useAndClose();
    assertThat(MADE).hasValue(1);
    for (int i = 0; i < 200 && STOPPED.get() == 0; i++) {
      System.gc();
      Thread.sleep(50);
    }
    assertThat(STOPPED).hasValue(1);
  }

  /** Apart, so that nothing of it is left on the stack. */
  private static void useAndClose() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (SparkEvaluator evaluator = with("nothing")) {
      for (int i = 0; i < 12; i++) {
        Architecture one = SPACE.architecture(i % 3, i / 3 % 3, 0);
        threads.execute(() -> assertThat(evaluator.score(one)).isEqualTo(Remotes.score(one)));
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
      assertThat(ASKED).hasValue(12);
    }
  }

  @Test
  void saysWhatTheEvaluatorSaysAndDoesNotAskAgain() {
    try (SparkEvaluator evaluator = with("throws")) {
      assertThatExceptionOfType(NasException.class)
          .isThrownBy(() -> evaluator.score(ONE))
          .withMessageMatching(
              "Executor driver on \\S+ could not score "
                  + ONE.id()
                  + ": java.lang.IllegalStateException: no such weather\n"
                  + "Maybe try the factory on this machine; the executor's log has the stack"
                  + " trace.");
    }
    assertThat(ASKED).hasValue(1);
    try (SparkEvaluator evaluator = with("advises")) {
      assertThatExceptionOfType(NasException.class)
          .isThrownBy(() -> evaluator.score(ONE))
          .withMessageEndingWith(ONE.id() + ": org.lightnas.NasException: It rains.\nMaybe wait.");
    }
  }

  @Test
  void saysBeforeTheSearchWhatExecutorsLack() {
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> with("no file"))
        .withMessageStartingWith("Executor driver on ")
        .withMessageContaining(" could not begin: java.nio.file.NoSuchFileException: ")
        .withMessageContaining("weights.bin\nMaybe try the factory on this machine;");
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> with("no jar"))
        .withMessageContaining("NoClassDefFoundError: org/nd4j/linalg/factory/Nd4j")
        .withMessageEndingWith("\nMaybe the executors lack a jar: name it in spark.jars.");
    assertThat(MADE).hasValue(2);
  }

  /** Holds what cannot travel. */
  record Rooted(Path path) implements Remotes.Scores {
    @Override
    public Evaluator create(Path files) {
      return Evaluator.of("never", Remotes::score);
    }
  }

  @Test
  void saysThatAFactoryCannotTravel() {
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> SparkEvaluator.of(context, new Rooted(Path.of("here"))))
        .withMessageStartingWith(
            "The factory Rooted[path=here] cannot be sent to executors:"
                + " java.io.NotSerializableException: sun.nio.fs.UnixPath")
        .withMessageEndingWith("\nMaybe make it a record of numbers and texts.");
  }

  /** Users may have chosen it, and it cannot write records. */
  @Test
  void whatIsBroadcastMayBeWrittenByKryo() {
    SerializerInstance kryo = new KryoSerializer(context.getConf()).newInstance();
    ClassTag<Object> any = ClassTag$.MODULE$.apply(Object.class);
    TreeMap<String, byte[]> files = new TreeMap<>(Map.of("a", new byte[] {1, 2}));
    Object read = kryo.deserialize(kryo.serialize(files, any), any);
    assertThat(read).isInstanceOf(TreeMap.class).asString().contains("a=");
    Object workshop = kryo.deserialize(kryo.serialize(new Workshop<Evaluator>(), any), any);
    assertThat(workshop).isInstanceOf(Workshop.class);
  }

  @Test
  void saysWhenSparkGivesUp() {
    try (SparkEvaluator evaluator = with("dies")) {
      assertThatExceptionOfType(NasException.class)
          .isThrownBy(() -> evaluator.score(ONE))
          .withMessageStartingWith("No executor could score " + ONE.id() + ": ")
          .withMessageContaining("it is dead")
          .withMessageEndingWith(
              "\nMaybe the executors' logs say more; one that is killed may need more memory beside"
                  + " its heap (spark.executor.memoryOverhead).");
    }
  }

  @Test
  void stopsTheTaskOfAnInterruptedThread() throws Exception {
    try (SparkEvaluator evaluator = with("hangs")) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      CountDownLatch kept = new CountDownLatch(1);
      Thread thread =
          new Thread(
              () -> {
                try {
                  evaluator.score(ONE);
                } catch (RuntimeException e) {
                  thrown.set(e);
                  if (Thread.currentThread().isInterrupted()) {
                    kept.countDown();
                  }
                }
              });
      thread.start();
      for (int i = 0; i < 600 && ASKED.get() == 0; i++) {
        Thread.sleep(50);
      }
      thread.interrupt();
      thread.join(30_000);
      assertThat(thrown.get())
          .isInstanceOf(InterruptedRunException.class)
          .hasMessage("Interrupted while an executor was to score " + ONE.id() + ".");
      assertThat(kept.getCount()).isZero();
      for (int i = 0; i < 600 && STOPPED.get() == 0; i++) {
        Thread.sleep(50);
      }
      assertThat(STOPPED).hasValue(1);
    }
  }

  @Test
  void refusesWhatItCannotScore() {
    SparkEvaluator evaluator = with("nothing");
    LayeredSpace other =
        LayeredSpace.named("other", new FeatureShape(8, 4, 4), 2)
            .choice("only", new SkipConnect(8, 1))
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator.score(other.uniform(0)))
        .withMessage("Architecture skip belongs to space 'other', not to 'remote'.");
    evaluator.close();
    evaluator.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> evaluator.score(ONE))
        .withMessage("What executors worked with was closed.\nMaybe close it after the search.");
  }

  /** What it reads, as a name. */
  record Reading() implements Remotes.Scores {
    @Override
    public Evaluator create(Path files) throws IOException {
      String name =
          Files.readString(files.resolve("a.txt")) + Files.readString(files.resolve("deep/b.txt"));
      return Evaluator.of(name + " " + files, Remotes::score);
    }
  }

  @Test
  void broadcastsFilesAndLeavesNone() throws IOException {
    Files.writeString(folder.resolve("a.txt"), "one and ");
    Path images = Files.createDirectories(folder.resolve("images/deep"));
    Files.writeString(images.resolve("b.txt"), "two");
    try (SparkEvaluator evaluator =
        SparkEvaluator.of(
            context, new Reading(), folder.resolve("a.txt"), folder.resolve("images"))) {
      assertThat(evaluator.name()).startsWith("one and two /");
      assertThat(Path.of(evaluator.name().substring("one and two ".length()))).doesNotExist();
    }
  }

  @Test
  void refusesFilesThatAreNotThereOrAreTwo() throws IOException {
    Path missing = folder.resolve("missing.ckpt");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> SparkEvaluator.of(context, new Reading(), missing))
        .withMessage(
            "'%s' cannot be broadcast: java.nio.file.NoSuchFileException: %s.\n"
                + "Maybe the name is wrong.",
            missing, missing);
    Path deep = Files.createDirectories(folder.resolve("deep"));
    Files.writeString(folder.resolve("a.txt"), "1");
    Files.writeString(deep.resolve("a.txt"), "2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkEvaluator.of(context, new Reading(), folder, deep))
        .withMessage(
            "Two files to be broadcast are called 'a.txt', one of them '%s'.\n"
                + "Maybe put them into folders of one folder, and give that.",
            deep.resolve("a.txt"));
  }

  /** Scores are text on their way. */
  @Test
  void losesNoBit() {
    try (SparkEvaluator evaluator = SparkEvaluator.of(context, new Remotes.Sines())) {
      for (int k = 0; k < 3; k++) {
        Architecture one = SPACE.uniform(k);
        assertThat(evaluator.score(one)).isEqualTo(Remotes.score(one));
      }
      assertThat(new Scored(ONE, evaluator.score(ONE), 1).score()).isEqualTo(Remotes.score(ONE));
    }
  }
}
