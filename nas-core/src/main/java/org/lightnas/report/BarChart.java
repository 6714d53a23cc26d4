package org.lightnas.report;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One or more values per category as horizontal bars, side by side or stacked.
 *
 * <pre>{@code
 * BarChart.titled("Latency by choice")
 *     .categories(List.of("stem", "block 1", "block 2"))
 *     .bars("found", 1.2, 0.8, 2.1)
 *     .unit("ms")
 *     .build()
 * }</pre>
 *
 * <p>Bars run sideways so that names of any length stay readable. The axis includes zero.
 *
 * @since 0.1.0
 */
public final class BarChart extends Chart {

  private static final double AXIS_ROOM = 26;

  private final String unit;
  private final boolean stacked;
  private final List<String> categories;
  private final List<Series> series;
  private final List<Reference> references;

  private BarChart(Builder builder) {
    super(builder.title);
    unit = builder.unit;
    stacked = builder.stacked;
    categories = builder.categories;
    series = List.copyOf(builder.series);
    references = List.copyOf(builder.references);
  }

  /**
   * Begins a chart.
   *
   * @throws IllegalArgumentException if the title is blank
   */
  public static Builder titled(String title) {
    return new Builder(requireText(title, "title of a bar chart"));
  }

  private record Series(String name, double[] values) {}

  private record Reference(String label, double value) {}

  /**
   * Collects categories and bars; every setter checks what it is given.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final String title;
    private final List<Series> series = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();
    private List<String> categories = List.of();
    private String unit = "";
    private boolean stacked;

    private Builder(String title) {
      this.title = title;
    }

    /**
     * What each bar, or group of bars, stands for, from top to bottom. Call it before {@link
     * #bars}.
     *
     * @throws IllegalArgumentException if there are none
     * @throws IllegalStateException if there are bars already
     */
    public Builder categories(List<String> names) {
      checkArgument(
          !names.isEmpty(),
          "Chart '%s' has an empty list of categories.\nMaybe leave the chart out.",
          title);
      checkState(
          series.isEmpty(),
          "Chart '%s' has bars already.\nMaybe call categories before bars.",
          title);
      categories = List.copyOf(names);
      return this;
    }

    /**
     * One bar per category.
     *
     * @param name unique; shown in the legend if there are several
     * @param values in the order of the categories; what is not finite has no bar; copied
     * @throws IllegalArgumentException if the name is blank or taken, there are not as many values
     *     as categories, or the chart is stacked and a value is negative
     */
    public Builder bars(String name, double... values) {
      requireText(name, "name of the bars in chart '" + title + "'");
      checkArgument(
          series.stream().noneMatch(s -> s.name().equals(name)),
          "Chart '%s' has bars '%s' already.\nMaybe give the series names that differ.",
          title,
          name);
      checkArgument(
          values.length == categories.size(),
          "'%s' of chart '%s' has %s values for %s categories.\n"
              + "Maybe call categories first; NaN stands for a bar that is missing.",
          name,
          title,
          values.length,
          categories.size());
      Series added = new Series(name, Numbers.drawableOnly(values));
      requireStackable(added, stacked);
      series.add(added);
      return this;
    }

    /** What is measured, such as {@code ms}; stands below the axis. Default nothing. */
    public Builder unit(String text) {
      unit = text;
      return this;
    }

    /**
     * Puts the bars of a category end to end, with their sum behind. Default side by side.
     *
     * @throws IllegalArgumentException if a value is negative
     */
    public Builder stacked() {
      series.forEach(s -> requireStackable(s, true));
      stacked = true;
      return this;
    }

    /**
     * A line across all bars, such as a mean or a budget.
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
     * @throws IllegalStateException if there are no bars
     */
    public BarChart build() {
      checkState(
          !series.isEmpty(), "Chart '%s' has no bars.\nMaybe call bars(name, values).", title);
      return new BarChart(this);
    }

