package org.lightnas.compress;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.metric.Cost;
import org.lightnas.report.HtmlReport;

/**
 * What a {@link Compressor} made.
 *
 * @param network new, plain DL4J, for inference; owned by the caller, who closes it
 * @param steps what was done, in the order of the data by their last vertices
 * @param before what the given network costs
 * @param after what the new network costs
 * @param equivalence how far the two differ
 * @param maps how far every merged convolution differs from what it stands for, in the order of the
 *     data
 */
public record Compressed(
    ComputationGraph network,
    List<Step> steps,
    Cost before,
    Cost after,
    Equivalence equivalence,
    List<MapEquivalence> maps) {

  private static final List<String> MAP_COLUMNS =
      List.of("vertex", "border pixels", "error at the border", "error inside");

  /** Copies the lists. */
  public Compressed {
    steps = List.copyOf(steps);
    maps = List.copyOf(maps);
  }

  /** Where nothing was merged. */
  public Compressed(
      ComputationGraph network,
      List<Step> steps,
      Cost before,
      Cost after,
      Equivalence equivalence) {
    this(network, steps, before, after, equivalence, List.of());
  }

  /** This result and that of a compressor which was given this network. */
  Compressed followedBy(Compressed next) {
    List<Step> all = new ArrayList<>(steps);
    all.addAll(next.steps);
    List<MapEquivalence> allMaps = new ArrayList<>(maps);
    allMaps.addAll(next.maps);
    return new Compressed(
        next.network, all, before, next.after, equivalence.then(next.equivalence), allMaps);
  }

  /** The number of steps of a kind. */
  public long count(Step.Action action) {
    return steps.stream().filter(step -> step.action() == action).count();
  }

  /**
   * For people: a line on the cost, a line on the equivalence, one on the merged convolution that
   * differs most, a line per step.
   */
  public String report() {
    return cost()
        + "\n"
        + equivalence
        + maps.stream()
            .max(Comparator.comparingDouble(MapEquivalence::relativeError))
            .map(map -> "\nof " + maps.size() + " merged maps at most: " + map)
            .orElse("")
        + steps.stream().map(step -> "\n" + step).collect(joining());
  }

  /** The same as a page with a table of the steps. */
  public HtmlReport html(String title) {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("MACs before", String.format(Locale.ROOT, "%,d", before.macs()));
    figures.put("MACs after", String.format(Locale.ROOT, "%,d", after.macs()));
    figures.put("parameters before", String.format(Locale.ROOT, "%,d", before.parameters()));
    figures.put("parameters after", String.format(Locale.ROOT, "%,d", after.parameters()));
    List<List<String>> rows = new ArrayList<>();
    for (Step step : steps) {
      rows.add(
          List.of(
              step.action().name().toLowerCase(Locale.ROOT),
              String.join(", ", step.vertices()),
              step.text()));
    }
    HtmlReport.Builder page =
        HtmlReport.titled(title)
            .verdict(equivalence.holds(), equivalence.toString())
            .tiles(figures)
            .section("Steps")
            .table(List.of("action", "vertices", "what and why"), rows);
    if (!maps.isEmpty()) {
      page.section("Merged maps").table(MAP_COLUMNS, maps.stream().map(Compressed::row).toList());
    }
    return page.build();
  }

  private static List<String> row(MapEquivalence map) {
    return List.of(
        map.vertex(),
        String.format(Locale.ROOT, "%,d", map.borderPixels()),
        String.format(Locale.ROOT, "%.1e", map.border().relativeError()),
        String.format(Locale.ROOT, "%.1e", map.interior().relativeError()));
  }

  private String cost() {
    return String.format(
        Locale.ROOT,
        "%,d -> %,d MACs, %,d -> %,d parameters",
        before.macs(),
        after.macs(),
        before.parameters(),
        after.parameters());
  }

  /** One line: cost, error, number of steps of each kind. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Compressed(").append(cost());
    for (Step.Action action : Step.Action.values()) {
      text.append(", ").append(count(action)).append(' ');
      text.append(action.name().toLowerCase(Locale.ROOT));
    }
    return text.append(", ").append(equivalence).append(')').toString();
  }
}
