package org.lightnas.report;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A table of values as colours, such as the probability of each candidate per choice, with some
 * cells marked.
 *
 * <pre>{@code
 * HeatMap.titled("What the search settled on")
 *     .rows(choiceNames)
 *     .columns(candidateIds)
 *     .values(probabilities)          // [row][column]
 *     .range(0, 1)
 *     .mark(0, 3)
 *     .build()
 * }</pre>
 *
 * @since 0.1.0
 */
public final class HeatMap extends Chart {

  private static final double SCALE_WIDTH = 132;
  private static final double WIDEST_CELL = 116;

  private final List<String> rows;
  private final List<String> columns;
  private final double[][] values;
  private final Range range;
  private final BitSet marks;
  private final String markLabel;

  private HeatMap(Builder builder) {
    super(builder.title);
    rows = builder.rows;
    columns = builder.columns;
    values = builder.values;
    Range found = Range.EMPTY;
    for (double[] row : values) {
      found = found.with(row);
    }
    range = builder.range.isEmpty() ? found.open() : builder.range;
    marks = (BitSet) builder.marks.clone();
    markLabel = builder.markLabel;
  }

  /**
   * Begins a heat map.
   *
   * @throws IllegalArgumentException if the title is blank
   */
  public static Builder titled(String title) {
    return new Builder(requireText(title, "title of a heat map"));
  }

  /**
   * Collects labels, values and marks; every setter checks what it is given.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final String title;
    private final BitSet marks = new BitSet();
    private List<String> rows = List.of();
    private List<String> columns = List.of();
    private double[][] values = new double[0][];
    private Range range = Range.EMPTY;
    private String markLabel = "picked";

    private Builder(String title) {
      this.title = title;
    }

    /**
     * Names of the rows, from top to bottom. Call it before {@link #values}.
     *
     * @throws IllegalArgumentException if there are none
     * @throws IllegalStateException if the values are set
     */
    public Builder rows(List<String> names) {
      rows = requireNames("rows", names);
      return this;
    }

    /**
     * Names of the columns, from left to right. Call it before {@link #values}.
     *
     * @throws IllegalArgumentException if there are none
     * @throws IllegalStateException if the values are set
     */
    public Builder columns(List<String> names) {
      columns = requireNames("columns", names);
      return this;
    }

    private List<String> requireNames(String what, List<String> names) {
      checkArgument(
          !names.isEmpty(),
          "Heat map '%s' has an empty list of %s.\nMaybe leave the chart out.",
          title,
          what);
      checkState(
          values.length == 0,
          "Heat map '%s' has values already.\nMaybe call %s before values.",
          title,
          what);
      return List.copyOf(names);
    }

    /**
     * The values, {@code [row][column]}.
     *
     * @param table copied; NaN stands for a cell that does not exist, for instance where a choice
     *     has fewer candidates than others
     * @throws IllegalArgumentException if the shape differs from the labels
     */
    public Builder values(double[][] table) {
      checkArgument(
          table.length == rows.size() && table.length > 0,
          "Heat map '%s' has %s rows of values and %s row labels.\nMaybe call rows first.",
          title,
          table.length,
          rows.size());
      double[][] copy = new double[table.length][];
      for (int r = 0; r < table.length; r++) {
        checkArgument(
            table[r].length == columns.size(),
            "Row '%s' of heat map '%s' has %s values for %s columns.\n"
                + "Maybe call columns first; NaN stands for a cell that does not exist.",
            rows.get(r),
            title,
            table[r].length,
            columns.size());
        copy[r] = Numbers.drawableOnly(table[r]);
      }
      values = copy;
      return this;
    }

    /**
     * The values of the first and the last colour. Default the least and the greatest value; values
     * beyond get the nearest colour.
     *
     * @throws IllegalArgumentException unless {@code low < high} and both can be drawn
     */
    public Builder range(double low, double high) {
      checkArgument(
          Numbers.drawable(low) && Numbers.drawable(high) && low < high,
          "The range of heat map '%s' is %s to %s.\n"
              + "Maybe give two finite numbers, the lower first.",
          title,
          low,
          high);
      range = new Range(low, high);
      return this;
    }

