package org.lightnas.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The framed area of a chart with two axes: places values, draws grid, labels and references. */
final class Plot {

  /** Pixels between the baselines of labels beside the frame. */
  static final double LABEL_PITCH = 15;

  private static final double BASELINE = 4; // from the middle of a digit down to its baseline

  private final Svg svg;
  private final double left;
  private final double right;
  private Axis xAxis = new Axis(0, 1, false, List.of());
  private Axis yAxis = new Axis(0, 1, false, List.of());
  private double top;
  private double bottom;

  /** Spans these pixels across; {@link #frame} says the rest. */
  Plot(Svg svg, double left, double right) {
    this.svg = svg;
    this.left = left;
    this.right = right;
  }

  /** As many ticks as have room for their labels. */
  static Axis xAxis(Range range, double width, boolean integers, Axis.Fit fit) {
    for (int wanted = Math.max(1, (int) (width / 64)); ; wanted--) {
      Axis axis = Axis.linear(range, wanted, integers, fit);
      double share = axis.ticks().size() < 2 ? 1 : pitch(axis);
      if (wanted == 1 || axis.labelWidth(Svg.TICK_SIZE) + 14 <= share * width) {
        return axis;
      }
    }
  }

  private static double pitch(Axis axis) {
    return axis.at(axis.ticks().get(1).value()) - axis.at(axis.ticks().get(0).value());
  }

  Svg svg() {
    return svg;
  }

  double width() {
    return right - left;
  }

  double x(double value) {
    return left + xAxis.at(value) * (right - left);
  }

  double y(double value) {
    return bottom - yAxis.at(value) * (bottom - top);
  }

  /** Moves to a new frame and draws grid lines and the labels of the vertical axis. */
  void frame(Axis x, Axis y, double from, double to) {
    xAxis = x;
    yAxis = y;
    top = from;
    bottom = to;
    for (Axis.Tick tick : y.ticks()) {
      double at = y(tick.value());
      svg.line("grid", left, at, right, at);
      svg.text("tick", "end", left - 8, at + BASELINE, tick.label());
    }
    svg.line("axis", left, bottom, right, bottom);
    svg.reach(bottom + 8);
  }

  /** Vertical grid lines, for clouds. */
  void columns() {
    for (Axis.Tick tick : xAxis.ticks()) {
      svg.line("grid", x(tick.value()), top, x(tick.value()), bottom);
    }
  }

  /** Labels of the horizontal axis; returns the y below. */
  double xLabels(String label) {
    for (Axis.Tick tick : xAxis.ticks()) {
      double at = x(tick.value());
      svg.line("axis", at, bottom, at, bottom + 5);
      // Labels at the ends lean inwards rather than out of the drawing.
      double half = TextSize.width(tick.label(), Svg.TICK_SIZE) / 2;
      double kept = Math.max(half, Math.min(svg.width() - half, at));
      svg.text("tick", "middle", kept, bottom + 19, tick.label());
    }
    double y = bottom + 24;
    if (!label.isBlank()) {
      y += 16;
      double middle = (left + right) / 2;
      double most = 2 * Math.min(middle, svg.width() - middle);
      svg.fitted("label", "middle", middle, y, label, most, Svg.BOLD_LABEL);
      y += 2;
    }
    svg.reach(y);
    return y;
  }

  void dot(double x, double y, double radius, String style, String tooltip) {
    svg.mark("circle", tooltip, "class", style, "cx", x(x), "cy", y(y), "r", radius);
  }

  /** Horizontal lines with labels right of the frame, moved apart where they would collide. */
  void references(List<String> labels, double[] values) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, values.length).boxed().toList());
    order.sort(Comparator.comparingDouble(i -> y(values[i])));
    double[] labelY = new double[values.length];
    double least = top;
    for (int i = 0; i < order.size(); i++) {
      double wanted = y(values[order.get(i)]);
      double room = bottom - (order.size() - 1 - i) * LABEL_PITCH;
      labelY[i] = Math.min(room, Math.max(least, wanted));
      least = labelY[i] + LABEL_PITCH;
    }
    for (int i = 0; i < order.size(); i++) {
      String label = labels.get(order.get(i));
      double value = values[order.get(i)];
      String tooltip = label + ": " + Numbers.significant(value, 6);
      svg.mark(
          "line",
          tooltip,
          "class",
          "reference",
          "x1",
          left,
          "y1",
          y(value),
          "x2",
          right,
          "y2",
          y(value));
      if (Math.abs(labelY[i] - y(value)) > 1) {
        svg.line("leader", right, y(value), right + 6, labelY[i]);
      }
      String text = TextSize.fit(label, svg.width() - right - 8, Svg.BOLD_TICK);
      svg.text("tick picked", "start", right + 8, labelY[i] + BASELINE, text, 0, tooltip);
    }
  }
}
