package org.lightnas.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.data.Offset.offset;
import static org.lightnas.report.HtmlReportTest.parse;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartTest {

  private static final double NAN = Double.NaN;

  private static List<Element> marks(Chart chart, String tag, String style) throws Exception {
    Document svg = parse(chart.svg());
    NodeList found = svg.getElementsByTagName(tag);
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> (Element) found.item(i))
        .filter(e -> List.of(e.getAttribute("class").split(" ")).contains(style))
        .toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  private static BarChart.Builder bars() {
    return BarChart.titled("bars").categories(List.of("a", "b"));
  }

  private static HeatMap.Builder heat() {
    return HeatMap.titled("heat").rows(List.of("r")).columns(List.of("c", "d"));
  }

  private static void rejects(Runnable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(message);
  }

  private static void refuses(Runnable call, String message) {
    assertThatIllegalStateException().isThrownBy(call::run).withMessage(message);
  }

  @Test
  void standsAloneWithItsStyle() throws Exception {
    Chart chart = DemoReport.search(100);
    Element svg = parse(chart.svg()).getDocumentElement();
    assertThat(svg.getAttribute("width")).isEqualTo("966");
    assertThat(svg.getElementsByTagName("style").getLength()).isEqualTo(1);
    assertThat(chart.title()).isEqualTo("The latency settles at its target");
    assertThat(svg.getAttribute("aria-label")).startsWith(chart.title()).contains("target 24 ms");
  }

  @Test
  void drawsTheReferenceAtTheHeightOfItsValue() throws Exception {
    Chart chart = LineChart.titled("t").line("y", new double[] {5, 5}).reference("r", 5).build();
    String path = marks(chart, "path", "line").get(0).getAttribute("d");
    Element reference = marks(chart, "line", "reference").get(0);
    assertThat(path).endsWith(" " + reference.getAttribute("y1"));
  }

  @Test
  void alignsPanelsAcrossTheirDifferentLabels() throws Exception {
    Chart chart =
        LineChart.titled("t")
            .line("a", new double[] {1_000_000, 2_000_000})
            .panel("small")
            .line("b", new double[] {0, 1})
            .build();
    assertThat(marks(chart, "line", "axis").stream().limit(2))
        .extracting(e -> e.getAttribute("x1"))
        .hasSize(2)
        .containsOnly(marks(chart, "line", "grid").get(0).getAttribute("x1"));
  }

  @Test
  void leavesGapsAndCountsThem() {
    double[] y = {1, NAN, 2, Double.POSITIVE_INFINITY, 1e200, 3};
    assertThat(LineChart.titled("t").line("y", y).build().svg())
        .contains("3 values are not drawn: not a finite number.");
  }

  @Test
  void leavesOutOfALogarithmicLineWhatIsNotPositive() {
    double[] y = {1, 0, 10};
    assertThat(LineChart.titled("t").logY().line("y", y).reference("r", -1).build().svg())
        .contains("2 values are not drawn: not positive, and the axis is logarithmic.");
  }

  @Test
  void averagesAroundEachValueWithoutGaps() {
    String svg =
        LineChart.titled("t").smoothed("y", new double[] {0, 3, NAN, 6, 6}, 3).build().svg();
    assertThat(svg).contains("line strong ln0").contains("line faint ln0");
  }

  @Test
  void keepsItsOwnCopyOfTheValues() {
    double[] y = {1, 2};
    Chart chart = LineChart.titled("t").line("y", y).build();
    String before = chart.svg();
    y[0] = 9;
    assertThat(chart.svg()).isEqualTo(before);
  }

  @Test
  void drawsBarsFromZeroInBothDirections() throws Exception {
    List<Element> bars = marks(bars().bars("x", -1, 2).build(), "rect", "fl0");
    assertThat(number(bars.get(0), "x") + number(bars.get(0), "width"))
        .isEqualTo(number(bars.get(1), "x"));
    assertThat(number(bars.get(1), "width"))
        .isCloseTo(2 * number(bars.get(0), "width"), offset(0.05));
  }

  @Test
  void stacksBarsEndToEndAndWritesTheSum() throws Exception {
    Chart chart = bars().stacked().bars("x", 1, NAN).bars("y", 2, NAN).build();
    Element first = marks(chart, "rect", "fl0").get(0);
    Element second = marks(chart, "rect", "fl1").get(1); // after the legend's
    assertThat(number(second, "x"))
        .isCloseTo(
            number(marks(chart, "rect", "fl0").get(1), "x")
                + number(marks(chart, "rect", "fl0").get(1), "width"),
            offset(0.05));
    assertThat(number(first, "width")).isEqualTo(12);
    assertThat(chart.svg()).contains(">3.00</text>").contains("2 values are not drawn");
  }

  @Test
  void coloursCellsByValueAndNamesThePickedOne() {
    String svg = heat().values(new double[][] {{0, 1}}).range(0, 1).mark(0, 1).build().svg();
    assertThat(svg)
        .contains("class=\"h0\"")
        .contains("class=\"h" + (Theme.HEAT_LEVELS - 1) + "\"")
        .contains("<title>r, d: 1 (picked)</title>")
        .contains("picked: r: d 1.");
  }

  @Test
  void showsNoColourForACellThatDoesNotExist() throws Exception {
    Chart chart = heat().values(new double[][] {{NAN, 1}}).build();
    assertThat(marks(chart, "rect", "missing")).hasSize(1);
    assertThat(chart.svg()).contains("r, c: none");
  }

  @Test
  void givesADiagonalOneScaleForBothAxes() throws Exception {
    Chart chart =
        ScatterChart.titled("t")
            .points("p", new double[] {1, 2}, new double[] {10, 30})
            .diagonal("exact")
            .build();
    Element line = marks(chart, "line", "reference").get(1); // after the legend's
    assertThat(number(line, "x2") - number(line, "x1"))
        .isEqualTo(number(line, "y1") - number(line, "y2"));
  }

  @Test
  void saysHowManyPointsOfACloudAreDrawn() {
    assertThat(DemoReport.cloud().svg()).contains(" of 100,000 points drawn");
    assertThat(
            ScatterChart.titled("t")
                .points("p", new double[] {1, NAN}, new double[] {1, 2})
                .build()
                .svg())
        .contains("1 value is not drawn: not a pair of finite numbers.");
  }

  @Test
  void rejectsBlankTexts() {
    double[] one = {1};
    rejects(() -> LineChart.titled(""), blank("title of a line chart"));
    rejects(() -> BarChart.titled(""), blank("title of a bar chart"));
    rejects(() -> HeatMap.titled(""), blank("title of a heat map"));
    rejects(() -> ScatterChart.titled(""), blank("title of a scatter chart"));
    LineChart.Builder line = LineChart.titled("t");
    rejects(() -> line.line("", one), blank("name of a line in chart 't'"));
    rejects(() -> line.reference("", 1), blank("label of a reference in chart 't'"));
    rejects(() -> bars().bars("", 1, 2), blank("name of the bars in chart 'bars'"));
    rejects(() -> bars().reference("", 1), blank("label of a reference in chart 'bars'"));
    rejects(() -> heat().markLabel(""), blank("mark label of heat map 'heat'"));
    ScatterChart.Builder cloud = ScatterChart.titled("t");
    rejects(() -> cloud.points("", one, one), blank("name of a group of points in chart 't'"));
    rejects(() -> cloud.diagonal(""), blank("label of the diagonal in chart 't'"));
    rejects(() -> cloud.reference("", 1), blank("label of a reference in chart 't'"));
  }

  private static String blank(String role) {
    return "The " + role + " is blank.\nMaybe say in a few words what it stands for.";
  }

  @Test
  void rejectsPairsOfDifferentLengthOrNone() {
    String different =
        "'y' of chart 't' has 1 x values and 2 y values.\nMaybe cut both to the same length.";
    rejects(() -> LineChart.titled("t").line("y", new double[1], new double[2]), different);
    rejects(() -> ScatterChart.titled("t").points("y", new double[1], new double[2]), different);
    String empty = "'y' of chart 't' has no values.\nMaybe leave it out until there are some.";
    rejects(() -> LineChart.titled("t").line("y", new double[0]), empty);
    rejects(() -> ScatterChart.titled("t").points("y", new double[0], new double[0]), empty);
  }

  @Test
  void rejectsStepsThatDescendOrAreNotFinite() {
    rejects(
        () -> LineChart.titled("t").line("y", new double[] {2, 1}, new double[2]),
        "x value 1 of line 'y' in chart 't' is 1.0, after 2.0.\n"
            + "Maybe sort the points; x must be finite and must not descend.");
    rejects(
        () -> LineChart.titled("t").line("y", new double[] {NAN}, new double[1]),
        "x value 0 of line 'y' in chart 't' is NaN, after nothing.\n"
            + "Maybe sort the points; x must be finite and must not descend.");
  }

  @Test
  void rejectsNamesGivenTwice() {
    double[] one = {1};
    rejects(
        () -> LineChart.titled("t").line("y", one).line("y", one),
        "Chart 't' has a line 'y' already.\nMaybe put it into another panel.");
    rejects(
        () -> bars().bars("x", 1, 2).bars("x", 1, 2),
        "Chart 'bars' has bars 'x' already.\nMaybe give the series names that differ.");
    rejects(
        () -> ScatterChart.titled("t").points("p", one, one).points("p", one, one),
        "Chart 't' has points 'p' already.\nMaybe give the groups names that differ.");
  }

  @Test
  void rejectsAWindowThatIsNotPositive() {
    rejects(
        () -> LineChart.titled("t").smoothed("y", new double[] {1}, 0),
        "The window of line 'y' in chart 't' is 0.\nMaybe average over 50 values.");
  }

  @Test
  void rejectsReferencesThatCannotBeDrawn() {
    String message = "'r' of chart 't' is at NaN, which cannot be drawn.\nMaybe leave it out.";
    rejects(() -> LineChart.titled("t").reference("r", NAN), message);
    rejects(() -> BarChart.titled("t").reference("r", NAN), message);
    rejects(() -> ScatterChart.titled("t").reference("r", NAN), message);
  }

  @Test
  void refusesChartsWithNothingToDraw() {
    refuses(
        () -> LineChart.titled("t").build(),
        "Panel 1 of chart 't' has no line.\nMaybe call line(name, values).");
    refuses(
        () -> LineChart.titled("t").panel("y"),
        "Panel 1 of chart 't' has no line.\nMaybe call line(name, values).");
    refuses(() -> bars().build(), "Chart 'bars' has no bars.\nMaybe call bars(name, values).");
    refuses(
        () -> heat().build(),
        "Heat map 'heat' has no values.\nMaybe call rows, columns and values.");
    refuses(
        () -> ScatterChart.titled("t").build(),
        "Chart 't' has no points.\nMaybe call points(name, x, y).");
  }

  @Test
  void rejectsBarsThatDoNotMatchTheCategories() {
    rejects(
        () -> BarChart.titled("t").categories(List.of()),
        "Chart 't' has an empty list of categories.\nMaybe leave the chart out.");
    rejects(
        () -> bars().bars("x", 1),
        "'x' of chart 'bars' has 1 values for 2 categories.\n"
            + "Maybe call categories first; NaN stands for a bar that is missing.");
    refuses(
        () -> bars().bars("x", 1, 2).categories(List.of("a")),
        "Chart 'bars' has bars already.\nMaybe call categories before bars.");
  }

  @Test
  void rejectsNegativeBarsInAStackWhicheverComesFirst() {
    String message =
        "'x' of stacked chart 'bars' is -1.0 at 'b'.\n"
            + "Maybe show bars side by side; only values from 0 up can be stacked.";
    rejects(() -> bars().stacked().bars("x", 1, -1), message);
    rejects(() -> bars().bars("x", 1, -1).stacked(), message);
  }

  @Test
  void rejectsATableThatDoesNotMatchItsLabels() {
    rejects(
        () -> HeatMap.titled("t").rows(List.of()),
        "Heat map 't' has an empty list of rows.\nMaybe leave the chart out.");
    rejects(
        () -> heat().values(new double[2][2]),
        "Heat map 'heat' has 2 rows of values and 1 row labels.\nMaybe call rows first.");
    rejects(
        () -> heat().values(new double[1][3]),
        "Row 'r' of heat map 'heat' has 3 values for 2 columns.\n"
            + "Maybe call columns first; NaN stands for a cell that does not exist.");
    refuses(
        () -> heat().values(new double[1][2]).columns(List.of("c")),
        "Heat map 'heat' has values already.\nMaybe call columns before values.");
  }

  @Test
  void rejectsAnEmptyRangeAndACellOutside() {
    rejects(
        () -> heat().range(1, 1),
        "The range of heat map 'heat' is 1.0 to 1.0.\n"
            + "Maybe give two finite numbers, the lower first.");
    rejects(
        () -> heat().values(new double[1][2]).mark(0, 2),
        "Heat map 'heat' has no cell [0][2]: its shape is [1][2].\n"
            + "Maybe call values first; indices start at 0.");
  }
}
