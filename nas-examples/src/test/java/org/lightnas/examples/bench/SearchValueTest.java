package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.examples.bench.SearchValueTable.Standing;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.Estimator;
import org.lightnas.search.SurgeNas;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

class SearchValueTest {

  private static final int CHOICES = 6;
  private static final ImageData DATA = ImageData.generated(160, 30, 1);
  private static final LayeredSpace SPACE = space();
  private static final LatencyTable TABLE = table(1);
  private static final SearchMethod RANDOM = new SearchMethod("random", "default", 0, "");
  private static final SearchMethod LIGHTNAS = new SearchMethod("lightnas", "default", 4, "");

  @TempDir private Path dir;

  /** Small networks, but as many as are needed to find some within a bound. */
  private static LayeredSpace space() {
    LayeredSpace.Builder space =
        LayeredSpace.named("quick", DATA.shape(), DATA.classes()).stem(new ConvBnAct(3, 4, 4));
    for (int l = 1; l <= CHOICES; l++) {
      space.choice(
          "block" + l,
          new ConvBnAct(1, 4, 1),
          new ConvBnAct(3, 4, 1),
          new ConvBnAct(5, 4, 1),
          new MbConv(3, 1, 4, 1),
          new MbConv(5, 2, 4, 1),
          new MbConv(5, 3, 4, 1),
          new SkipConnect(4, 1));
    }
    return space.build();
  }

  private static LatencyTable table(double constant) {
    double[][] table = new double[CHOICES][];
    for (int l = 0; l < table.length; l++) {
      table[l] = new double[] {1 + 0.1 * l, 2, 1.5, 3, 2 + 0.05 * l, 4, 0};
    }
    return LatencyTable.of(SPACE, constant, table);
  }

  private static Constraint bound(double share) {
    return Constraint.latency(TABLE.range().at(share), TABLE);
  }

  @AfterEach
  void clear() {
    List.of("method", "preset", "steps", "variant", "nas.results", "table")
        .forEach(System::clearProperty);
  }

  /** What it prints. */
  private String run(double minutes, LatencyTable table, List<Long> seeds, SearchMethod... methods)
      throws IOException {
    return run(DATA, 0.3, minutes, table, seeds, methods);
  }

  private String run(
      ImageData data,
      double share,
      double minutes,
      LatencyTable table,
      List<Long> seeds,
      SearchMethod... methods)
      throws IOException {
    ResultsFolder folder = new ResultsFolder(dir);
    ShortTraining training = new ShortTraining(ExperimentImages.of(data, 160), SPACE, 1, folder);
    SearchValue.Settings settings =
        new SearchValue.Settings(List.of(share), List.of(methods), seeds, 2, minutes);
    return printed(
        () -> new SearchValue(settings, training, table, folder, System.nanoTime()).run());
  }

  private interface Program {
    void run() throws IOException;
  }

  private static String printed(Program program) throws IOException {
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(dir.resolve(file));
  }

  private static List<String> results(String printed) {
    return printed.lines().filter(line -> line.startsWith("RESULT ")).toList();
  }

  @Test
  @Tag("slow")
  void piecesMakeTheSameAsTheWholeAndEachPrintsAllThereIs() throws IOException {
    String first = run(5, TABLE, List.of(1L), LIGHTNAS);
    assertThat(first).contains("about 1 minutes, at most 5").doesNotContain("left out");
    assertThat(lines("searches.jsonl")).hasSize(2);
    List<String> trained = lines("trainings.jsonl");
    assertThat(trained).hasSize(1 + 1 + 2);
    assertThat(results(first))
        .singleElement()
        .asString()
        .contains("\"dataset\":\"generated\"", "\"method\":\"lightnas (4 steps)\"")
        .contains("\"found_acc\":", "\"random_mean\":", "\"random_sd\":", "\"rank\":", "\"of\":3")
        .contains("\"seeds\":1");

    String second = run(5, TABLE, List.of(2L), LIGHTNAS, RANDOM);
    assertThat(lines("searches.jsonl")).hasSize(4);
    assertThat(lines("trainings.jsonl")).startsWith(trained.toArray(String[]::new));
    assertThat(results(second))
        .hasSize(2)
        .first()
        .asString()
        .contains("\"method\":\"lightnas (4 steps)\"", "\"seeds\":2");

    List<String> searched = lines("searches.jsonl");
    trained = lines("trainings.jsonl");
    String nothing = run(5, TABLE, List.of(2L, 1L), LIGHTNAS);
    assertThat(nothing).contains("about 0 minutes").doesNotContain("  1. ");
    assertThat(lines("searches.jsonl")).isEqualTo(searched);
    assertThat(lines("trainings.jsonl")).isEqualTo(trained);
    assertThat(results(nothing)).isEqualTo(results(second));
  }

