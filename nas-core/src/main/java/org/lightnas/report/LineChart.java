package org.lightnas.report;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Values over steps, in one panel or in several that share the horizontal axis.
 *
 * <p>Two quantities with different units, such as a latency and the multiplier that drives it, go
 * into two panels: two scales in one frame invite comparisons that mean nothing.
 *
 * <pre>{@code
 * LineChart.titled("The search meets its target")
 *     .x("step")
 *     .y("latency [ms]")
 *     .line("most probable architecture", latency)
 *     .reference("target 24 ms", 24)
 *     .panel("multiplier λ")
 *     .line("multiplier λ", lambda)
 *     .build()
 * }</pre>
 *
 * <p>Long lines are thinned to the least and greatest value per pixel column.
 *
 * @since 0.1.0
 */
public final class LineChart extends Chart {

  private static final int MARKED_POINTS = 40;

  private final String xLabel;
  private final boolean log;
  private final List<Panel> panels;

  private LineChart(Builder builder) {
    super(builder.title);
    xLabel = builder.xLabel;
    log = builder.log;
    panels = List.copyOf(builder.panels.stream().map(Panel::copy).toList());
  }

  /**
   * Begins a chart with one panel.
   *
   * @throws IllegalArgumentException if the title is blank
   */
  public static Builder titled(String title) {
    return new Builder(requireText(title, "title of a line chart"));
  }

  private record Line(String name, double[] x, double[] y, double[] mean) {

    int size() {
      return x.length;
    }
  }

  private record Reference(String label, double value) {}

  private record Panel(String label, List<Line> lines, List<Reference> references) {

    Panel(String label) {
      this(label, new ArrayList<>(), new ArrayList<>());
    }

    Panel copy() {
      return new Panel(label, List.copyOf(lines), List.copyOf(references));
    }

    Panel labelled(String other) {
      return new Panel(other, lines, references);
    }
  }

  /**
   * Collects panels, lines and references; every setter checks what it is given.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final String title;
    private final List<Panel> panels = new ArrayList<>(List.of(new Panel("")));
    private String xLabel = "";
    private boolean log;

    private Builder(String title) {
      this.title = title;
    }

    /** What the horizontal axis counts, with its unit if it has one. Default nothing. */
    public Builder x(String label) {
      xLabel = label;
      return this;
    }

    /** What the vertical axis of the current panel measures, with its unit. Default nothing. */
    public Builder y(String label) {
      panels.set(panels.size() - 1, current().labelled(label));
      return this;
    }

    /** Makes the vertical axes logarithmic; values that are not positive become gaps. */
    public Builder logY() {
      log = true;
      return this;
    }

    /** A line over 0, 1, 2, …; see {@link #line(String, double[], double[])}. */
    public Builder line(String name, double[] y) {
      return line(name, count(y.length), y);
    }

    /**
     * A line in the current panel.
     *
     * @param name unique in its panel
     * @param x finite, not descending; copied
     * @param y as long as {@code x}; what is not finite is a gap; copied
     * @throws IllegalArgumentException if the name is blank or taken, there are no values, the
     *     lengths differ, or {@code x} descends or is not finite
     */
    public Builder line(String name, double[] x, double[] y) {
      return add(name, x, y, 1);
    }

    /** As {@link #smoothed(String, double[], double[], int)}, over 0, 1, 2, …. */
    public Builder smoothed(String name, double[] y, int window) {
      return smoothed(name, count(y.length), y, window);
    }

    /**
     * A noisy line: drawn faintly, with its moving mean on top.
     *
     * @param window how many values around each the mean takes in, fewer at the ends; at least 1
     * @throws IllegalArgumentException as for {@link #line(String, double[], double[])}, or if the
     *     window is not positive
     */
    public Builder smoothed(String name, double[] x, double[] y, int window) {
      checkArgument(
          window > 0,
          "The window of line '%s' in chart '%s' is %s.\nMaybe average over 50 values.",
          name,
          title,
          window);
      return add(name, x, y, window);
    }

    private Builder add(String name, double[] x, double[] y, int window) {
      requireText(name, "name of a line in chart '" + title + "'");
      checkArgument(
          current().lines().stream().noneMatch(l -> l.name().equals(name)),
          "Chart '%s' has a line '%s' already.\nMaybe put it into another panel.",
          title,
          name);
      requirePairs(name, x.length, y.length, title);
      for (int i = 0; i < x.length; i++) {
        checkArgument(
            Numbers.drawable(x[i]) && (i == 0 || x[i] >= x[i - 1]),
            "x value %s of line '%s' in chart '%s' is %s, after %s.\n"
                + "Maybe sort the points; x must be finite and must not descend.",
            i,
            name,
            title,
            x[i],
            i == 0 ? "nothing" : x[i - 1]);
      }
      double[] drawable = Numbers.drawableOnly(y);
      double[] mean = window > 1 ? movingMean(drawable, window) : new double[0];
      current().lines().add(new Line(name, x.clone(), drawable, mean));
      return this;
    }

