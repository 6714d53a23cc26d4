package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.lightnas.metric.Metric;
import org.lightnas.report.Chart;
import org.lightnas.report.ScatterChart;

/**
 * What a choice between score and costs is among: of all that was scored, each for which no other
 * one scores at least as much and costs at most as much. Of equals it holds the first.
 *
 * @param scoreName what the score is
 * @param costs what was predicted besides; without any, the front is the best score alone
 * @param points the largest score first
 * @param leastScore of all that was scored, on the front or not
 * @param largestCosts likewise, in the order and units of the costs
 * @since 0.1.0
 */
public record ParetoFront(
    String scoreName,
    List<Metric> costs,
    List<Point> points,
    double leastScore,
    List<Double> largestCosts) {

  /**
   * One that may be chosen.
   *
   * @param costs predicted, in the order and units of the metrics
   * @since 0.1.0
   */
  public record Point(Scored scored, List<Double> costs) {

    /** Copies what could change. */
    public Point {
      costs = List.copyOf(costs);
    }

    private double[] objectives() {
      return ParetoFront.objectives(scored.score(), costs);
    }
  }

  /** Copies what could change. */
  public ParetoFront {
    costs = List.copyOf(costs);
    points = List.copyOf(points);
    largestCosts = List.copyOf(largestCosts);
  }

  private static double[] objectives(double score, List<Double> costs) {
    return DoubleStream.concat(
            DoubleStream.of(-score), costs.stream().mapToDouble(Double::doubleValue))
        .toArray();
  }

  /**
   * The largest score within bounds: one search answers for any.
   *
   * @param bounds on the costs, in their order and units; infinite for none
   * @return empty if nothing on the front is within them
   * @throws IllegalArgumentException if there is not one bound for each cost, or one is not a
   *     number
   */
  public Optional<Point> within(double... bounds) {
    List<Double> most = checked(bounds);
    return points.stream()
        .filter(
            point ->
                IntStream.range(0, most.size()).allMatch(m -> point.costs().get(m) <= most.get(m)))
        .findFirst();
  }

  /**
   * The hypervolume (Zitzler and Thiele 1999), exactly: how much of the objectives' space is no
   * better than the front and better than a reference, in the unit of the score times those of the
   * costs. Fronts are compared by it with one reference for all. What is not better than the
   * reference in everything does not count.
   *
   * @param score of the reference
   * @param costs of the reference, in their order and units
   * @throws IllegalArgumentException if there is not one for each cost, or one is not a number
   */
  public double hypervolume(double score, double... costs) {
    checkArgument(
        Double.isFinite(score), "The reference of a hypervolume must not score %s.", score);
    return Dominance.hypervolume(
        points.stream().map(Point::objectives).toList(), objectives(score, checked(costs)));
  }

  /** The hypervolume over the least score and the largest costs that were seen. */
  public double hypervolume() {
    return hypervolume(
        leastScore, largestCosts.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private List<Double> checked(double... values) {
    checkArgument(
        values.length == costs.size() && Arrays.stream(values).noneMatch(Double::isNaN),
        "The front has the costs %s, so it takes a number for each, not %s.",
        costs.stream().map(Metric::name).toList(),
        Arrays.toString(values));
    return Arrays.stream(values).boxed().toList();
  }

  /** The score over each cost, a chart for each. */
  public List<Chart> charts() {
    double[] scores = points.stream().mapToDouble(p -> p.scored().score()).toArray();
    return IntStream.range(0, costs.size()).mapToObj(m -> chart(m, scores)).toList();
  }

  private Chart chart(int m, double[] scores) {
    Metric cost = costs.get(m);
    return ScatterChart.titled(scoreName + " against " + cost.name())
        .x("predicted " + cost.name() + " [" + cost.unit() + "]")
        .y(scoreName)
        .points(
            "on the front", points.stream().mapToDouble(p -> p.costs().get(m)).toArray(), scores)
        .build();
  }
}
