package org.lightnas.report;

import java.util.List;
import java.util.Locale;

/**
 * Colours and type. Series colours are at least 3:1 against the page and, also for readers with
 * deutan, protan or tritan vision, apart from each other; heat colours run from pale to deep (from
 * deep to pale on dark pages) with text on them at 4.5:1 or better. Tests hold both.
 */
final class Theme {

  /** The number of heat colours, evenly spaced. */
  static final int HEAT_LEVELS = 33;

  private static final String FONT =
      "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

  static final Palette LIGHT =
      new Palette(
          "#f5f6f8",
          "#ffffff",
          "#16191d",
          "#59626d",
          "#e7eaee",
          "#b9c1ca",
          "#0a7048",
          "#b3261e",
          List.of("#0072b2", "#d55e00", "#3aa08a", "#5b2a86", "#8a2846", "#9a80ec"),
          List.of("#fbf8e6", "#cfe8c6", "#79c5bd", "#2c8fb5", "#21588f", "#142c5c"));

  static final Palette DARK =
      new Palette(
          "#0f1115",
          "#181b20",
          "#eceff3",
          "#a3adb8",
          "#2a2f36",
          "#4c5560",
          "#4fd39b",
          "#ff8a80",
          List.of("#4da3e0", "#ff8a3d", "#8ff0d2", "#6f63e0", "#c4517a", "#f7df57"),
          List.of("#1d2530", "#1e3f63", "#1f6f96", "#34a0a8", "#8fd0a8", "#f6f2c4"));

  private Theme() {}

  /** Everything a colour is needed for, as {@code #rrggbb}. */
  record Palette(
      String page,
      String card,
      String ink,
      String muted,
      String grid,
      String rule,
      String good,
      String bad,
      List<String> series,
      List<String> heatStops) {

    /** The fill of a heat level in [0, {@link #HEAT_LEVELS}). */
    String heat(int level) {
      double at = (double) level / (HEAT_LEVELS - 1) * (heatStops.size() - 1);
      int stop = Math.min(heatStops.size() - 2, (int) at);
      StringBuilder colour = new StringBuilder("#");
      for (int channel = 1; channel < 7; channel += 2) {
        double from = channel(heatStops.get(stop), channel);
        double to = channel(heatStops.get(stop + 1), channel);
        colour.append(
            String.format(Locale.ROOT, "%02x", Math.round(from + (at - stop) * (to - from))));
      }
      return colour.toString();
    }

    /** Black or white, whichever reads better on a heat level. */
    String onHeat(int level) {
      double luminance = luminance(heat(level));
      return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? "#000000" : "#ffffff";
    }

    private static int channel(String colour, int at) {
      return Integer.parseInt(colour.substring(at, at + 2), 16);
    }

    /** Relative luminance as in WCAG 2. */
    static double luminance(String colour) {
      double[] weights = {0.2126, 0.7152, 0.0722};
      double sum = 0;
      for (int i = 0; i < 3; i++) {
        double c = channel(colour, 1 + 2 * i) / 255.0;
        sum += weights[i] * (c <= 0.04045 ? c / 12.92 : StrictMath.pow((c + 0.055) / 1.055, 2.4));
      }
      return sum;
    }
  }

  /** The style of a series' strokes; past the last colour, dashes tell series apart. */
  static String line(int series) {
    int colours = LIGHT.series().size();
    int round = series / colours % 3;
    return "ln" + series % colours + (round == 0 ? "" : " dash" + round);
  }

  /** The style of a series' areas. */
  static String fill(int series) {
    return "fl" + series % LIGHT.series().size();
  }

  /** The heat level of a share in [0, 1]. */
  static int level(double share) {
    return (int) Math.round(Math.max(0, Math.min(1, share)) * (HEAT_LEVELS - 1));
  }

  /** For a drawing that stands alone: light, as plain rules that slide programs understand. */
  static String drawingCss() {
    return ".chart{font-family:" + FONT + "}\n" + shapes("") + colours("", LIGHT);
  }

  /** For a page. */
  static String pageCss() {
    return variables(LIGHT)
        + shapes(".chart ")
        + colours(".chart ", LIGHT)
        + "@media screen and (prefers-color-scheme:dark){\n"
        + variables(DARK)
        + colours(".chart ", DARK)
        + "}\n"
        + PAGE.replace("FONT", FONT);
  }

  private static String variables(Palette p) {
    return String.format(
        Locale.ROOT,
        ":root{--page:%s;--card:%s;--ink:%s;--muted:%s;--grid:%s;--rule:%s;--good:%s;--bad:%s}\n",
        p.page(),
        p.card(),
        p.ink(),
        p.muted(),
        p.grid(),
        p.rule(),
        p.good(),
        p.bad());
  }

  private static String shapes(String in) {
    return (in + ".title{font-size:16px;font-weight:650}\n")
        + (in + ".label{font-size:13px;font-weight:600}\n")
        + (in + ".key," + in + ".value{font-size:13px}\n")
        + (in + ".tick," + in + ".note," + in + ".cell{font-size:12px}\n")
        + (in + ".tick," + in + ".value," + in + ".cell{font-variant-numeric:tabular-nums}\n")
        + (in + ".picked{font-weight:700}\n")
        + (in + ".line{fill:none;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}\n")
        + (in + ".wide{stroke-width:3}\n")
        + (in + ".strong{stroke-width:2.5}\n")
        + (in + ".faint{stroke-width:1;stroke-opacity:.3}\n")
        + (in + ".dots{stroke-width:4.5;stroke-opacity:.55}\n")
        + (in + ".point{fill-opacity:.72}\n")
        + (in + ".grid," + in + ".axis{fill:none;stroke-width:1;shape-rendering:crispEdges}\n")
        + (in + ".reference{fill:none;stroke-width:1.5;stroke-dasharray:6 4}\n")
        + (in + ".leader{fill:none;stroke-width:1}\n")
        + (in + ".mark{fill:none;stroke-width:2.5}\n")
        + (in + ".halo{fill:none;stroke-width:2.5}\n")
        + (in + ".dash1{stroke-dasharray:7 4}\n")
        + (in + ".dash2{stroke-dasharray:2 4}\n");
  }

