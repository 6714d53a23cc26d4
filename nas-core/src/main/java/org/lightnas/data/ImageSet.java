package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.FeatureShape;

/** A list of labelled images of one shape. Immutable. */
public final class ImageSet {

  private final FeatureShape shape;
  private final int classes;
  private final byte[] pixels;
  private final int[] labels;

  /** Unsigned bytes, image after image, each {@code [C, H, W]}; not copied. */
  ImageSet(FeatureShape shape, int classes, byte[] pixels, int[] labels) {
    checkArgument(pixels.length == labels.length * shape.size(), "pixels and labels do not match");
    this.shape = shape;
    this.classes = classes;
    this.pixels = pixels;
    this.labels = labels;
  }

  /** The shape of every image. */
  public FeatureShape shape() {
    return shape;
  }

  /** The number of classes; labels are below it. */
  public int classes() {
    return classes;
  }

  /** The number of images. */
  public int size() {
    return labels.length;
  }

  /** The class of image {@code i}. */
  public int label(int i) {
    return labels[i];
  }

  /**
   * Copies image {@code i} in the order {@code [H, W, C]}, the order the engine works in.
   *
   * @param target receives C·H·W values
   * @param offset where the first one goes
   */
  public void copyNhwc(int i, float[] target, int offset) {
    int area = shape.height() * shape.width();
    int base = Math.toIntExact(i * shape.size());
    for (int c = 0; c < shape.channels(); c++) {
      for (int p = 0; p < area; p++) {
        target[offset + p * shape.channels() + c] = (pixels[base + c * area + p] & 0xFF) / 255f;
      }
    }
  }
}