    private void requireStackable(Series bars, boolean stack) {
      for (int i = 0; stack && i < bars.values().length; i++) {
        checkArgument(
            !(bars.values()[i] < 0),
            "'%s' of stacked chart '%s' is %s at '%s'.\n"
                + "Maybe show bars side by side; only values from 0 up can be stacked.",
            bars.name(),
            title,
            bars.values()[i],
            categories.get(i));
      }
    }
  }

  @Override
  void draw(Svg svg, double top) {
    Range range = Range.of(0).with(references.stream().mapToDouble(Reference::value).toArray());
    for (int c = 0; c < categories.size(); c++) {
      for (Series s : series) {
        range = range.with(s.values()[c]);
      }
      range = stacked ? range.with(total(c)) : range;
    }
    Numbers.Format format = Numbers.alike(range.magnitude(), 3);
    double valueRoom = 0;
    for (int c = 0; c < categories.size(); c++) {
      for (Series s : series) {
        double shown = stacked ? total(c) : s.values()[c];
        valueRoom = Math.max(valueRoom, TextSize.width(format.of(shown), Svg.LABEL_SIZE) + 8);
      }
    }
    double most = svg.width() * 0.4;
    double nameRoom = Math.min(most, TextSize.widest(categories, Svg.LABEL_SIZE));
    double left = 12 + nameRoom + (range.low() < 0 ? valueRoom : 0);
    double right = svg.width() - valueRoom - 4;
    Axis axis = Plot.xAxis(range, right - left, false, Axis.Fit.TO_TICKS);

    List<Legend.Item> items = legend();
    double y = items.isEmpty() ? top : Legend.draw(svg, top, "", items) + 4;
    int bars = stacked ? 1 : series.size();
    double thickness = bars == 1 ? 18 : bars <= 3 ? 14 : 11;
    double pitch = bars * thickness + (bars == 1 ? 9 : 14);
    double bottom = y + categories.size() * pitch;
    for (Axis.Tick tick : axis.ticks()) {
      double x = left + axis.at(tick.value()) * (right - left);
      svg.line("grid", x, y, x, bottom);
      svg.text("tick", "middle", x, bottom + 16, tick.label());
    }
    Bars place = new Bars(svg, axis, left, right, format);
    for (int c = 0; c < categories.size(); c++) {
      double from = y + c * pitch + (pitch - bars * thickness) / 2;
      double middle = y + (c + 0.5) * pitch + 4.5;
      svg.fitted("key", "end", nameRoom, middle, categories.get(c), most, Svg.LABEL_SIZE);
      drawCategory(place, c, from, thickness);
    }
    double zero = left + axis.at(0) * (right - left);
    svg.line("axis", zero, y, zero, bottom);
    for (Reference reference : references) {
      double x = left + axis.at(reference.value()) * (right - left);
      String tooltip = reference.label() + ": " + Numbers.significant(reference.value(), 6);
      svg.mark("line", tooltip, "class", "reference", "x1", x, "y1", y, "x2", x, "y2", bottom);
    }
    y = bottom + AXIS_ROOM;
    if (!unit.isBlank()) {
      y += 12;
      double middle = (left + right) / 2;
      svg.fitted("label", "middle", middle, y, unit, right - left, Svg.BOLD_LABEL);
      y += 2;
    }
    svg.reach(y);
    svg.notes(y, notes());
  }

  private void drawCategory(Bars place, int c, double y, double thickness) {
    double end = 0;
    for (int s = 0; s < series.size(); s++) {
      double value = series.get(s).values()[c];
      String tooltip =
          categories.get(c)
              + (series.size() > 1 ? ", " + series.get(s).name() : "")
              + ": "
              + Numbers.significant(value, 6)
              + (unit.isBlank() ? "" : " " + unit);
      if (!stacked) {
        place.bar(0, value, y + s * thickness, thickness, s, tooltip);
        place.value(value, y + (s + 0.5) * thickness);
      } else if (!Double.isNaN(value)) {
        place.bar(end, end + value, y, thickness, s, tooltip);
        end += value;
      }
    }
    if (stacked) {
      place.value(total(c), y + thickness / 2);
    }
  }

  /** Where values lie across the chart. */
  private record Bars(Svg svg, Axis axis, double left, double right, Numbers.Format format) {

    double x(double value) {
      return left + axis.at(value) * (right - left);
    }

    void bar(double from, double to, double y, double thickness, int series, String tooltip) {
      if (Double.isNaN(to) || to == from) {
        return;
      }
      double start = Math.min(x(from), x(to));
      double width = Math.abs(x(to) - x(from));
      svg.rect("gap " + Theme.fill(series), tooltip, start, y, width, thickness, 0);
    }

    void value(double value, double middle) {
      boolean negative = value < 0;
      double x = Double.isNaN(value) ? x(0) : x(value);
      svg.text(
          "value",
          negative ? "end" : "start",
          negative ? x - 6 : x + 6,
          middle + 4.5,
          format.of(value));
    }
  }

  /** The sum of what is there; NaN if nothing is. */
  private double total(int category) {
    double[] there =
        series.stream()
            .mapToDouble(s -> s.values()[category])
            .filter(v -> !Double.isNaN(v))
            .toArray();
    return there.length == 0 ? Double.NaN : Arrays.stream(there).sum();
  }

  private List<Legend.Item> legend() {
    List<Legend.Item> items = new ArrayList<>();
    for (int s = 0; series.size() > 1 && s < series.size(); s++) {
      items.add(new Legend.Item(series.get(s).name(), Legend.Shape.BOX, s));
    }
    for (Reference reference : references) {
      items.add(new Legend.Item(reference.label(), Legend.Shape.REFERENCE, 0));
    }
    return items;
  }

  private List<String> notes() {
    long gaps =
        series.stream()
            .mapToLong(s -> Arrays.stream(s.values()).filter(Double::isNaN).count())
            .sum();
    return missing(gaps, "not a finite number");
  }

  @Override
  String describe() {
    List<String> parts = new ArrayList<>();
    for (Series s : series) {
      for (int c = 0; c < categories.size(); c++) {
        String name = categories.get(c) + (series.size() > 1 ? ", " + s.name() : "");
        parts.add(name + " " + Numbers.significant(s.values()[c], 4));
      }
    }
    references.forEach(r -> parts.add(r.label() + " at " + Numbers.significant(r.value(), 6)));
    return (stacked ? "Stacked bar chart" : "Bar chart")
        + (unit.isBlank() ? "" : " in " + unit)
        + ". "
        + sentence(parts);
  }
}
