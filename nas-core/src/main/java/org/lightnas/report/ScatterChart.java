package org.lightnas.report;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pairs of values as points, such as predicted against measured latency, or residuals.
 *
 * <pre>{@code
 * ScatterChart.titled("Prediction against measurement")
 *     .x("measured [ms]")
 *     .y("predicted [ms]")
 *     .points("held out", measured, predicted)
 *     .diagonal("exact")
 *     .build()
 * }</pre>
 *
 * <p>Clouds too dense to tell points apart are thinned to about 4,000, and the chart says so.
 *
 * @since 0.1.0
 */
public final class ScatterChart extends Chart {

  private static final int MOST_POINTS = 4_000;
  private static final int MOST_TOOLTIPS = 500;

  private final String xLabel;
  private final String yLabel;
  private final String diagonal;
  private final List<Group> groups;
  private final List<Reference> references;

  private ScatterChart(Builder builder) {
    super(builder.title);
    xLabel = builder.xLabel;
    yLabel = builder.yLabel;
    diagonal = builder.diagonal;
    groups = List.copyOf(builder.groups);
    references = List.copyOf(builder.references);
  }

  /**
   * Begins a chart.
   *
   * @throws IllegalArgumentException if the title is blank
   */
  public static Builder titled(String title) {
    return new Builder(requireText(title, "title of a scatter chart"));
  }

  private record Group(String name, double[] x, double[] y) {

    boolean drawable(int i) {
      return !Double.isNaN(x[i]) && !Double.isNaN(y[i]);
    }
  }

  private record Reference(String label, double value) {}

  /**
   * Collects points and references; every setter checks what it is given.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final String title;
    private final List<Group> groups = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();
    private String xLabel = "";
    private String yLabel = "";
    private String diagonal = "";

    private Builder(String title) {
      this.title = title;
    }

    /** What the horizontal axis measures, with its unit. Default nothing. */
    public Builder x(String label) {
      xLabel = label;
      return this;
    }

    /** What the vertical axis measures, with its unit. Default nothing. */
    public Builder y(String label) {
      yLabel = label;
      return this;
    }

    /**
     * A group of points of one colour.
     *
     * @param name unique
     * @param x copied; a point with a value that is not finite is left out and counted
     * @param y as long as {@code x}; copied
     * @throws IllegalArgumentException if the name is blank or taken, there are no values, or the
     *     lengths differ
     */
    public Builder points(String name, double[] x, double[] y) {
      requireText(name, "name of a group of points in chart '" + title + "'");
      checkArgument(
          groups.stream().noneMatch(g -> g.name().equals(name)),
          "Chart '%s' has points '%s' already.\nMaybe give the groups names that differ.",
          title,
          name);
      requirePairs(name, x.length, y.length, title);
      groups.add(new Group(name, Numbers.drawableOnly(x), Numbers.drawableOnly(y)));
      return this;
    }

    /**
     * Draws the line where y equals x, and gives both axes the same scale.
     *
     * @throws IllegalArgumentException if the label is blank
     */
    public Builder diagonal(String label) {
      diagonal = requireText(label, "label of the diagonal in chart '" + title + "'");
      return this;
    }

    /**
     * A horizontal line, such as zero among residuals.
     *
     * @throws IllegalArgumentException if the label is blank or the value cannot be drawn
     */
    public Builder reference(String label, double value) {
      requireText(label, "label of a reference in chart '" + title + "'");
      requireFinite(label, value, title);
      references.add(new Reference(label, value));
      return this;
    }

