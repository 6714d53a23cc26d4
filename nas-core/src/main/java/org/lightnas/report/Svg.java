package org.lightnas.report;

import java.util.List;

/** A drawing under construction: the only place that writes SVG, so that all text is escaped. */
final class Svg {

  static final double TITLE_SIZE = 16;
  static final double LABEL_SIZE = 13;
  static final double TICK_SIZE = 12;

  /** For measuring bold text, which is wider: sizes as if it were set larger. */
  static final double BOLD_LABEL = 1.14 * LABEL_SIZE;

  static final double BOLD_TICK = 1.14 * TICK_SIZE;

  private static final double NOTE_LINE = 16;

  private final StringBuilder body = new StringBuilder();
  private final double width;
  private double bottom;

  /** A drawing of this many pixels across; its height follows from what is drawn. */
  Svg(double width) {
    this.width = width;
  }

  double width() {
    return width;
  }

  /** Makes the drawing reach at least this far down. */
  void reach(double y) {
    bottom = Math.max(bottom, y);
  }

  /**
   * One element.
   *
   * @param tooltip shown on hover; empty for none
   * @param attributes names and values in turn; numbers are rounded to a hundredth
   */
  void mark(String name, String tooltip, Object... attributes) {
    body.append('<').append(name);
    for (int i = 0; i < attributes.length; i += 2) {
      Object value = attributes[i + 1];
      body.append(' ').append(attributes[i]).append("=\"");
      body.append(value instanceof Number n ? number(n.doubleValue()) : escape(value.toString()));
      body.append('"');
    }
    if (tooltip.isEmpty()) {
      body.append("/>\n");
    } else {
      body.append("><title>").append(escape(tooltip)).append("</title></");
      body.append(name).append(">\n");
    }
  }

  /** A rectangle whose corners have this radius. */
  void rect(
      String style,
      String tooltip,
      double x,
      double y,
      double width,
      double height,
      double radius) {
    mark(
        "rect", tooltip, "class", style, "x", x, "y", y, "width", width, "height", height, "rx",
        radius);
  }

  void line(String style, double x1, double y1, double x2, double y2) {
    mark("line", "", "class", style, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
  }

  /** Text on a baseline; {@code anchor} is start, middle or end. */
  void text(String style, String anchor, double x, double y, String text) {
    text(style, anchor, x, y, text, 0, text);
  }

  /** Text turned by some degrees about its anchor; if cut, {@code full} is shown on hover. */
  void text(
      String style, String anchor, double x, double y, String text, double turn, String full) {
    body.append("<text class=\"").append(style).append("\" x=\"").append(number(x));
    body.append("\" y=\"").append(number(y)).append('"');
    if (!anchor.equals("start")) {
      body.append(" text-anchor=\"").append(anchor).append('"');
    }
    if (turn != 0) {
      body.append(" transform=\"rotate(").append(number(turn)).append(' ').append(number(x));
      body.append(' ').append(number(y)).append(")\"");
    }
    body.append('>').append(escape(text));
    if (!full.equals(text)) {
      body.append("<title>").append(escape(full)).append("</title>");
    }
    body.append("</text>\n");
  }

  /** Text that fits, cut with an ellipsis where it must be. */
  void fitted(
      String style, String anchor, double x, double y, String text, double most, double size) {
    text(style, anchor, x, y, TextSize.fit(text, most, size), 0, text);
  }

  /** The heading, on as many lines as it takes; returns the y below it. */
  double title(String title) {
    double y = 0;
    for (String line : TextSize.wrap(title, width, 1.14 * TITLE_SIZE)) {
      y += 20;
      text("title", "start", 0, y - 4, line);
    }
    return y + 8;
  }

  /** Small print under a chart, one paragraph each; returns the y below it. */
  double notes(double y, List<String> notes) {
    y += notes.isEmpty() ? 0 : 4;
    for (String note : notes) {
      for (String line : TextSize.wrap(note, width, TICK_SIZE)) {
        y += NOTE_LINE;
        text("note", "start", 0, y, line);
      }
    }
    reach(y + 4);
    return y;
  }

  /** The drawing with a summary for those who do not see it; {@code css} may be empty. */
  String finish(String summary, String css) {
    String size = number(width) + "\" height=\"" + number(bottom);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" aria-label=\""
        + escape(summary)
        + "\" width=\""
        + size
        + "\" viewBox=\"0 0 "
        + number(width)
        + " "
        + number(bottom)
        + "\">\n"
        + (css.isEmpty() ? "" : "<style>\n" + css + "</style>\n")
        + body
        + "</svg>\n";
  }

  /** With at most two decimals: finer than a pixel, and short. */
  static String number(double value) {
    long hundredths = Math.round(value * 100);
    long rest = Math.abs(hundredths % 100);
    String sign = hundredths < 0 ? "-" : "";
    String whole = sign + Math.abs(hundredths / 100);
    if (rest == 0) {
      return whole;
    }
    return whole + (rest % 10 == 0 ? "." + rest / 10 : (rest < 10 ? ".0" : ".") + rest);
  }

  private static String escape(String text) {
    return Markup.escape(text);
  }
}
