package org.lightnas.report;

import java.util.List;

/** A row of swatches and names that wraps where the chart ends. */
final class Legend {

  private static final double ROW = 20;
  private static final double SWATCH = 20;
  private static final double GAP = 20;

  private Legend() {}

  enum Shape {
    LINE,
    BOX,
    DOT,
    REFERENCE
  }

  record Item(String name, Shape shape, int series) {}

  /**
   * Draws a heading and the items behind it from the left edge; returns the y below.
   *
   * @param heading may be empty
   */
  static double draw(Svg svg, double top, String heading, List<Item> items) {
    double most = svg.width();
    double x = 0;
    double y = top;
    if (!heading.isEmpty()) {
      String text = TextSize.fit(heading, most, Svg.BOLD_LABEL);
      svg.text("label", "start", x, y + 14, text, 0, heading);
      x += TextSize.width(text, Svg.BOLD_LABEL) + GAP;
    } else if (items.isEmpty()) {
      return top;
    }
    for (Item item : items) {
      String name = TextSize.fit(item.name(), most - SWATCH - 6, Svg.LABEL_SIZE);
      double width = SWATCH + 6 + TextSize.width(name, Svg.LABEL_SIZE);
      if (x > 0 && x + width > most) {
        x = 0;
        y += ROW;
      }
      swatch(svg, item, x, y + 9.5);
      svg.text("key", "start", x + SWATCH + 6, y + 14, name, 0, item.name());
      x += width + GAP;
    }
    return y + ROW + 4;
  }

  private static void swatch(Svg svg, Item item, double x, double y) {
    switch (item.shape()) {
      case LINE -> svg.line("line " + Theme.line(item.series()) + " wide", x, y, x + SWATCH, y);
      case BOX -> svg.rect(Theme.fill(item.series()), "", x + 4, y - 6, 12, 12, 2);
      case DOT ->
          svg.mark(
              "circle", "", "class", Theme.fill(item.series()), "cx", x + 10, "cy", y, "r", 4.5);
      default -> svg.line("reference", x, y, x + SWATCH, y);
    }
  }
}
