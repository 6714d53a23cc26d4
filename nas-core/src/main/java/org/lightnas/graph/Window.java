package org.lightnas.graph;

import org.lightnas.FeatureShape;

/**
 * How a kernel moves over a feature map.
 *
 * @param kernelH rows of the kernel
 * @param kernelW columns of the kernel
 * @param strideH step between rows
 * @param strideW step between columns
 * @param top zero rows added above
 * @param left zero columns added left
 * @param bottom zero rows added below; differs from {@code top} only under DL4J's {@code Same}
 * @param right zero columns added right; differs from {@code left} only under DL4J's {@code Same}
 * @param dilationH rows between the kernel's rows, 1 for a plain kernel
 * @param dilationW columns between the kernel's columns
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int top,
    int left,
    int bottom,
    int right,
    int dilationH,
    int dilationW) {

  /** A window over {@code in} with the same padding on opposite sides. */
  public static Window symmetric(int[] kernel, int[] stride, int[] padding, int[] dilation) {
    return new Window(
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        padding[0],
        padding[1],
        padding[0],
        padding[1],
        dilation[0],
        dilation[1]);
  }

  /**
   * DL4J's {@code Same}: output is {@code ceil(in / stride)}, the odd zero goes below and right.
   */
  public static Window same(FeatureShape in, int[] kernel, int[] stride, int[] dilation) {
    int padH = samePadding(in.height(), kernel[0], stride[0], dilation[0]);
    int padW = samePadding(in.width(), kernel[1], stride[1], dilation[1]);
    return new Window(
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        padH / 2,
        padW / 2,
        padH - padH / 2,
        padW - padW / 2,
        dilation[0],
        dilation[1]);
  }

  private static int samePadding(int size, int kernel, int stride, int dilation) {
    int out = (size - 1) / stride + 1;
    return Math.max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - size);
  }

  /** The same kernel with other padding. */
  public Window padded(int newTop, int newLeft, int newBottom, int newRight) {
    return new Window(
        kernelH, kernelW, strideH, strideW, newTop, newLeft, newBottom, newRight, dilationH,
        dilationW);
  }

  /** Whether it adds any zeros. */
  public boolean isPadded() {
    return top != 0 || left != 0 || bottom != 0 || right != 0;
  }

  /** Whether opposite sides have the same padding. */
  public boolean isSymmetric() {
    return top == bottom && left == right;
  }

  /** The same window with this padding: {@code rows} above and below, {@code columns} aside. */
  public Window padded(int rows, int columns) {
    return new Window(
        kernelH, kernelW, strideH, strideW, rows, columns, rows, columns, dilationH, dilationW);
  }

  /** Rows of the output for {@code height} rows of input. */
  public int outputHeight(int height) {
    return (height + top + bottom - (kernelH - 1) * dilationH - 1) / strideH + 1;
  }

  /** Columns of the output for {@code width} columns of input. */
  public int outputWidth(int width) {
    return (width + left + right - (kernelW - 1) * dilationW - 1) / strideW + 1;
  }

  /** The shape this window makes of {@code in}, channels kept. */
  public FeatureShape over(FeatureShape in) {
    return new FeatureShape(in.channels(), outputHeight(in.height()), outputWidth(in.width()));
  }
}
