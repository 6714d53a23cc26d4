package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.Provenance;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Verdict;
import org.lightnas.space.Architecture;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class SearchResultTest {

  private static final Architecture FOUND = Tiny.SPACE.architecture(0, 2, 1);
  private static final double[][] PROBABILITIES = {{0.7, 0.2, 0.1}, {0, 0.6, 0.4}, {0.05, 0.95}};

  private static Verdict verdict(double measured) {
    return new Verdict(Metric.LATENCY, 4.5, 4.25, new Measurement(measured, 0.02, 20, 1, 1, 1));
  }

  private static SearchResult result(Constraint constraint, Verdict... verdicts) {
    List<SearchStep> history =
        IntStream.range(0, 30)
            .mapToObj(
                i ->
                    new SearchStep(
                        i,
                        i < 10 ? Phase.WARM_UP : i % 2 == 0 ? Phase.WEIGHTS : Phase.LOGITS,
                        2.0 / (i + 1),
                        List.of(new SearchStep.Pressure(6 - 0.05 * i, -0.1 * i)),
                        0.5))
            .toList();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("searcher", "LightNAS");
    settings.put("steps", "30");
    Provenance provenance =
        new Provenance(
            "1.0", "Java 17", "Linux", 2, "kernels <&>", "stripes 0123", 7, Instant.EPOCH);
    return new SearchResult(
        FOUND,
        List.of(constraint),
        List.of(verdicts[verdicts.length - 1]),
        Arrays.stream(verdicts).map(v -> new Attempt(FOUND, List.of(v))).toList(),
        List.of(new Swap("two", "k5e2", "skip")),
        PROBABILITIES,
        history,
        new MemoryEstimate(1, 3),
        settings,
        provenance,
        Duration.ofMillis(12_345));
  }

  private static SearchResult result() {
    return result(Constraint.atMost(4.5, Tiny.TABLE), verdict(4.6), verdict(4.4));
  }

  @Test
  void itsJsonGivesTheArchitectureBackAndHoldsWhatWasFound() throws IOException {
    String json = result().toJson();
    assertThat(Tiny.SPACE.read(json)).isEqualTo(FOUND);
    JsonNode root = new ObjectMapper().readTree(json);
    assertThat(root.get("format").intValue()).isEqualTo(1);
    JsonNode verdict = root.get("verdicts").get(0);
    assertThat(verdict.get("metric").asText()).isEqualTo("latency");
    assertThat(verdict.get("unit").asText()).isEqualTo("ms");
    assertThat(verdict.get("bound").doubleValue()).isEqualTo(4.5);
    assertThat(verdict.get("predicted").doubleValue()).isEqualTo(4.25);
    assertThat(verdict.get("measured").doubleValue()).isEqualTo(4.4);
    assertThat(verdict.get("spread").doubleValue()).isEqualTo(0.02);
    assertThat(verdict.get("satisfied").booleanValue()).isTrue();
    assertThat(root.get("swaps").get(0).asText()).isEqualTo("two: k5e2 → skip");
    assertThat(root.get("settings").get("steps").asText()).isEqualTo("30");
    assertThat(root.get("provenance").get("kernels").asText()).isEqualTo("kernels <&>");
    assertThat(root.get("seconds").doubleValue()).isEqualTo(12.345);
  }

  @Test
  void leavesOutWhatWasNotMeasured() throws IOException {
    Constraint constraint = Constraint.atMost(4.5, Tiny.TABLE);
    String json = result(constraint, constraint.verify(FOUND)).toJson();
    JsonNode verdict = new ObjectMapper().readTree(json).get("verdicts").get(0);
    assertThat(verdict.get("predicted").doubleValue()).isEqualTo(Tiny.TABLE.predict(FOUND));
    assertThat(verdict.has("measured")).isFalse();
    assertThat(verdict.has("spread")).isFalse();
  }

  @Test
  void savesWholeFilesAndReplacesOlderOnes(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("runs/one/result.json");
    result().write(file);
    assertThat(Tiny.SPACE.read(Files.readString(file))).isEqualTo(FOUND);
    Files.writeString(file, "older and longer: " + "x".repeat(10_000));
    result().write(file);
    assertThat(Files.readString(file)).isEqualTo(result().toJson());
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void namesTheFileItCannotWriteAndLeavesNothingBehind(@TempDir Path folder) throws IOException {
    Path taken = Files.createDirectories(folder.resolve("result.json/sub")).getParent();
    assertThatThrownBy(() -> result().write(taken))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot write '" + taken + "'");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(taken);
    }
  }

  @Test
  void saysWhatItIs() {
    assertThat(result())
        .hasToString(
            "k3e2-skip-skip: asked ≤ 4.500 ms, predicted 4.250 ms, measured 4.400 ±0.020 ms:"
                + " satisfied");
    assertThat(new Swap("two", "k5e2", "skip")).hasToString("two: k5e2 → skip");
  }

  @Test
  void keepsWhatItWasGivenAndGivesCopies() {
    double[][] p = {{1, 0, 0}, {1, 0, 0}, {1, 0}};
    List<Verdict> verdicts = new ArrayList<>(List.of(verdict(4)));
    SearchResult base = result();
    SearchResult result =
        new SearchResult(
            FOUND,
            base.constraints(),
            verdicts,
            base.attempts(),
            base.swaps(),
            p,
            base.history(),
            base.memory(),
            base.settings(),
            base.provenance(),
            base.elapsed());
    p[0][0] = 9;
    verdicts.clear();
    result.probabilities()[1][0] = 9;
    assertThat(result.probabilities()[0][0]).isEqualTo(1);
    assertThat(result.probabilities()[1][0]).isEqualTo(1);
    assertThat(result.verdicts()).hasSize(1);
    assertThat(result.settings().keySet()).containsExactly("searcher", "steps");
  }

  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static List<String> texts(Document page, String tag) {
    NodeList nodes = page.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getTextContent())
        .toList();
  }

  private static List<List<String>> rows(Document page, int table) {
    NodeList rows =
        ((Element) page.getElementsByTagName("tbody").item(table)).getElementsByTagName("tr");
    return IntStream.range(0, rows.getLength())
        .mapToObj(
            i -> {
              NodeList cells = ((Element) rows.item(i)).getElementsByTagName("td");
              return IntStream.range(0, cells.getLength())
                  .mapToObj(c -> cells.item(c).getTextContent())
                  .toList();
            })
        .toList();
  }

  @Test
  void itsReportShowsVerdictChoicesSettingsAndProvenance() throws Exception {
    Document page = parse(result().page().html());
    assertThat(texts(page, "h1")).containsExactly("Search in tiny");
    assertThat(texts(page, "p"))
        .anyMatch(text -> text.contains("measured 4.400 ±0.020 ms: satisfied"));
    assertThat(rows(page, 0))
        .containsExactly(
            List.of("one", "k3e2", "0.700", "–", "–"),
            List.of("two", "skip", "0.400", "k5e2", "0.600"),
            List.of("three", "skip", "0.950", "–", "–"));
    assertThat(texts(page, "dt")).contains("searcher", "steps", "kernels", "seed", "time");
    assertThat(texts(page, "dd")).contains("LightNAS", "30", "kernels <&>", "stripes 0123", "7");
    assertThat(texts(page, "dt")).contains("measured ±0.020", "of 3 picks swapped");
    assertThat(texts(page, "dd")).contains("4.400 ms", "1", "12 s");
    assertThat(rows(page, 1))
        .containsExactly(
            List.of("1", "latency", "4.250 ms", "4.600 ms", "4.640 ms", "not satisfied"),
            List.of("2", "latency", "4.250 ms", "4.400 ms", "4.440 ms", "satisfied"));
    assertThat(texts(page, "p")).anyMatch(text -> text.contains("In the first 10 passes only"));
    assertThat(page.getDocumentElement().getTextContent()).doesNotContain("not drawn");
    assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(5);
  }

  @Test
  void itsReportOfOneVerdictHasNoRepairs() throws Exception {
    Constraint constraint = Constraint.atMost(4.5, Tiny.TABLE);
    Document page = parse(result(constraint, constraint.verify(FOUND)).page().html());
    assertThat(texts(page, "h2")).noneMatch(heading -> heading.contains("repaired"));
  }

  @Test
  void itsReportShowsBoundsOnOtherMetrics() throws Exception {
    Predictor macs = Predictor.of(Tiny.SPACE, Metric.MACS, a -> 1e6 * Tiny.TABLE.predict(a));
    Constraint constraint = Constraint.atMost(5e6, macs);
    Document page = parse(result(constraint, constraint.verify(FOUND)).page().html());
    assertThat(texts(page, "dd")).contains("5,000,000 MAC", "4,250,000 MAC");
  }
}