  private static String colours(String in, Palette p) {
    StringBuilder css = new StringBuilder();
    rule(css, in, "title", "fill", p.ink());
    rule(css, in, "label", "fill", p.ink());
    rule(css, in, "key", "fill", p.ink());
    rule(css, in, "value", "fill", p.ink());
    rule(css, in, "tick", "fill", p.muted());
    rule(css, in, "note", "fill", p.muted());
    rule(css, in, "grid", "stroke", p.grid());
    rule(css, in, "axis", "stroke", p.rule());
    rule(css, in, "leader", "stroke", p.muted());
    rule(css, in, "reference", "stroke", p.ink());
    rule(css, in, "mark", "stroke", p.ink());
    rule(css, in, "halo", "stroke", p.card());
    rule(css, in, "gap", "stroke", p.card());
    rule(css, in, "missing", "fill", p.rule());
    for (int i = 0; i < p.series().size(); i++) {
      rule(css, in, "ln" + i, "stroke", p.series().get(i));
      rule(css, in, "fl" + i, "fill", p.series().get(i));
    }
    for (int i = 0; i < HEAT_LEVELS; i++) {
      rule(css, in, "h" + i, "fill", p.heat(i));
      rule(css, in, "on" + i, "fill", p.onHeat(i));
    }
    return css.toString();
  }

  private static void rule(
      StringBuilder css, String in, String name, String property, String colour) {
    css.append(in).append('.').append(name);
    css.append('{').append(property).append(':').append(colour).append("}\n");
  }

  private static final String PAGE =
      """
      *{box-sizing:border-box}
      html{color-scheme:light dark;-webkit-text-size-adjust:100%}
      body{margin:0;background:var(--page);color:var(--ink);
      font:16px/1.55 FONT;overflow-wrap:anywhere}
      main{max-width:1080px;margin:0 auto;padding:56px 32px 72px}
      header{margin-bottom:36px}
      h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;font-weight:700;margin:0}
      header p{margin:10px 0 0;font-size:18px;color:var(--muted)}
      h2{font-size:22px;line-height:1.25;letter-spacing:-.01em;font-weight:650;margin:52px 0 16px}
      p{max-width:72ch;margin:0 0 16px}
      .card{background:var(--card);border:1px solid var(--grid);border-radius:12px;
      padding:22px 24px;margin:0 0 20px}
      .chart{display:block;max-width:100%;height:auto;font-family:FONT}
      .row{display:flex;flex-wrap:wrap;gap:20px;margin:0 0 20px}
      .row .card{flex:1 1 400px;min-width:0;margin:0}
      .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:20px;
      margin:0 0 20px}
      .tiles div{background:var(--card);border:1px solid var(--grid);border-radius:12px;
      padding:16px 20px;display:flex;flex-direction:column}
      .tiles dt{order:2;font-size:14px;line-height:1.4;color:var(--muted)}
      .tiles dd{margin:0 0 2px;font-size:28px;line-height:1.25;font-weight:650;
      letter-spacing:-.02em;font-variant-numeric:tabular-nums}
      .facts{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;margin:0 0 20px;
      padding:10px 24px}
      .facts div{display:contents}
      .facts dt,.facts dd{margin:0;padding:8px 0;border-top:1px solid var(--grid);font-size:15px}
      .facts div:first-child dt,.facts div:first-child dd{border-top:0}
      .facts dt{color:var(--muted);padding-right:32px}
      .facts dd{font-variant-numeric:tabular-nums}
      .scroll{overflow-x:auto;padding:10px 24px}
      table{border-collapse:collapse;width:100%;font-size:15px}
      th,td{text-align:left;padding:8px 28px 8px 0;border-top:1px solid var(--grid);
      vertical-align:baseline;overflow-wrap:break-word}
      th:last-child,td:last-child{padding-right:0}
      th{border-top:0;border-bottom:1px solid var(--rule);color:var(--muted);font-weight:600;
      font-size:14px;overflow-wrap:normal}
      tbody tr:first-child td{border-top:0}
      .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
      .verdict{max-width:none;border-left:5px solid var(--tone);font-weight:550}
      .verdict b{color:var(--tone);margin-right:.5em}
      .good{--tone:var(--good)}
      .bad{--tone:var(--bad)}
      @media (max-width:640px){main{padding:28px 14px 40px}.card{padding:16px}
      .facts{grid-template-columns:1fr}.facts dt{padding-bottom:0}
      .facts dd{border-top:0;padding-top:0}}
      @media print{@page{margin:14mm}html,body{background:#fff;font-size:13px}
      *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
      main{max-width:none;padding:0}h2{margin-top:28px;break-after:avoid}
      .card,.tiles div{border-color:var(--rule);border-radius:6px}
      figure,tr,.tiles,.verdict{break-inside:avoid}.row .card{flex-basis:280px}
      .scroll{overflow:visible}}
      """;
}