  @Test
  void whatDoesNotFitTheBudgetIsNamedAndNothingIsDone() throws IOException {
    String printed = run(1e-9, TABLE, List.of(1L, 2L), LIGHTNAS);
    assertThat(printed)
        .contains(
            "left out: the search lightnas (4 steps) 1 at 8.200 ms (the budget of 1.00e-09"
                + " minutes)")
        .contains("left out: the search lightnas (4 steps) 2 at");
    assertThat(results(printed)).isEmpty();
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void whatIsMissingIsSaidInTheTable() throws IOException {
    run(5, TABLE, List.of(1L), RANDOM);
    List<String> lines = new ArrayList<>(lines("trainings.jsonl"));
    assertThat(lines).hasSize(4);
    Files.write(dir.resolve("trainings.jsonl"), lines.subList(0, 3));
    assertThat(run(1e-9, TABLE, List.of(1L), RANDOM))
        .contains("incomplete: random at 8.200 ms: 1 of 1 found and 1 of 2 rivals are trained")
        .contains("left out: rival at 8.200 ms, ")
        .doesNotContain("RESULT");
  }

  @Test
  void whereRivalsAreFewThatIsSaid() throws IOException {
    // Only one architecture takes 2 ms.
    assertThat(run(DATA, 0.0417, 5, TABLE, List.of(1L), RANDOM))
        .contains(
            "left out: 2 of 2 rivals near conv1-skip-skip-skip-skip-skip (there are no more)");
  }

  @Test
  @Tag("slow")
  void trainingsThatDivergeAreNamedAndTheOthersGoOn() throws IOException {
    ImageData huge =
        ImageData.of("huge", scaled(DATA.train().iterator(64)), scaled(DATA.test().iterator(64)));
    String printed = run(huge, 0.3, 5, TABLE, List.of(1L), RANDOM, LIGHTNAS);
    assertThat(printed)
        .contains("left out: random 1 at 8.200 ms, ")
        .contains("left out: the search lightnas (4 steps) 1 at 8.200 ms: The search's loss is NaN")
        .contains("incomplete: random at 8.200 ms: 0 of 1 found and 0 of 2 rivals are trained");
    assertThat(printed.lines().filter(line -> line.startsWith("left out: rival"))).hasSize(2);
  }

  /** Values whose sums are no numbers. */
  private static DataSetIterator scaled(DataSetIterator images) {
    List<DataSet> batches = new ArrayList<>();
    while (images.hasNext()) {
      DataSet batch = images.next();
      batches.add(new DataSet(batch.getFeatures().mul(3e38), batch.getLabels()));
    }
    return new ListDataSetIterator<>(batches);
  }

  @Test
  @Tag("slow")
  void latenciesOfAnotherTableAreAnotherProblemWithTheSameNetworks() throws IOException {
    run(5, TABLE, List.of(1L), RANDOM);
    run(5, table(1.001), List.of(1L), RANDOM);
    List<String> searches = lines("searches.jsonl");
    assertThat(searches).hasSize(3);
    // A search is a draw here, and a millisecond's thousandth moves none.
    assertThat(searches.get(2)).contains(architecture(searches.get(1)));
    assertThat(lines("trainings.jsonl")).hasSize(4);
    assertThat(results(run(5, TABLE, List.of(1L), RANDOM))).hasSize(1);
  }

  private static String architecture(String line) {
    return line.substring(line.indexOf("\"picks\""), line.indexOf("]"));
  }

  @Test
  @Tag("slow")
  void refusesSearchesThatExceedTheirBoundOrNameNoArchitecture() throws IOException {
    run(5, TABLE, List.of(1L), RANDOM);
    Path file = dir.resolve("searches.jsonl");
    String whole = Files.readString(file);
    Files.writeString(file, whole.replaceFirst("\"bound_ms\":8.2", "\"bound_ms\":1.25"));
    assertThatThrownBy(() -> run(5, TABLE, List.of(1L), RANDOM))
        .isInstanceOf(ResultsFileException.class)
        .hasMessageContaining("line 2: a search ends within 1.25 ms, but at 8.");
    Files.writeString(file, whole.replaceFirst("\"picks\":\\[\"[a-z0-9_]+", "\"picks\":[\"none"));
    assertThatThrownBy(() -> run(5, TABLE, List.of(1L), RANDOM))
        .isInstanceOf(ResultsFileException.class)
        .hasMessageContaining("line 2: Choice 'block1' does not offer 'none'; it offers");
  }

  @Test
  void rivalsMeetTheBoundAndCostAboutTheSame() {
    Constraint bound = bound(0.5);
    Architecture found = Rivals.within(bound, 1);
    List<Architecture> rivals = Rivals.of(found, bound, 50);
    assertThat(rivals).hasSize(50).doesNotHaveDuplicates().doesNotContain(found);
    double predicted = TABLE.predict(found);
    assertThat(rivals)
        .allSatisfy(
            rival ->
                assertThat(TABLE.predict(rival))
                    .isBetween(0.97 * predicted, Math.min(1.03 * predicted, bound.bound())));
    // Some are near both ends, or the window is too narrow.
    assertThat(rivals).anyMatch(rival -> TABLE.predict(rival) < 0.98 * predicted);
    assertThat(Rivals.of(found, bound, 20)).isEqualTo(rivals.subList(0, 20));
  }

  @Test
  void foundNetworksOfAboutTheSameCostShareRivals() {
    Constraint bound = bound(0.5);
    Architecture one = Rivals.within(bound, 1);
    Architecture other = Rivals.within(bound, 2);
    assertThat(other).isNotEqualTo(one);
    List<Architecture> shared = new ArrayList<>(Rivals.of(one, bound, 20));
    shared.retainAll(Rivals.of(other, bound, 20));
    assertThat(shared).hasSizeGreaterThan(10);
  }

  @Test
  void aFoundNetworkThatIsARivalOfAnotherIsNotItsOwn() {
    Constraint bound = bound(0.5);
    Architecture found = Rivals.within(bound, 1);
    Architecture rival = Rivals.of(found, bound, 1).get(0);
    assertThat(Rivals.of(rival, bound, 100)).doesNotContain(rival);
  }

  @Test
  void randomSearchUsesTheBoundAndDependsOnItsSeed() {
    Constraint bound = bound(0.3);
    for (long seed = 1; seed <= 20; seed++) {
      Architecture drawn = Rivals.within(bound, seed);
      assertThat(TABLE.predict(drawn)).isBetween(0.97 * bound.bound(), bound.bound());
      assertThat(Rivals.within(bound, seed)).isEqualTo(drawn);
    }
  }

  @Test
  void saysWhereNothingIsNearTheBound() {
    assertThatThrownBy(() -> Rivals.within(Constraint.atMost(1000, TABLE), 1))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "None of 200,000 random architectures of space 'quick' is within 3 % below"
                + " the bound of 1000.000 ms.\n"
                + "Maybe give -Dbounds nearer to the middle of the range.");
  }