    /**
     * A horizontal line in the current panel, such as a target.
     *
     * @throws IllegalArgumentException if the label is blank or the value cannot be drawn
     */
    public Builder reference(String label, double value) {
      requireText(label, "label of a reference in chart '" + title + "'");
      requireFinite(label, value, title);
      current().references().add(new Reference(label, value));
      return this;
    }

    /**
     * Begins another panel below; what follows goes into it.
     *
     * @param yLabel what its vertical axis measures
     * @throws IllegalStateException if the panel so far has no line
     */
    public Builder panel(String yLabel) {
      requireLines();
      panels.add(new Panel(yLabel));
      return this;
    }

    /**
     * The chart.
     *
     * @throws IllegalStateException if a panel has no line
     */
    public LineChart build() {
      requireLines();
      return new LineChart(this);
    }

    private Panel current() {
      return panels.get(panels.size() - 1);
    }

    private void requireLines() {
      checkState(
          !current().lines().isEmpty(),
          "Panel %s of chart '%s' has no line.\nMaybe call line(name, values).",
          panels.size(),
          title);
    }

    private static double[] count(int size) {
      double[] x = new double[size];
      Arrays.setAll(x, i -> i);
      return x;
    }

    /** Centred; gaps stay gaps and do not count. */
    private static double[] movingMean(double[] y, int window) {
      double[] sums = new double[y.length + 1];
      int[] counts = new int[y.length + 1];
      for (int i = 0; i < y.length; i++) {
        boolean there = !Double.isNaN(y[i]);
        sums[i + 1] = sums[i] + (there ? y[i] : 0);
        counts[i + 1] = counts[i] + (there ? 1 : 0);
      }
      double[] mean = new double[y.length];
      for (int i = 0; i < y.length; i++) {
        int from = Math.max(0, i - (window - 1) / 2);
        int to = (int) Math.min(y.length, (long) i + window / 2 + 1);
        mean[i] = Double.isNaN(y[i]) ? y[i] : (sums[to] - sums[from]) / (counts[to] - counts[from]);
      }
      return mean;
    }
  }

  @Override
  void draw(Svg svg, double top) {
    int wanted = panels.size() > 1 ? 4 : 5;
    List<Axis> axes = panels.stream().map(panel -> yAxis(panel, wanted)).toList();
    double left = axes.stream().mapToDouble(a -> a.labelWidth(Svg.TICK_SIZE)).max().orElse(0);
    left = Math.max(36, left + 10);
    double most = svg.width() > HALF ? 150 : 104;
    double right = 14;
    for (Panel panel : panels) {
      for (Reference reference : panel.references()) {
        double label = TextSize.width(reference.label(), Svg.BOLD_TICK);
        right = Math.max(right, 10 + Math.min(most, label));
      }
    }
    Axis xAxis = xAxis(svg.width() - left - right);
    String lastLabel = xAxis.ticks().get(xAxis.ticks().size() - 1).label();
    right = Math.max(right, TextSize.width(lastLabel, Svg.TICK_SIZE) / 2);
    Plot plot = new Plot(svg, left, svg.width() - right);

    double y = top;
    for (int i = 0; i < panels.size(); i++) {
      Panel panel = panels.get(i);
      y = Legend.draw(svg, y, panel.label(), legend(panel)) + 8;
      double height = panels.size() > 1 ? 170 : svg.width() > HALF ? 270 : 230;
      double bottom = y + Math.max(height, Plot.LABEL_PITCH * panel.references().size());
      plot.frame(xAxis, axes.get(i), y, bottom);
      drawPanel(plot, panel);
      y = bottom;
      if (i == panels.size() - 1) {
        y = plot.xLabels(xLabel);
      } else {
        y += 18;
      }
    }
    svg.notes(y, notes());
  }

  private void drawPanel(Plot plot, Panel panel) {
    for (int i = 0; i < panel.lines().size(); i++) {
      Line line = panel.lines().get(i);
      if (line.mean().length > 0) {
        drawLine(plot, line, line.y(), i, "line faint ");
      }
    }
    for (int i = 0; i < panel.lines().size(); i++) {
      Line line = panel.lines().get(i);
      boolean smooth = line.mean().length > 0;
      drawLine(plot, line, smooth ? line.mean() : line.y(), i, smooth ? "line strong " : "line ");
    }
    List<Reference> references =
        panel.references().stream().filter(r -> placeable(r.value())).toList();
    plot.references(
        references.stream().map(Reference::label).toList(),
        references.stream().mapToDouble(Reference::value).toArray());
  }

  private void drawLine(Plot plot, Line line, double[] values, int series, String style) {
    double[] x = line.x();
    double[] y = Arrays.stream(values).map(v -> placeable(v) ? v : Double.NaN).toArray();
    StringBuilder path = new StringBuilder();
    for (int[] run : Thinning.line(x, y, (int) plot.width())) {
      for (int i = 0; i < run.length; i++) {
        path.append(i == 0 ? 'M' : ' ').append(Svg.number(plot.x(x[run[i]])));
        path.append(' ').append(Svg.number(plot.y(y[run[i]])));
      }
      if (run.length == 1) {
        path.append("h0"); // with round caps, a dot
      }
    }
    if (path.length() == 0) {
      return;
    }
    String tooltip = line.name() + ": " + summary(line);
    plot.svg().mark("path", tooltip, "class", style + Theme.line(series), "d", path);
    if (line.size() <= MARKED_POINTS && line.mean().length == 0) {
      for (int i = 0; i < x.length; i++) {
        if (!Double.isNaN(y[i])) {
          plot.dot(
              x[i],
              y[i],
              3,
              Theme.fill(series),
              line.name()
                  + " at "
                  + Numbers.significant(x[i], 6)
                  + ": "
                  + Numbers.significant(y[i], 6));
        }
      }
    }
  }

  private boolean placeable(double value) {
    return !Double.isNaN(value) && (!log || value > 0);
  }

  private Axis yAxis(Panel panel, int wanted) {
    Range range = Range.EMPTY;
    for (Line line : panel.lines()) {
      range = range.with(Arrays.stream(line.y()).filter(this::placeable).toArray());
    }
    for (Reference reference : panel.references()) {
      range = placeable(reference.value()) ? range.with(reference.value()) : range;
    }
    return log ? Axis.log(range, wanted) : Axis.linear(range, wanted, false, Axis.Fit.TO_TICKS);
  }

  private Axis xAxis(double width) {
    Range range = Range.EMPTY;
    boolean integers = true;
    for (Panel panel : panels) {
      for (Line line : panel.lines()) {
        range = range.with(line.x());
        integers &= Arrays.stream(line.x()).allMatch(x -> x == Math.rint(x));
      }
    }
    return Plot.xAxis(range, width, integers, Axis.Fit.TIGHT);
  }

  private static List<Legend.Item> legend(Panel panel) {
    List<Line> lines = panel.lines();
    if (lines.size() == 1 && lines.get(0).name().equals(panel.label())) {
      return List.of();
    }
    List<Legend.Item> items = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      items.add(new Legend.Item(lines.get(i).name(), Legend.Shape.LINE, i));
    }
    return items;
  }

  private List<String> notes() {
    long gaps = 0;
    long low = 0;
    for (Panel panel : panels) {
      for (Line line : panel.lines()) {
        gaps += Arrays.stream(line.y()).filter(Double::isNaN).count();
        low += log ? Arrays.stream(line.y()).filter(v -> v <= 0).count() : 0;
      }
      low += log ? panel.references().stream().filter(r -> r.value() <= 0).count() : 0;
    }
    List<String> notes = new ArrayList<>(missing(gaps, "not a finite number"));
    notes.addAll(missing(low, "not positive, and the axis is logarithmic"));
    return notes;
  }

  private static String summary(Line line) {
    double[] there = Arrays.stream(line.y()).filter(v -> !Double.isNaN(v)).toArray();
    if (there.length == 0) {
      return "nothing to draw";
    }
    return (there.length == 1 ? "1 value" : Numbers.count(there.length) + " values")
        + ", "
        + span(Range.of(there))
        + ", last "
        + Numbers.significant(there[there.length - 1], 6);
  }

  @Override
  String describe() {
    List<String> parts = new ArrayList<>();
    for (Panel panel : panels) {
      parts.add(panel.label());
      panel.lines().forEach(l -> parts.add(l.name() + ": " + summary(l)));
      panel
          .references()
          .forEach(r -> parts.add(r.label() + " at " + Numbers.significant(r.value(), 6)));
    }
    return "Line chart over " + (xLabel.isBlank() ? "x" : xLabel) + ". " + sentence(parts);
  }
}
