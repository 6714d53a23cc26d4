package org.lightnas.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something drawn to scale. Immutable; drawn the same way every time.
 *
 * <p>Values that cannot be drawn (NaN, infinite, or beyond 1e100 in magnitude) are gaps, and a line
 * under the chart counts them.
 *
 * @since 0.1.0
 */
public abstract sealed class Chart permits BarChart, HeatMap, LineChart, ScatterChart {

  /** Pixels across of a chart that has the page's width to itself. */
  static final int WIDE = 966;

  /** Pixels across of a chart that shares a row with another. */
  static final int HALF = 446;

  private final String title;

  Chart(String title) {
    this.title = title;
  }

  /** What the chart shows, as its heading says it. */
  public final String title() {
    return title;
  }

  /**
   * The chart as an SVG document of its own, 966 pixels wide, in the colours of a light page on no
   * background: for slides and papers. The title and all labels are inside.
   */
  public final String svg() {
    return draw(WIDE, Theme.drawingCss());
  }

  /** For a page that has the style already. */
  final String inline(int width) {
    return draw(width, "");
  }

  private String draw(int width, String css) {
    Svg svg = new Svg(width);
    draw(svg, svg.title(title));
    return svg.finish(title + ". " + describe(), css);
  }

  /** Draws below {@code top} and tells the drawing how far down it reaches. */
  abstract void draw(Svg svg, double top);

  /** In words, for those who do not see it. */
  abstract String describe();

  /** The text, if there is any. */
  static String requireText(String text, String role) {
    checkArgument(
        !text.isBlank(), "The %s is blank.\nMaybe say in a few words what it stands for.", role);
    return text;
  }

  /** Fails unless both arrays are equally long and not empty. */
  static void requirePairs(String name, int xs, int ys, String title) {
    checkArgument(
        xs == ys,
        "'%s' of chart '%s' has %s x values and %s y values.\nMaybe cut both to the same length.",
        name,
        title,
        xs,
        ys);
    checkArgument(
        ys > 0,
        "'%s' of chart '%s' has no values.\nMaybe leave it out until there are some.",
        name,
        title);
  }

  static void requireFinite(String name, double value, String title) {
    checkArgument(
        Numbers.drawable(value),
        "'%s' of chart '%s' is at %s, which cannot be drawn.\nMaybe leave it out.",
        name,
        title,
        value);
  }

  /** A count of what is missing, in words, or nothing. */
  static List<String> missing(long count, String reason) {
    if (count == 0) {
      return List.of();
    }
    String values = count == 1 ? "1 value is" : Numbers.count(count) + " values are";
    return List.of(values + " not drawn: " + reason + ".");
  }

  /** Least and greatest, in words. */
  static String span(Range range) {
    return range.isEmpty()
        ? "nothing to draw"
        : "from "
            + Numbers.significant(range.low(), 4)
            + " to "
            + Numbers.significant(range.high(), 4);
  }

  static String sentence(List<String> parts) {
    return parts.stream().filter(p -> !p.isEmpty()).collect(Collectors.joining("; ", "", "."));
  }
}
