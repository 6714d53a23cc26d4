package org.lightnas.search.widths;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.lightnas.metric.Cost;
import org.lightnas.report.Chart;
import org.lightnas.report.HtmlReport;
import org.lightnas.report.LineChart;

/** The page about one comfort zone. */
final class ComfortPage {

  private ComfortPage() {}

  static HtmlReport of(ComfortResult result) {
    Cost before = Cost.of(result.found());
    Cost after = Cost.of(result.architecture());
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put("MACs gained", percent(result.macsGained()));
    tiles.put("parameters gained", percent(result.parametersGained()));
    tiles.put("latency as found", result.before().toString());
    tiles.put(
        result.comfortable() ? "latency widened" : "latency of the last tried",
        result.after().toString());
    tiles.put("tolerated", percent(result.tolerance()));
    HtmlReport.Builder page =
        HtmlReport.titled("Comfort zone of " + result.found().space().name())
            .subtitle(result.found().space().toString())
            .verdict(result.comfortable(), result.toString())
            .tiles(tiles)
            .section("All widths together")
            .text(
                "Latency of the network with all widths multiplied, and the fit that does not fall."
                    + " Plateaus end at the factors "
                    + plateauEnds(result)
                    + ".")
            .chart(staircase(result))
            .section("Layer by layer")
            .text(
                (result.comfortable()
                        ? "From all widths times " + number(result.factor())
                        : "From the widest network of the staircase that was tried")
                    + ": how far each layer can be raised by itself, what that adds to the latency of"
                    + " the whole network, and whether the widened network has it.")
            .table(
                List.of("layer", "from", "to", "latency", "MACs gained", "taken"), layers(result))
            .section("Before and after")
            .table(
                List.of("", "as found", "widened"),
                List.of(
                    List.of("MACs", count(before.macs()), count(after.macs())),
                    List.of("parameters", count(before.parameters()), count(after.parameters()))));
    return page.build();
  }

  private static Chart staircase(ComfortResult result) {
    double[] factors = column(result, ComfortResult.Step::factor);
    double first = result.staircase().get(0).fitted();
    return LineChart.titled("Latency over width")
        .x("factor of all widths")
        .y("latency [ms]")
        .line("measured", factors, column(result, step -> step.measured().millis()))
        .line("fitted", factors, column(result, ComfortResult.Step::fitted))
        .reference("tolerated", (1 + result.tolerance()) * first)
        .build();
  }

  private static double[] column(ComfortResult result, ToDoubleFunction<ComfortResult.Step> value) {
    return result.staircase().stream().mapToDouble(value).toArray();
  }

  private static String plateauEnds(ComfortResult result) {
    List<String> ends =
        result.staircase().stream()
            .filter(ComfortResult.Step::plateauEnd)
            .map(step -> number(step.factor()))
            .toList();
    return String.join(", ", ends);
  }

  private static List<List<String>> layers(ComfortResult result) {
    return result.layers().stream()
        .map(
            layer ->
                List.of(
                    layer.choice(),
                    layer.from(),
                    layer.to(),
                    percent(layer.rise()),
                    count(layer.macs()),
                    layer.taken() ? "yes" : "no"))
        .toList();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%+.2f %%", 100 * share);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
