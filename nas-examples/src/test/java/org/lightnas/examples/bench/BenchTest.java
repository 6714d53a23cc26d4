package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.examples.bench.Bench.Spread;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;

class BenchTest {

  /** What a side sees, in JSON; run in a JVM of its own. */
  static final class Echo {

    private Echo() {}

    public static void main(String... args) {
      if (args[0].equals("broken")) {
        throw new IllegalStateException("too hot");
      }
      System.out.println("something a library prints");
      Map<String, Object> seen = new LinkedHashMap<>();
      seen.put("name", args[0]);
      seen.put("threads", System.getenv("OMP_NUM_THREADS"));
      seen.put("processors", Runtime.getRuntime().availableProcessors());
      seen.put("spin", System.getenv("GOMP_SPINCOUNT"));
      seen.put("option", System.getProperty("bench.option"));
      System.out.println(Bench.json(seen));
    }
  }

  @AfterEach
  void clear() {
    System.clearProperty("space");
  }

  private static Side echo(String name, boolean tuned) {
    return Side.java(name, Echo.class, List.of("-Xmx64m", "-Dbench.option=a b"), 1, tuned);
  }

  @Test
  @Tag("slow")
  void aSideRunsInAProcessOfItsOwnAndReturnsItsFigures() {
    List<JsonNode> lines = echo("some side", true).run();
    assertThat(lines).hasSize(1);
    JsonNode seen = lines.get(0);
    assertThat(seen.path("name").asText()).isEqualTo("some side");
    assertThat(seen.path("threads").asText()).isEqualTo("1");
    assertThat(seen.path("processors").asInt()).isEqualTo(1);
    assertThat(seen.path("option").asText()).isEqualTo("a b");
    // The build sets it for every test.
    assertThat(seen.path("spin").asText()).isEqualTo(System.getenv("GOMP_SPINCOUNT"));
  }

  @Test
  @Tag("slow")
  void anUntunedSideGetsNoTuning() {
    assertThat(echo("plain", false).run().get(0).path("spin").isNull()).isTrue();
  }

  @Test
  void aBrokenSideIsReportedWithItsLastWords() {
    assertThatThrownBy(() -> echo("broken", true).run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "'broken' ended with exit code 1: Exception in thread \"main\""
                + " java.lang.IllegalStateException: too hot");
  }

  @Test
  void quartilesAreInterpolated() {
    Spread spread = Spread.of(4, 1, 3, 2);
    assertThat(spread).isEqualTo(new Spread(1, 1.75, 2.5, 3.25, 4, 4));
    assertThat(Spread.of(7).quartiles()).containsExactly(7, 7);
    assertThat(Spread.of().median()).isNaN();
  }

  @Test
  void resultsAreRoundedAndMissingOnesAreNull() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("ms", 46.41234);
    values.put("share", 0.001234567);
    values.put("none", Double.NaN);
    values.put("macs", 11_500_000L);
    assertThat(Bench.json(values))
        .isEqualTo("{\"ms\":46.41,\"share\":0.001235,\"none\":null,\"macs\":11500000}");
  }

  @Test
  void figuresAreShownInATableAndInLines() {
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      Bench.results(
          List.of(Map.of("bound_ms", 2.5), ImmutableMap.of("bound_ms", 12.25, "n", 3, "id", "a")),
          "id");
    } finally {
      System.setOut(console);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "bound ms   n",
            "2.50       -",
            "12.3       3",
            "RESULT {\"bound_ms\":2.5}",
            "RESULT {\"bound_ms\":12.25,\"n\":3,\"id\":\"a\"}");
  }

  /** {@code FIXED} of the yardstick script, and {@code BLOCKS} of loss_curve.py. */
  @Test
  void theReferenceNetworkIsTheOneOfTheScripts() {
    int[][] blocks = {
      {16, 16, 3, 3, 1},
      {16, 24, 6, 3, 2},
      {24, 24, 6, 5, 1},
      {24, 32, 6, 3, 2},
      {32, 32, 6, 5, 1},
      {32, 32, 6, 7, 1}
    };
    LayeredSpace space = StepSpeed.space();
    LayerGraph graph = LayerGraph.of(space, StepSpeed.reference(space));
    List<String> convolutions =
        graph.nodes().stream()
            .filter(Node.Convolution.class::isInstance)
            .map(Node.Convolution.class::cast)
            .map(BenchTest::describe)
            .toList();
    List<String> expected = new ArrayList<>();
    expected.add("[3, 3, 3, 16] / 1");
    for (int[] block : blocks) {
      int inner = block[0] * block[2];
      expected.add("[1, 1, " + block[0] + ", " + inner + "] / 1");
      expected.add("[" + block[3] + ", " + block[3] + ", " + inner + ", 1] / " + block[4]);
      expected.add("[1, 1, " + inner + ", " + block[1] + "] / 1");
    }
    expected.add("[1, 1, 32, 128] / 1");
    assertThat(convolutions).isEqualTo(expected);
    long trained =
        graph.parameters().stream().filter(Parameter::trained).mapToLong(Parameter::size).sum();
    assertThat(trained).isBetween(74_000L, 77_000L);
  }

  private static String describe(Node.Convolution node) {
    return node.parameters().get(0).shape() + " / " + node.window().strideH();
  }

  @Test
  void theSpaceHasSixChoicesOfSevenCandidatesTheLastASkip() {
    assertThat(StepSpeed.space().choices())
        .hasSize(6)
        .allSatisfy(
            choice -> {
              assertThat(choice.size()).isEqualTo(7);
              assertThat(choice.candidates().get(6).id()).isEqualTo("skip");
            });
  }

  @Test
  void knowsTwoSpacesByName() {
    assertThat(StepSpeed.space("small").choices().get(0).size()).isEqualTo(7);
    LayeredSpace shuffle = StepSpeed.space("shuffle");
    assertThat(shuffle.choices().get(0).size()).isGreaterThan(SharedTable.FEW);
    assertThat(StepSpeed.reference(shuffle))
        .hasToString(
            "shuffle3w0.7-shuffle5w0.7-shuffle7w0.7-xceptionw0.7"
                + "-shuffle3w0.7-shuffle5w0.7-shuffle7w0.7-xceptionw0.7");
    System.setProperty("space", "large");
    assertThatIllegalArgumentException()
        .isThrownBy(StepSpeed::spaceName)
        .withMessage("There is no space 'large'.\nMaybe give -Dspace=small or -Dspace=shuffle.");
  }

  @Test
  void thePathsOfAnEpochAreExtremeAndMean() {
    LayeredSpace space = StepSpeed.space();
    Map<String, Architecture> paths = EpochSpeed.paths(space);
    assertThat(paths.keySet()).containsExactly("smallest", "mean", "largest");
    assertThat(paths.get("smallest")).isEqualTo(space.uniform(6));
    assertThat(paths.get("largest")).isEqualTo(space.uniform(5));
    // The choices are independent, so the mean of all is that of the uniform paths.
    double mean = 0;
    for (int k = 0; k < 7; k++) {
      mean += Cost.of(space.uniform(k)).macs() / 7.0;
    }
    double macs = Cost.of(paths.get("mean")).macs();
    assertThat(macs).isBetween(0.98 * mean, 1.02 * mean);
  }
}
