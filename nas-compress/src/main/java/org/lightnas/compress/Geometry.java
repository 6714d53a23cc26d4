package org.lightnas.compress;

import java.util.Optional;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Window;

/**
 * Which pixels and channels a convolution reads, without its numbers.
 *
 * @param in input channels
 * @param out output channels
 * @param depthwise whether every input channel has {@code out / in} output channels of its own;
 *     kernels are {@code [kH, kW, C, multiplier]} then and {@code [kH, kW, in, out]} otherwise
 */
record Geometry(int in, int out, Axis rows, Axis columns, boolean depthwise) {

  static Geometry of(FeatureShape in, FeatureShape out, Window window, boolean depthwise) {
    return new Geometry(
        in.channels(),
        out.channels(),
        new Axis(
            in.height(),
            out.height(),
            window.strideH(),
            window.top(),
            window.kernelH(),
            window.dilationH()),
        new Axis(
            in.width(),
            out.width(),
            window.strideW(),
            window.left(),
            window.kernelW(),
            window.dilationW()),
        depthwise);
  }

  /** Every value as it is. */
  static Geometry point(FeatureShape shape) {
    return new Geometry(
        shape.channels(),
        shape.channels(),
        Axis.point(shape.height()),
        Axis.point(shape.width()),
        true);
  }

  Geometry then(Geometry next) {
    return new Geometry(
        in,
        next.out,
        rows.then(next.rows),
        columns.then(next.columns),
        depthwise && next.depthwise);
  }

  /** One with the taps of both; none if they move over the image differently. */
  Optional<Geometry> plus(Geometry other) {
    return rows.plus(other.rows)
        .flatMap(
            down ->
                columns
                    .plus(other.columns)
                    .map(
                        across ->
                            new Geometry(in, out, down, across, depthwise && other.depthwise)));
  }

  /** Whether a pixel of the output, counted row by row, reads any padding. */
  boolean isBorder(int pixel) {
    return rows.isBorder(pixel / columns.out()) || columns.isBorder(pixel % columns.out());
  }

  /** What a convolution reads outside of the map that another one makes. */
  enum Beyond {
    /** Nothing. */
    NOTHING,
    /** Pixels where the other one would see nothing but padding: its bias. */
    BIAS,
    /** Pixels where the other one would see some of the image. */
    IMAGE
  }

  /** What the next one reads outside of the output of this one. */
  Beyond beyond(Geometry next) {
    Axis.Reads down = rows.reads(next.rows);
    Axis.Reads across = columns.reads(next.columns);
    if ((down.imageOutside() && across.image()) || (across.imageOutside() && down.image())) {
      return Beyond.IMAGE;
    }
    return down.outside() || across.outside() ? Beyond.BIAS : Beyond.NOTHING;
  }

  /** The index of a tap of this one after a tap of the next among those of both. */
  int tap(int tap, Geometry next, int nextTap, Geometry both) {
    return both.tap(
        both.rows.place(rows, row(tap), next.rows, next.row(nextTap)),
        both.columns.place(columns, column(tap), next.columns, next.column(nextTap)));
  }

  /** The index of a tap among those of one that has all taps of this. */
  int tap(int tap, Geometry larger) {
    return larger.tap(
        larger.rows.place(rows, row(tap)), larger.columns.place(columns, column(tap)));
  }

  private int tap(int row, int column) {
    return row * columns.taps() + column;
  }

  private int row(int tap) {
    return tap / columns.taps();
  }

  private int column(int tap) {
    return tap % columns.taps();
  }

  int taps() {
    return rows.taps() * columns.taps();
  }

  /** The first output channel that an input channel reaches. */
  int first(int c) {
    return depthwise ? c * (out / in) : 0;
  }

  /** The output channel behind the last that an input channel reaches. */
  int end(int c) {
    return depthwise ? (c + 1) * (out / in) : out;
  }

  /** Where a kernel has the weight of a tap from an input to an output channel. */
  int at(int tap, int c, int o) {
    return depthwise ? tap * out + o : (tap * in + c) * out + o;
  }

  /** How many weights a kernel has. */
  long size() {
    return (long) taps() * out * (depthwise ? 1 : in);
  }

  /** Multiply-accumulate operations for one image. */
  long macs() {
    return size() * rows.out() * columns.out();
  }

  /**
   * The same as DL4J can say it: with as much padding on opposite sides, or as much as {@code Same}
   * gives; where neither is so, with further taps that are zero. Dilation is kept for dense kernels
   * only, as some backends have none for depthwise ones.
   */
  Geometry written() {
    Axis down = depthwise ? rows.dense() : rows;
    Axis across = depthwise ? columns.dense() : columns;
    Geometry plain = new Geometry(in, out, down, across, depthwise);
    return plain.isSame()
        ? plain
        : new Geometry(in, out, down.madeSymmetric(), across.madeSymmetric(), depthwise);
  }

  /** The window of one that is {@link #written()}. */
  Window window() {
    return rows.symmetric() && columns.symmetric()
        ? Window.symmetric(
            new int[] {rows.taps(), columns.taps()},
            new int[] {rows.stride(), columns.stride()},
            new int[] {rows.before(), columns.before()},
            new int[] {rows.step(), columns.step()})
        : same();
  }

  private boolean isSame() {
    Window window = same();
    return window.top() == rows.before()
        && window.left() == columns.before()
        && window.outputHeight(rows.size()) == rows.out()
        && window.outputWidth(columns.size()) == columns.out();
  }

  private Window same() {
    return Window.same(
        new FeatureShape(1, rows.size(), columns.size()),
        new int[] {rows.taps(), columns.taps()},
        new int[] {rows.stride(), columns.stride()},
        new int[] {rows.step(), columns.step()});
  }
}