  @Test
  void standingIsMeanSpreadAndRank() {
    Standing standing = Standing.of(new double[] {60, 64}, new double[] {58, 62, 66, 62, 57});
    assertThat(standing.found()).isEqualTo(62);
    assertThat(standing.mean()).isEqualTo(61);
    assertThat(standing.sd()).isCloseTo(Math.sqrt(52 / 4.0), Offset.offset(1e-12));
    assertThat(standing.rank()).isEqualTo(2);
    assertThat(standing.of()).isEqualTo(6);
    assertThat(standing.above()).isCloseTo(1 / Math.sqrt(13), Offset.offset(1e-12));
    assertThat(Standing.of(new double[0], new double[] {1}).above()).isNaN();
  }

  @Test
  void labelsTellSettingsApart() {
    assertThat(new SearchMethod("lightnas", "default", 0, "").label())
        .isEqualTo("lightnas (3000 steps)");
    assertThat(new SearchMethod("hsconas", "default", 0, "").label())
        .isEqualTo("hsconas (4000 steps)");
    assertThat(new SearchMethod("lightnas", "gates", 50, "v2").label())
        .isEqualTo("lightnas (gates, 50 steps, v2)");
  }

  @Test
  void everyMethodIsRunWithEveryPresetButRandomHasNone() {
    System.setProperty("method", "random,lightnas");
    System.setProperty("preset", "default,gates");
    System.setProperty("variant", "v2");
    assertThat(SearchMethod.ofProperties().stream().map(SearchMethod::label))
        .containsExactly("random", "lightnas (3000 steps, v2)", "lightnas (gates, 3000 steps, v2)");
  }