    /**
     * The chart.
     *
     * @throws IllegalStateException if there are no points
     */
    public ScatterChart build() {
      checkState(
          !groups.isEmpty(), "Chart '%s' has no points.\nMaybe call points(name, x, y).", title);
      return new ScatterChart(this);
    }
  }

  @Override
  void draw(Svg svg, double top) {
    boolean square = !diagonal.isEmpty();
    Range xs = Range.EMPTY;
    Range ys = Range.of(references.stream().mapToDouble(Reference::value).toArray());
    for (Group group : groups) {
      for (int i = 0; i < group.x().length; i++) {
        if (group.drawable(i)) {
          xs = xs.with(group.x()[i]);
          ys = ys.with(group.y()[i]);
        }
      }
    }
    if (square) {
      xs = xs.with(ys);
      ys = xs;
    }
    Axis yAxis = Axis.linear(ys, 5, false, Axis.Fit.TO_TICKS);
    double most = svg.width() > HALF ? 150 : 104;
    double right = 14;
    for (Reference reference : references) {
      double label = TextSize.width(reference.label(), Svg.BOLD_TICK);
      right = Math.max(right, 10 + Math.min(most, label));
    }
    double left = Math.max(36, 10 + yAxis.labelWidth(Svg.TICK_SIZE));
    double width = svg.width() - left - right;
    double height = Math.min(width, square ? 380 : svg.width() > HALF ? 320 : 380);
    if (square) {
      width = height;
    }
    Axis xAxis = square ? yAxis : Plot.xAxis(xs, width, false, Axis.Fit.TO_TICKS);

    double y = Legend.draw(svg, top, yLabel, legend()) + 8;
    Plot plot = new Plot(svg, left, left + width);
    plot.frame(xAxis, yAxis, y, y + Math.max(height, Plot.LABEL_PITCH * references.size()));
    plot.columns();
    if (square) {
      svg.mark(
          "line",
          diagonal,
          "class",
          "reference",
          "x1",
          plot.x(xAxis.low()),
          "y1",
          plot.y(yAxis.low()),
          "x2",
          plot.x(xAxis.high()),
          "y2",
          plot.y(yAxis.high()));
    }
    plot.references(
        references.stream().map(Reference::label).toList(),
        references.stream().mapToDouble(Reference::value).toArray());
    long drawn = 0;
    for (int i = 0; i < groups.size(); i++) {
      drawn += drawGroup(plot, groups.get(i), i);
    }
    svg.notes(plot.xLabels(xLabel), notes(drawn));
  }

  private int drawGroup(Plot plot, Group group, int series) {
    double[] x = Arrays.stream(group.x()).map(plot::x).toArray();
    double[] y = Arrays.stream(group.y()).map(plot::y).toArray();
    int[] kept = Thinning.cloud(x, y, MOST_POINTS / groups.size());
    if (kept.length > MOST_TOOLTIPS) {
      StringBuilder path = new StringBuilder();
      for (int i : kept) {
        path.append('M').append(Svg.number(x[i])).append(' ').append(Svg.number(y[i])).append("h0");
      }
      String tooltip = group.name() + ": " + Numbers.count(x.length) + " points";
      String style = "line dots ln" + series % Theme.LIGHT.series().size();
      plot.svg().mark("path", tooltip, "class", style, "d", path);
    } else {
      double radius = kept.length > 100 ? 3 : 4;
      for (int i : kept) {
        String tooltip =
            group.name()
                + ": "
                + Numbers.significant(group.x()[i], 6)
                + ", "
                + Numbers.significant(group.y()[i], 6);
        plot.dot(group.x()[i], group.y()[i], radius, "point " + Theme.fill(series), tooltip);
      }
    }
    return kept.length;
  }

  private List<Legend.Item> legend() {
    List<Legend.Item> items = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      items.add(new Legend.Item(groups.get(i).name(), Legend.Shape.DOT, i));
    }
    if (!diagonal.isEmpty()) {
      items.add(new Legend.Item(diagonal, Legend.Shape.REFERENCE, 0));
    }
    return items;
  }

  private long drawable() {
    long count = 0;
    for (Group group : groups) {
      for (int i = 0; i < group.x().length; i++) {
        count += group.drawable(i) ? 1 : 0;
      }
    }
    return count;
  }

  private List<String> notes(long drawn) {
    long all = groups.stream().mapToLong(g -> g.x().length).sum();
    long drawable = drawable();
    List<String> notes = new ArrayList<>();
    if (drawn < drawable) {
      notes.add(
          Numbers.count(drawn)
              + " of "
              + Numbers.count(drawable)
              + " points drawn: where they lie too close to tell apart, one stands for its"
              + " neighbours.");
    }
    notes.addAll(missing(all - drawable, "not a pair of finite numbers"));
    return notes;
  }

  @Override
  String describe() {
    List<String> parts = new ArrayList<>();
    for (Group group : groups) {
      parts.add(
          group.name()
              + ": "
              + Numbers.count(group.x().length)
              + " points, x "
              + span(Range.of(group.x()))
              + ", y "
              + span(Range.of(group.y())));
    }
    references.forEach(r -> parts.add(r.label() + " at " + Numbers.significant(r.value(), 6)));
    parts.add(diagonal.isEmpty() ? "" : "dashed diagonal: " + diagonal);
    return "Scatter chart of "
        + (yLabel.isBlank() ? "y" : yLabel)
        + " over "
        + (xLabel.isBlank() ? "x" : xLabel)
        + ". "
        + sentence(parts);
  }
}
