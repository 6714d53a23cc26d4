package org.lightnas.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lightnas.internal.AtomicFile;

/**
 * A page that explains a run: headings, text, figures, tables and {@linkplain Chart charts} in one
 * HTML file that needs nothing else. Immutable.
 *
 * <pre>{@code
 * HtmlReport.titled("Search on CIFAR-10")
 *     .subtitle("24 ms on one CPU core")
 *     .verdict(true, "The architecture meets the bound.")
 *     .section("The search")
 *     .chart(latencyOverSteps)
 *     .build()
 *     .write(Path.of("search.html"));
 * }</pre>
 *
 * <p>The page follows the reader's light or dark setting, prints in light colours, and runs no
 * script: its content security policy forbids scripts and the network. It is well-formed XML. All
 * text is escaped; none is read as HTML.
 *
 * @since 0.1.0
 */
public final class HtmlReport {

  /** A number with at most a short unit behind it. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+−±≤≥<>~]?\\s?(\\d[\\d,]*(\\.\\d+)?|\\.\\d+)([eE][-+]?\\d+|×10[⁻⁰¹²³⁴-⁹]+)?"
              + "(\\s?[%°]|\\s[\\p{L}µ/%²]{1,8})?");

  private static final Pattern NO_NUMBER = Pattern.compile("|-|–|—|NaN|n/a");

  private final String html;

  private HtmlReport(String html) {
    this.html = html;
  }

  /**
   * Begins a page.
   *
   * @throws IllegalArgumentException if the title is blank
   */
  public static Builder titled(String title) {
    return new Builder(Chart.requireText(title, "title of a report"));
  }

  /** The whole page. Equal builders give equal text. */
  public String html() {
    return html;
  }

  /**
   * Writes the page as UTF-8, whole or not at all, creating parent folders.
   *
   * @throws IOException naming the file, if it cannot be written
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, html);
  }

  /**
   * Collects the parts of a page in reading order; every method checks what it is given.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final String title;
    private final StringBuilder body = new StringBuilder();
    private String subtitle = "";

    private Builder(String title) {
      this.title = title;
    }

    /** A line under the title. Default none. */
    public Builder subtitle(String text) {
      subtitle = text;
      return this;
    }

    /**
     * A heading; what follows stands under it.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder section(String heading) {
      Chart.requireText(heading, "heading of a section");
      body.append("<h2>").append(Markup.escape(heading)).append("</h2>\n");
      return this;
    }

    /** A paragraph; blank lines separate several. */
    public Builder text(String text) {
      for (String paragraph : text.strip().split("\\n\\s*\\n")) {
        body.append("<p>").append(Markup.escape(paragraph)).append("</p>\n");
      }
      return this;
    }

    /**
     * The outcome in a sentence, with a sign for whether it is what was asked for.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder verdict(boolean good, String text) {
      Chart.requireText(text, "text of a verdict");
      body.append("<p class=\"card verdict ").append(good ? "good" : "bad").append("\"><b>");
      body.append(good ? "✓" : "✗").append("</b>").append(Markup.escape(text)).append("</p>\n");
      return this;
    }

    /**
     * A few key figures, large.
     *
     * @param figures label to value, such as {@code latency} to {@code 23.9 ms}; shown in the order
     *     of iteration, so pass a map that has one
     * @throws IllegalArgumentException if there are none
     */
    public Builder tiles(Map<String, String> figures) {
      return pairs("tiles", figures);
    }

    /**
     * A list of names and values, such as settings or provenance.
     *
     * @param facts shown in the order of iteration, so pass a map that has one
     * @throws IllegalArgumentException if there are none
     */
    public Builder facts(Map<String, String> facts) {
      return pairs("card facts", facts);
    }