  /** On one level, of as many runs of paths as the steps of LightNAS cost. */
  @Test
  void searchesBySurgeNasAtTheSameCost() throws IOException {
    SearchMethod method = new SearchMethod("surgenas", "default", 12, "");
    assertThat(method.label()).isEqualTo("surgenas (12 steps)");
    assertThat(new SearchMethod("surgenas", "gates", 0, "").label())
        .isEqualTo("surgenas (gates, 3000 steps)");
    SearchMethod.Found found =
        method.search(SPACE.on(ExperimentImages.of(DATA, 160).withoutTest()), bound(0.5), 1);
    assertThat(bound(0.5).admits(found.architecture())).isTrue();
    assertThat(found.settings())
        .containsEntry("searcher", "SurgeNAS")
        .containsEntry("steps", Integer.toString(SurgeNas.stepsAsDear(12, SPACE)));
  }

  /** With gates LightNAS looks back too, and SurgeNAS looks at no further paths. */
  @Test
  @Tag("slow")
  void searchesByGatesOfSurgeNasAtTheCostOfThoseOfLightNas() throws IOException {
    int steps = SurgeNas.stepsAsDear(12, SPACE, Estimator.GATES);
    assertThat(steps).isGreaterThan(SurgeNas.stepsAsDear(12, SPACE));
    SearchMethod.Found found =
        new SearchMethod("surgenas", "gates", 12, "")
            .search(SPACE.on(ExperimentImages.of(DATA, 160).withoutTest()), bound(0.5), 1);
    assertThat(found.settings())
        .containsEntry("estimator", "gates")
        .containsEntry("steps", Integer.toString(steps));
  }

  @Test
  void refusesUnknownMethodsPresetsAndSteps() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchMethod("darts", "default", 0, ""))
        .withMessage(
            "There is no method 'darts'.\nMaybe give -Dmethod=lightnas,surgenas,hsconas,random.");
    for (String[] bad :
        new String[][] {
          {"lightnas", "best"},
          {"random", "gates"},
          {"surgenas", "faithful"},
          {"lightnas", "mapped"}
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new SearchMethod(bad[0], bad[1], 0, ""))
          .withMessage(
              "Method '"
                  + bad[0]
                  + "' has no preset '"
                  + bad[1]
                  + "'.\nMaybe give -Dpreset=default, for -Dmethod=lightnas,surgenas"
                  + " -Dpreset=gates, for -Dmethod=lightnas -Dpreset=faithful, and for"
                  + " -Dmethod=surgenas -Dpreset=mapped.");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchMethod("lightnas", "default", 1, ""))
        .withMessage("A search needs at least 2 steps, but -Dsteps is 1.");
  }

  @Test
  void experimentsOfAFolderShareATableUnlessAnotherIsNamed() throws IOException {
    ResultsFolder folder = new ResultsFolder(dir);
    assertThat(new SharedTable(SPACE, folder).exists()).isFalse();
    TABLE.write(dir.resolve("latency-quick-3x24x24.csv"));
    assertThat(new SharedTable(SPACE, folder).get()).isEqualTo(TABLE);
    Path other = dir.resolve("other.csv");
    table(2).write(other);
    System.setProperty("table", other.toString());
    assertThat(new SharedTable(SPACE, folder).get()).isEqualTo(table(2));
  }

  @Test
  void withoutAFolderResultsGoToATemporaryOneThatIsNamed() throws IOException {
    List<ResultsFolder> folders = new ArrayList<>();
    String printed = printed(() -> folders.add(ResultsFolder.ofProperty()));
    Path temporary = folders.get(0).path();
    assertThat(temporary).isEmptyDirectory();
    assertThat(printed).contains("-Dnas.results=" + temporary);
    Files.delete(temporary);
    System.setProperty("nas.results", dir.toString());
    printed = printed(() -> folders.add(ResultsFolder.ofProperty()));
    assertThat(folders.get(1).path()).isEqualTo(dir);
    assertThat(printed).contains(dir.toString());
  }
}
