package org.lightnas.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {

  private static final String EVIL = "\"'/><script>alert(1)</script>&amp;\u0000\ud800";

  static Document parse(String xml) throws Exception {
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    return builder.parse(new InputSource(new StringReader(xml)));
  }

  @Test
  void givesTheSameBytesForTheSameInput() {
    assertThat(DemoReport.report().html()).isEqualTo(DemoReport.report().html());
  }

  @Test
  void isWellFormedWithADescriptionForEveryChart() throws Exception {
    NodeList charts = parse(DemoReport.report().html()).getElementsByTagName("svg");
    assertThat(charts.getLength()).isGreaterThan(20);
    for (int i = 0; i < charts.getLength(); i++) {
      Element chart = (Element) charts.item(i);
      assertThat(chart.getAttribute("role")).isEqualTo("img");
      assertThat(chart.getAttribute("aria-label")).containsAnyOf("chart", "Heat map");
      assertThat(chart.getAttribute("viewBox")).startsWith("0 0 ").doesNotContain("NaN");
    }
  }

  @Test
  void drawsNothingOutsideItsCharts() throws Exception {
    NodeList charts = parse(DemoReport.report().html()).getElementsByTagName("svg");
    for (int i = 0; i < charts.getLength(); i++) {
      Element chart = (Element) charts.item(i);
      double width = Double.parseDouble(chart.getAttribute("width"));
      double height = Double.parseDouble(chart.getAttribute("height"));
      NodeList texts = chart.getElementsByTagName("text");
      for (int t = 0; t < texts.getLength(); t++) {
        Element text = (Element) texts.item(t);
        String shown = text.getFirstChild().getNodeValue();
        double size = TextSize.width(shown, fontSize(text.getAttribute("class")));
        double x = Double.parseDouble(text.getAttribute("x"));
        double share =
            switch (text.getAttribute("text-anchor")) {
              case "end" -> 1;
              case "middle" -> 0.5;
              default -> 0;
            };
        double across = text.hasAttribute("transform") ? size * Math.sqrt(0.5) : size;
        assertThat(x - share * across).as(shown).isGreaterThanOrEqualTo(-0.5);
        assertThat(x + (1 - share) * across).as(shown).isLessThanOrEqualTo(width + 0.5);
        assertThat(Double.parseDouble(text.getAttribute("y"))).as(shown).isBetween(8.0, height);
      }
    }
  }

  private static double fontSize(String style) {
    return switch (style) {
      case "title" -> 1.14 * Svg.TITLE_SIZE;
      case "label" -> Svg.BOLD_LABEL;
      case "tick picked" -> Svg.BOLD_TICK;
      case "key", "value" -> Svg.LABEL_SIZE;
      default -> Svg.TICK_SIZE;
    };
  }

  @Test
  void needsNoScriptAndNoNetwork() {
    String html = DemoReport.report().html();
    assertThat(html)
        .contains("default-src 'none'")
        .doesNotContain("<script")
        .doesNotContain("src=")
        .doesNotContain("@import")
        .doesNotContain("url(");
    assertThat(Pattern.compile("https?://").matcher(html).results().map(r -> r.end()).toList())
        .allSatisfy(end -> assertThat(html.substring(end)).startsWith("www.w3.org/"));
  }

  @Test
  void escapesEveryText() throws Exception {
    double[] one = {1};
    List<String> evil = List.of(EVIL);
    String html =
        HtmlReport.titled(EVIL)
            .subtitle(EVIL)
            .section(EVIL)
            .text(EVIL)
            .verdict(false, EVIL)
            .tiles(Map.of(EVIL, EVIL))
            .facts(Map.of(EVIL, EVIL))
            .table(evil, List.of(evil))
            .chart(
                LineChart.titled(EVIL).x(EVIL).y(EVIL).line(EVIL, one).reference(EVIL, 1).build())
            .chart(
                HeatMap.titled(EVIL)
                    .rows(evil)
                    .columns(evil)
                    .values(new double[][] {one})
                    .mark(0, 0)
                    .markLabel(EVIL)
                    .build())
            .chart(
                BarChart.titled(EVIL)
                    .categories(evil)
                    .bars(EVIL, 1)
                    .bars(EVIL + 2, 1)
                    .unit(EVIL)
                    .reference(EVIL, 1)
                    .build())
            .chart(
                ScatterChart.titled(EVIL)
                    .x(EVIL)
                    .y(EVIL)
                    .points(EVIL, one, one)
                    .diagonal(EVIL)
                    .reference(EVIL, 1)
                    .build())
            .build()
            .html();
    assertThat(html).doesNotContain("<script").doesNotContain("\u0000");
    Document page = parse(html);
    assertThat(page.getElementsByTagName("script").getLength()).isZero();
    assertThat(page.getElementsByTagName("h1").item(0).getTextContent())
        .isEqualTo("\"'/><script>alert(1)</script>&amp;\ufffd\ufffd");
    assertThat(page.getElementsByTagName("td").item(0).getTextContent()).contains("<script>");
  }

  @Test
  void alignsColumnsOfNumbersOnly() throws Exception {
    String html =
        HtmlReport.titled("t")
            .table(
                List.of("id", "ms", "share", "mixed", "none"),
                List.of(
                    List.of("a1", "23.9 ms", "−1.5e-3", "1", "–"),
                    List.of("b", "1,024 ms", "71 %", "k3", "")))
            .build()
            .html();
    NodeList headers = parse(html).getElementsByTagName("th");
    assertThat(List.of(0, 1, 2, 3, 4))
        .extracting(i -> ((Element) headers.item(i)).getAttribute("class"))
        .containsExactly("", "n", "n", "", "");
  }

  @Test
  void staysSmallForLongSeries() {
    double[] y = DemoReport.array(100_000, i -> Math.sin(i) * i);
    Chart chart = LineChart.titled("long").line("y", y).build();
    assertThat(chart.svg()).hasSizeLessThan(60_000);
    assertThat(chart.svg()).contains("100,000 values");
  }

  @Test
  void writesTheFileItReturns(@TempDir Path folder) throws IOException {
    HtmlReport report = DemoReport.report();
    Path file = folder.resolve("runs/one/report.html");
    report.write(file);
    assertThat(Files.readString(file)).isEqualTo(report.html());
  }

  @Test
  void namesTheFileItCannotWrite(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("taken")).resolve("report.html");
    assertThatThrownBy(() -> HtmlReport.titled("t").build().write(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void separatesParagraphsAtBlankLines() throws Exception {
    String html = HtmlReport.titled("t").text("one\nstill one\n\n two ").build().html();
    assertThat(parse(html).getElementsByTagName("p").getLength()).isEqualTo(2);
  }

  @Test
  void rejectsABlankTitleHeadingOrVerdict() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HtmlReport.titled(" "))
        .withMessage(
            "The title of a report is blank.\nMaybe say in a few words what it stands for.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HtmlReport.titled("t").section(""))
        .withMessageStartingWith("The heading of a section is blank.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HtmlReport.titled("t").verdict(true, ""))
        .withMessageStartingWith("The text of a verdict is blank.");
  }

  @Test
  void rejectsATableWithoutColumns() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HtmlReport.titled("t").table(List.of(), List.of()))
        .withMessage("A table of report 't' has no columns.\nMaybe name them in the header.");
  }

  @Test
  void rejectsARowOfAnotherLengthAndNamesIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                HtmlReport.titled("t")
                    .table(List.of("a", "b"), List.of(List.of("1", "2"), List.of("3"))))
        .withMessage(
            "Row 1 of a table of report 't' has 1 cells for the 2 columns [a, b].\n"
                + "Maybe pass empty text for cells without content.");
  }

  @Test
  void rejectsAnEmptyMap() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HtmlReport.titled("t").facts(Map.of()))
        .withMessage("Report 't' is given an empty map to show.\nMaybe leave this part out.");
  }
}