    private Builder pairs(String style, Map<String, String> pairs) {
      checkArgument(
          !pairs.isEmpty(),
          "Report '%s' is given an empty map to show.\nMaybe leave this part out.",
          title);
      body.append("<dl class=\"").append(style).append("\">\n");
      pairs.forEach(
          (name, value) -> {
            body.append("<div><dt>").append(Markup.escape(name)).append("</dt><dd>");
            body.append(Markup.escape(value)).append("</dd></div>\n");
          });
      body.append("</dl>\n");
      return this;
    }

    /**
     * A table. Columns that hold numbers only, with at most a unit behind them, are aligned right.
     *
     * @param rows each as long as {@code header}; none is allowed
     * @throws IllegalArgumentException if the header is empty or the length of a row differs
     */
    public Builder table(List<String> header, List<List<String>> rows) {
      checkArgument(
          !header.isEmpty(),
          "A table of report '%s' has no columns.\nMaybe name them in the header.",
          title);
      for (int r = 0; r < rows.size(); r++) {
        checkArgument(
            rows.get(r).size() == header.size(),
            "Row %s of a table of report '%s' has %s cells for the %s columns %s.\n"
                + "Maybe pass empty text for cells without content.",
            r,
            title,
            rows.get(r).size(),
            header.size(),
            header);
      }
      List<String> styles = new ArrayList<>();
      for (int c = 0; c < header.size(); c++) {
        styles.add(isNumeric(rows, c) ? " class=\"n\"" : "");
      }
      body.append("<div class=\"card scroll\"><table>\n<thead><tr>");
      for (int c = 0; c < header.size(); c++) {
        body.append("<th scope=\"col\"").append(styles.get(c)).append('>');
        body.append(Markup.escape(header.get(c))).append("</th>");
      }
      body.append("</tr></thead>\n<tbody>\n");
      for (List<String> row : rows) {
        body.append("<tr>");
        for (int c = 0; c < row.size(); c++) {
          body.append("<td").append(styles.get(c)).append('>');
          body.append(Markup.escape(row.get(c))).append("</td>");
        }
        body.append("</tr>\n");
      }
      body.append("</tbody></table></div>\n");
      return this;
    }

    /** A chart across the page. */
    public Builder chart(Chart chart) {
      body.append("<figure class=\"card\">\n");
      body.append(chart.inline(Chart.WIDE)).append("</figure>\n");
      return this;
    }

    /** Two charts side by side; below each other where the page is narrow. */
    public Builder row(Chart left, Chart right) {
      body.append("<div class=\"row\">\n");
      for (Chart chart : List.of(left, right)) {
        body.append("<figure class=\"card\">\n");
        body.append(chart.inline(Chart.HALF)).append("</figure>\n");
      }
      body.append("</div>\n");
      return this;
    }

    /** The page so far. */
    public HtmlReport build() {
      String safeTitle = Markup.escape(title);
      String below = subtitle.isBlank() ? "" : "<p>" + Markup.escape(subtitle) + "</p>";
      return new HtmlReport(
          """
          <!DOCTYPE html>
          <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
          <head>
          <meta charset="utf-8"/>
          <meta http-equiv="Content-Security-Policy" \
          content="default-src 'none'; style-src 'unsafe-inline'"/>
          <meta name="viewport" content="width=device-width, initial-scale=1"/>
          """
              + "<title>"
              + safeTitle
              + "</title>\n<style>\n"
              + Theme.pageCss()
              + "</style>\n</head>\n<body>\n<main>\n<header><h1>"
              + safeTitle
              + "</h1>"
              + below
              + "</header>\n"
              + body
              + "</main>\n</body>\n</html>\n");
    }

    private static boolean isNumeric(List<List<String>> rows, int column) {
      boolean some = false;
      for (List<String> row : rows) {
        String cell = row.get(column).strip();
        boolean number = NUMBER.matcher(cell).matches();
        if (!number && !NO_NUMBER.matcher(cell).matches()) {
          return false;
        }
        some |= number;
      }
      return some;
    }
  }
}
