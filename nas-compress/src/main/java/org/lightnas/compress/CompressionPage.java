package org.lightnas.compress;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.lightnas.report.BarChart;
import org.lightnas.report.HtmlReport;

/** What a compressor made, as a page. */
final class CompressionPage {

  private static final List<String> MAP_COLUMNS =
      List.of("vertex", "border pixels", "error at the border", "error inside");

  private static final List<String> FIGURE_COLUMNS =
      List.of("network", "latency", "accuracy", "MACs", "parameters");

  private static final List<String> BLOCK_COLUMNS =
      List.of("block", "became", "choice", "round", "before", "now", "fastest linear form");

  private CompressionPage() {}

  static HtmlReport of(String title, Compressed made) {
    List<List<String>> steps = new ArrayList<>();
    for (Step step : made.steps()) {
      steps.add(List.of(lower(step.action()), String.join(", ", step.vertices()), step.text()));
    }
    HtmlReport.Builder page =
        HtmlReport.titled(title).verdict(made.equivalence().holds(), made.equivalence().toString());
    if (made.asked() != null) {
      page.verdict(made.asked().satisfied(), made.asked().toString());
    }
    page.tiles(tiles(made.before(), made.after()))
        .table(FIGURE_COLUMNS, List.of(row("before", made.before()), row("after", made.after())));
    if (!made.blocks().isEmpty()) {
      blocks(made.blocks(), page);
    }
    page.section("Steps").table(List.of("action", "vertices", "what and why"), steps);
    if (!made.maps().isEmpty()) {
      page.section("Merged maps")
          .table(MAP_COLUMNS, made.maps().stream().map(CompressionPage::row).toList());
    }
    return page.build();
  }

  /** What was saved, and for what. */
  private static Map<String, String> tiles(Figures before, Figures after) {
    Map<String, String> tiles = new LinkedHashMap<>();
    if (before.latency() != null && after.latency() != null) {
      tiles.put("latency", change(before.latency().millis(), after.latency().millis()));
    }
    if (before.accuracy() != null && after.accuracy() != null) {
      tiles.put("points of accuracy", format("%+.2f", after.accuracy() - before.accuracy()));
    }
    tiles.put("MACs", change((double) before.macs(), (double) after.macs()));
    tiles.put("parameters", change((double) before.parameters(), (double) after.parameters()));
    return tiles;
  }

  private static String change(double before, double after) {
    return format("%+.1f %%", before == 0 ? 0.0 : 100 * (after / before - 1));
  }

  private static List<String> row(String when, Figures of) {
    return List.of(
        when,
        of.latency() == null ? "" : format("%.3f ms", of.latency().millis()),
        of.accuracy() == null ? "" : format("%.2f %%", of.accuracy()),
        format("%,d", of.macs()),
        format("%,d", of.parameters()));
  }

  private static void blocks(List<BlockForm> blocks, HtmlReport.Builder page) {
    page.section("Blocks")
        .text(
            "Each block timed by itself. Kept blocks are as they were; in linear ones the"
                + " activations became lines; merged ones are one convolution; joined ones are one"
                + " together with those next to them, and their times shares of what it takes.")
        .chart(
            BarChart.titled("Blocks before and now")
                .categories(blocks.stream().map(b -> b.block() + ", " + lower(b.kind())).toList())
                .bars("before", millis(blocks, BlockForm::millisBefore))
                .bars("now", millis(blocks, BlockForm::millisAfter))
                .bars("fastest linear form", millis(blocks, BlockForm::millisLinear))
                .unit("ms")
                .build())
        .table(BLOCK_COLUMNS, blocks.stream().map(CompressionPage::row).toList());
  }

  private static double[] millis(List<BlockForm> blocks, ToDoubleFunction<BlockForm> time) {
    return blocks.stream().mapToDouble(time).toArray();
  }

  private static List<String> row(BlockForm block) {
    return List.of(
        block.block(),
        lower(block.kind()),
        block.choice(),
        block.round() == 0 ? "" : format("%d", block.round()),
        format("%.4f ms", block.millisBefore()),
        format("%.4f ms", block.millisAfter()),
        format("%.4f ms", block.millisLinear()));
  }

  private static List<String> row(MapEquivalence map) {
    return List.of(
        map.vertex(),
        format("%,d", map.borderPixels()),
        format("%.1e", map.border().relativeError()),
        format("%.1e", map.interior().relativeError()));
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String format(String form, Object value) {
    return String.format(Locale.ROOT, form, value);
  }
}