    /**
     * Frames a cell. Call it after {@link #values}.
     *
     * @throws IllegalArgumentException if there is no such cell
     */
    public Builder mark(int row, int column) {
      checkArgument(
          row >= 0 && row < values.length && column >= 0 && column < columns.size(),
          "Heat map '%s' has no cell [%s][%s]: its shape is [%s][%s].\n"
              + "Maybe call values first; indices start at 0.",
          title,
          row,
          column,
          values.length,
          columns.size());
      marks.set(row * columns.size() + column);
      return this;
    }

    /**
     * What a frame means. Default {@code picked}.
     *
     * @throws IllegalArgumentException if the label is blank
     */
    public Builder markLabel(String label) {
      markLabel = requireText(label, "mark label of heat map '" + title + "'");
      return this;
    }

    /**
     * The heat map.
     *
     * @throws IllegalStateException if there are no values
     */
    public HeatMap build() {
      checkState(
          values.length > 0,
          "Heat map '%s' has no values.\nMaybe call rows, columns and values.",
          title);
      return new HeatMap(this);
    }
  }

  @Override
  void draw(Svg svg, double top) {
    double y = drawScale(svg, top);
    double most = svg.width() * 0.36;
    double left = Math.min(most, TextSize.widest(rows, Svg.LABEL_SIZE)) + 10;
    double widest = TextSize.widest(columns, Svg.TICK_SIZE);
    double cell = Math.min(WIDEST_CELL, (svg.width() - left) / columns.size());
    boolean level = widest + 8 <= cell;
    double header = 18;
    if (!level) {
      // Turned labels lean right; the last one needs room beyond its column.
      double slant = Math.min(widest, 150) * Math.sqrt(0.5);
      cell = Math.min(WIDEST_CELL, (svg.width() - left - slant) / (columns.size() - 0.5));
      header = slant + 12;
    }
    double height = rows.size() <= 10 ? 30 : 24;
    Numbers.Format format = Numbers.alike(magnitude(), magnitude() <= 1 ? 2 : 3);
    boolean written = widestValue(format) + 8 <= cell;
    Grid grid = new Grid(svg, left, y + header, cell, height);
    drawColumnLabels(grid, level);
    for (int r = 0; r < rows.size(); r++) {
      double middle = grid.y(r) + height / 2 + 4.5;
      svg.fitted("key", "end", left - 10, middle, rows.get(r), most, Svg.LABEL_SIZE);
      for (int c = 0; c < columns.size(); c++) {
        drawCell(grid, r, c, written ? format.of(values[r][c]) : "");
      }
    }
    for (int i = marks.nextSetBit(0); i >= 0; i = marks.nextSetBit(i + 1)) {
      drawMark(grid, i / columns.size(), i % columns.size());
    }
    svg.reach(grid.y(rows.size()) + 3);
  }

  /** Where cells lie; all pixels. */
  private record Grid(Svg svg, double left, double top, double cell, double height) {

    double x(double column) {
      return left + column * cell;
    }

    double y(double row) {
      return top + row * height;
    }
  }

  private void drawColumnLabels(Grid grid, boolean level) {
    // Columns narrower than a line of text share labels: every second, third, … is named.
    int stride = level ? 1 : Math.max(1, (int) Math.ceil(15 / grid.cell()));
    for (int c = 0; c < columns.size(); c += stride) {
      String name = columns.get(c);
      if (level) {
        grid.svg().text("tick", "middle", grid.x(c + 0.5), grid.top() - 7, name);
      } else {
        String text = TextSize.fit(name, 150, Svg.TICK_SIZE);
        grid.svg().text("tick", "start", grid.x(c + 0.5) + 3, grid.top() - 6, text, -45, name);
      }
    }
  }

  private void drawCell(Grid grid, int r, int c, String text) {
    double value = values[r][c];
    boolean missing = Double.isNaN(value);
    int heat = missing ? 0 : Theme.level((value - range.low()) / range.span());
    boolean marked = isMarked(r, c);
    String tooltip =
        rows.get(r)
            + ", "
            + columns.get(c)
            + ": "
            + (missing ? "none" : Numbers.significant(value, 4))
            + (marked ? " (" + markLabel + ")" : "");
    double gap = grid.cell() > 8 ? 1 : 0;
    // What does not exist is a small square, so that it differs from every colour of the scale.
    double insetX = missing ? Math.max(gap, (grid.cell() - 6) / 2) : gap;
    double insetY = missing ? (grid.height() - 6) / 2 : gap;
    grid.svg()
        .rect(
            missing ? "missing" : "h" + heat,
            tooltip,
            grid.x(c) + insetX,
            grid.y(r) + insetY,
            Math.max(0.5, grid.cell() - 2 * insetX),
            grid.height() - 2 * insetY,
            gap * 3);
    if (!text.isEmpty() && !missing) {
      String style = "cell on" + heat + (marked ? " picked" : "");
      grid.svg().text(style, "middle", grid.x(c + 0.5), grid.y(r + 0.5) + 4.5, text);
    }
  }

  private void drawMark(Grid grid, int r, int c) {
    // Two strokes, so that the frame stands out on pale and on deep cells.
    for (String style : List.of("halo", "mark")) {
      double out = style.equals("halo") ? 1.25 : -0.25;
      double width = Math.max(1, grid.cell() - 2 * out);
      double height = grid.height() - 2 * out;
      grid.svg().rect(style, "", grid.x(c) + out, grid.y(r) + out, width, height, 3.5);
    }
  }

  /** The colours with their values, and what a frame means; returns the y below. */
  private double drawScale(Svg svg, double top) {
    Numbers.Format format = Numbers.alike(range.magnitude(), 3);
    boolean whole =
        range.low() == Math.rint(range.low()) && range.high() == Math.rint(range.high());
    String low = whole ? Numbers.significant(range.low(), 6) : format.of(range.low());
    String high = whole ? Numbers.significant(range.high(), 6) : format.of(range.high());
    double x = 0;
    svg.text("tick", "start", x, top + 13, low);
    x += TextSize.width(low, Svg.TICK_SIZE) + 6;
    double step = SCALE_WIDTH / Theme.HEAT_LEVELS;
    for (int i = 0; i < Theme.HEAT_LEVELS; i++) {
      // Overlapping by half a pixel hides the seams.
      double width = step + (i < Theme.HEAT_LEVELS - 1 ? 0.5 : 0);
      svg.rect("h" + i, "", x + i * step, top + 3, width, 12, 0);
    }
    x += SCALE_WIDTH + 6;
    svg.text("tick", "start", x, top + 13, high);
    x += TextSize.width(high, Svg.TICK_SIZE) + 24;
    double y = top;
    if (!marks.isEmpty()) {
      if (x + 26 + TextSize.width(markLabel, Svg.LABEL_SIZE) > svg.width()) {
        x = 0;
        y += 22;
      }
      svg.rect("mark", "", x + 1, y + 2.5, 18, 13, 3.5);
      svg.fitted("key", "start", x + 26, y + 13.5, markLabel, svg.width() - x - 26, Svg.LABEL_SIZE);
    }
    return y + 30;
  }

  private boolean isMarked(int row, int column) {
    return marks.get(row * columns.size() + column);
  }

  private double magnitude() {
    double greatest = 0;
    for (double[] row : values) {
      greatest = Math.max(greatest, Range.of(row).magnitude());
    }
    return greatest;
  }

  private double widestValue(Numbers.Format format) {
    double widest = 0;
    for (double[] row : values) {
      for (double value : row) {
        widest = Math.max(widest, TextSize.width(format.of(value), Svg.BOLD_TICK));
      }
    }
    return widest;
  }

  @Override
  String describe() {
    List<String> parts = new ArrayList<>();
    for (int r = 0; r < rows.size(); r++) {
      List<String> named = new ArrayList<>();
      for (int c = 0; c < columns.size(); c++) {
        if (isMarked(r, c)) {
          named.add(columns.get(c) + " " + Numbers.significant(values[r][c], 3));
        }
      }
      if (!named.isEmpty()) {
        parts.add(rows.get(r) + ": " + String.join(", ", named));
      }
    }
    return "Heat map of "
        + rows.size()
        + " by "
        + columns.size()
        + " values, "
        + span(range)
        + (parts.isEmpty() ? "." : ". " + markLabel + ": " + sentence(parts));
  }
}
