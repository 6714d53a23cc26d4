package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.Provenance;
import org.lightnas.Reproducible;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.QualityLimit;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.channels.ChannelSearch;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.zoo.LightNasSpace;

class ReproduceTest {

  private static final ImageData IMAGES = ImageData.generated(96, 20, 3);

  private static final LayeredSpace SPACE =
      LayeredSpace.named("small \"one\"", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 4))
          .choice("one", new ConvBnAct(3, 8, 1), new ConvBnAct(5, 8, 1), new SkipConnect(8, 1))
          .choice("two", new ConvBnAct(3, 8, 1), new ConvBnAct(5, 8, 1), new SkipConnect(8, 1))
          .build();

  private static final LatencyTable TABLE =
      LatencyTable.of(SPACE, 0.1, new double[][] {{1, 2.125, 1 / 3.0}, {1.5, 2, 0}});

  private static final Constraint BOUND = Constraint.atMost(2.75, TABLE);

  @TempDir private Path folder;

  private static LightNas.Builder search() {
    return LightNas.builder().steps(6).batchSize(16);
  }

  private Method compiled(String code) throws Exception {
    Path source = folder.resolve("Reproduce.java");
    Files.writeString(source, code);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-d",
                folder.toString(),
                "-Xlint:all,-processing,-path",
                "-Werror",
                "-proc:none",
                "-classpath",
                System.getProperty("java.class.path"),
                source.toString());
    assertThat(status).as(code).isZero();
    URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader());
    Method search = loader.loadClass("Reproduce").getDeclaredMethod("search");
    search.setAccessible(true);
    return search;
  }

  private SearchResult again(String code) throws Exception {
    return (SearchResult) compiled(code).invoke(null);
  }

  private void complains(String code, Class<?> type, String message) throws Exception {
    Method search = compiled(code);
    assertThatThrownBy(() -> search.invoke(null))
        .isInstanceOf(InvocationTargetException.class)
        .satisfies(
            thrown ->
                assertThat(thrown.getCause()).isInstanceOf(type).hasMessageContaining(message));
  }

  @Test
  @Tag("slow")
  void theCodeFindsTheSameAgain() throws Exception {
    SearchResult found = search().seed(11).build().search(SPACE.on(IMAGES), BOUND);
    SearchResult again = again(found.reproduce());
    assertThat(again.architecture()).isEqualTo(found.architecture());
    assertThat(again.history()).isEqualTo(found.history());
    assertThat(again.constraints()).isEqualTo(found.constraints());
    assertThat(again.reproduce().lines().filter(line -> !line.startsWith("// time: ")))
        .containsExactlyElementsOf(
            found.reproduce().lines().filter(line -> !line.startsWith("// time: ")).toList());
  }

  @Test
  void theCodeIsReadable() {
    SearchResult found = search().seed(11).build().search(SPACE.on(IMAGES), BOUND);
    assertThat(found.reproduce())
        .contains(
            """
            import org.lightnas.data.ImageData;
            """,
            """
                ImageData images = ImageData.generated(96, 20, 3L);
                same("fingerprint of the images", "%s", images.train().fingerprint());
            """
                .formatted(IMAGES.train().fingerprint()),
            """
                Predictor predictor = LatencyTable.of(
                    space,
                    0.1,
                    new double[][] {
                      {1.0, 2.125, 0.3333333333333333},
                      {1.5, 2.0, 0.0}
                    });
                Constraint bound = Constraint.atMost(2.75, predictor);
                SearchResult found = LightNas.builder()
                    .steps(6)
                    .batchSize(16)
                    .seed(11L)
                    .build()
                    .search(space.on(images), bound);
                same("architecture", "%s", found.architecture().id());
                return found;
            """
                .formatted(found.architecture().id()));
    assertThat(found.reproduce().lines().filter(line -> line.startsWith("// ")))
        .contains("// threads: 1", "// library: " + found.provenance().facts().get("library"))
        .anyMatch(line -> line.startsWith("// backend: DL4J 1.0.0-M2.1 on CpuBackend"))
        .anyMatch(line -> line.startsWith("// kernels: "));
  }

  @Test
  void otherImagesAreNoticed() throws Exception {
    SearchResult found = search().build().search(SPACE.on(IMAGES), BOUND);
    complains(
        found.reproduce().replace("generated(96, 20, 3L)", "generated(96, 20, 4L)"),
        IllegalStateException.class,
        "fingerprint of the images was " + IMAGES.train().fingerprint());
  }

  @Test
  void anotherResultIsNoticed() throws Exception {
    SearchResult found = search().build().search(SPACE.on(IMAGES), BOUND);
    String id = found.architecture().id();
    complains(
        found.reproduce().replace("\"" + id + "\"", "\"another\""),
        IllegalStateException.class,
        "The architecture was another and is " + id);
  }

  /** Every setting is another than the default. */
  @Test
  void theCodeHoldsEverySetting() throws Exception {
    LightNas searcher =
        LightNas.builder()
            .epochs(1)
            .warmup(0.25)
            .batchSize(12)
            .planCache(1 << 20)
            .learningRate(0.05)
            .aimAtBound(false)
            .quality(QualityLimit.none())
            .augmentation(new Augmentation(2, false))
            .supernet(SPACE)
            .seed(5_000_000_000L)
            .paths(3)
            .sharedKernels(false)
            .build();
    SearchResult found =
        searcher.search(
            SPACE.on(IMAGES), BOUND, Constraint.atMost(5_000, CostPredictor.parameters(SPACE)));
    assertThat(found.reproduce())
        .contains(
            """
                SearchResult found = LightNas.builder()
                    .paths(3)
                    .sharedKernels(false)
                    .epochs(1)
                    .warmup(0.25)
                    .batchSize(12)
                    .planCache(1048576L)
                    .learningRate(0.05)
                    .aimAtBound(false)
                    .quality(new QualityLimit(-1.0, Double.POSITIVE_INFINITY))
                    .augmentation(new Augmentation(2, false))
                    .supernet(LayeredSpace.named(\
            """,
            ".seed(5000000000L)",
            "Predictor predictor2 = CostPredictor.parameters(space);",
            ".search(space.on(images), bound1, bound2);");
    SearchResult again = again(found.reproduce());
    assertThat(again.settings()).isEqualTo(found.settings());
    assertThat(again.history()).isEqualTo(found.history());
  }

  @Test
  @Tag("slow")
  void theOtherSearchesStartFromTheirOwnDefaults() throws Exception {
    Constraint bound = BOUND;
    List<LogitSearcher> searchers =
        List.of(
            LightNas.faithful().steps(4).batchSize(16).estimator(Estimator.GATES).build(),
            SurgeNas.builder().steps(2).batchSize(16).identityMapping(true).build(),
            SurgeNas.faithful(0.5).steps(2).batchSize(16).lambda(0.25).build());
    List<String> starts =
        List.of(
            "LightNas.faithful()\n        .estimator(Estimator.GATES)\n        .steps(4)",
            "SurgeNas.builder()\n        .identityMapping(true)\n        .steps(2)",
            "SurgeNas.faithful(0.25)\n        .steps(2)\n        .batchSize(16)\n        .seed(");
    for (int i = 0; i < searchers.size(); i++) {
      SearchResult found = searchers.get(i).search(SPACE.on(IMAGES), bound);
      assertThat(found.reproduce()).contains(starts.get(i));
      SearchResult again = again(found.reproduce());
      assertThat(again.settings()).isEqualTo(found.settings());
      assertThat(again.history()).isEqualTo(found.history());
    }
  }

  @Test
  void theZooIsNamed() throws Exception {
    SearchSpace small = LightNasSpace.small(IMAGES.shape(), IMAGES.classes());
    String code = code(small, IMAGES, Constraint.atMost(1e9, CostPredictor.macs(small)), null);
    assertThat(code)
        .contains("SearchSpace space = LightNasSpace.small(new FeatureShape(3, 24, 24), 10);");
    compiled(code);
    LayeredSpace other =
        LayeredSpace.named("lightnas-small", IMAGES.shape(), IMAGES.classes())
            .choice("one", new ConvBnAct(1, 4, 1))
            .build();
    assertThat(code(other, IMAGES, Constraint.atMost(1e9, CostPredictor.macs(other)), null))
        .contains("LayeredSpace.named(\"lightnas-small\", ");
  }

  /** What a search without training would say: one of these takes seconds. */
  private static String code(
      SearchSpace space, ImageData images, Constraint bound, @Nullable SearchStage stage) {
    SearchResult found =
        new SearchResult(
            space.uniform(0),
            List.of(bound),
            List.of(bound.verify(space.uniform(0))),
            List.of(),
            List.of(),
            new double[0][],
            List.of(),
            new MemoryEstimate(1, 1),
            Map.of(),
            new Provenance("1", "Java", "a\nb \\user */", 1, "k", "d", 1, Instant.EPOCH),
            Duration.ZERO);
    return Reproduction.of(LightNas.defaults(10), stage, space.on(images), found);
  }

  /** A space in which nothing can be written down. */
  private static LayeredSpace own() {
    return LayeredSpace.named("own \\u0022", IMAGES.shape(), IMAGES.classes())
        .choice("one", new Plain(3), new Plain(5))
        .build();
  }

  /** Not public. */
  private record Plain(int kernel) implements Op {

    @Override
    public String id() {
      return "plain" + kernel;
    }

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      return new ConvBnAct(kernel, 8, 1).outputShape(in);
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      return new ConvBnAct(kernel, 8, 1).addTo(graph, name, input, in);
    }
  }

  private record Board(String fingerprint) implements Device {
    @Override
    public Measurement measure(ComputationGraph network) {
      return new Measurement(1, 0.01, 9, 1, 1, 1);
    }
  }

  /** Does nothing, and does not say how it is made. */
  private static class Stage implements SearchStage {
    @Override
    public void require(TrainableSpace space, List<Constraint> constraints) {}

    @Override
    public ScoreResult run(Found found, TrainableSpace space, @Nullable Path files) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String toString() {
      return "\"stage\"";
    }
  }

  @Test
  @Tag("slow")
  void whatCannotBeWrittenDownIsNamed() throws Exception {
    LayeredSpace space = own();
    ImageData mine = ImageData.of("mine */ \\u000a", IMAGES.train(), IMAGES.test());
    Predictor latency = Predictor.of(space, Metric.LATENCY, a -> 1 + a.pick(0));
    Constraint bound = Constraint.atMost(4, latency).measuredOn(new Board("my \"board\""));
    String code = code(space, mine, bound, new Stage());
    assertThat(code)
        .contains(
            "    // Put in yours here.",
            "    ImageData images = yours(\"the images 'mine */ \\\\u000a'\");",
            "SearchSpace space = yours(\"the space 'own \\\\u0022' of 3x24x24 images in 10"
                + " classes\");",
            "Predictor predictor = yours(\"the latency predictor of space 'own \\\\u0022', which"
                + " predicts 1.0 ms for plain3\");",
            "Device device = yours(\"the device [my \\\"board\\\"]\");",
            "Constraint.atMost(4.0, predictor).measuredOn(device);",
            ".channels(yours(\"the stage after it: \\\"stage\\\"\"))",
            "    // Measurements vary, and with them what is found.",
            "    // Then it was plain3\n")
        .contains("// system: a b \\\\user */\n");
    complains(
        code,
        UnsupportedOperationException.class,
        "Please put in what made it: the images 'mine */ \\u000a'");
  }

  @Test
  void theNextStageIsWrittenDownToo() throws Exception {
    ChannelSearch stage =
        ChannelSearch.builder().population(4).quality(QualityLimit.none()).batches(2).build();
    String code = code(SPACE, IMAGES, BOUND, stage);
    assertThat(code)
        .contains(
            """
                    .channels(ChannelSearch.builder()
                        .population(4)
                        .batches(2)
                        .quality(new QualityLimit(-1.0, Double.POSITIVE_INFINITY))
                        .build())
                    .build()
            """);
    compiled(code);
    String unsaid = code(SPACE, IMAGES, BOUND, ChannelSearch.builder().widths(a -> null).build());
    assertThat(unsaid).contains(".channels(yours(");
    compiled(unsaid);
  }

  /** Fails when it is asked. */
  private record Shy(SearchSpace space) implements Predictor, Reproducible {
    @Override
    public Metric metric() {
      return Metric.LATENCY;
    }

    @Override
    public double predict(Architecture architecture) {
      return 1;
    }

    @Override
    public Optional<String> code() {
      throw new IllegalStateException("shy");
    }
  }

  @Test
  void aFailureToSayItDoesNotCostTheResult() {
    assertThat(code(SPACE, IMAGES, Constraint.atMost(4, new Shy(SPACE)), null)).isEmpty();
  }

  private static Set<String> setters(Class<?> builder) {
    return Arrays.stream(builder.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> LogitSearcher.Builder.class.isAssignableFrom(method.getReturnType()))
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> components(Class<?> record) {
    return Arrays.stream(record.getRecordComponents()).map(RecordComponent::getName);
  }

  /** So that a new setting cannot be forgotten. */
  @Test
  void everySetterHasTheNameOfAComponent() {
    // What decides nothing, where files are, and what follows.
    Set<String> apart = Set.of("clock", "listener", "checkpoints", "resumeFrom", "channels");
    for (Class<?>[] pair :
        new Class<?>[][] {
          {LightNas.Builder.class, BilevelProcedure.class},
          {SurgeNas.Builder.class, OneLevelProcedure.class}
        }) {
      Set<String> known =
          Stream.concat(components(SearchSettings.class), components(pair[1]))
              .filter(name -> !Set.of("procedure", "faithful").contains(name))
              .collect(Collectors.toCollection(TreeSet::new));
      known.addAll(apart);
      assertThat(setters(pair[0])).isEqualTo(known);
    }
  }
}
