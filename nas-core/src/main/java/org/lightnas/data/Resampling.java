package org.lightnas.data;

/**
 * Bilinear resizing of one axis, with antialiasing: every new value is a mean of old ones, weighted
 * by a triangle around the place it stands for. Where values become fewer the triangle is as much
 * wider, so that none is skipped; where they become more it spans two neighbours, which is plain
 * interpolation. Pixels are squares whose centres lie at halves, and the triangle is cut off at the
 * border; so do Pillow's {@code BILINEAR} and PyTorch's {@code interpolate} with {@code antialias}.
 */
final class Resampling {

  /** The first old place that counts for any new one. */
  private final int begin;

  /** Of each new place, the first old one that counts, from {@link #begin} on. */
  private final int[] first;

  /** Of each new place, the weights from there on; they add up to 1. */
  private final double[][] weights;

  Resampling(int before, int after) {
    this(before, after, 0, after);
  }

  /**
   * Some new places of many.
   *
   * @param from the first one
   * @param count how many; the old ones that they need are all that {@link #apply} is given
   */
  Resampling(int before, long after, long from, int count) {
    first = new int[count];
    weights = new double[count][];
    double scale = (double) before / after;
    double reach = Math.max(1, scale);
    for (int i = 0; i < count; i++) {
      double centre = (from + i + 0.5) * scale;
      first[i] = Math.max(0, (int) Math.floor(centre - reach + 0.5));
      int end = Math.min(before, (int) Math.floor(centre + reach + 0.5));
      weights[i] = new double[end - first[i]];
      double sum = 0;
      for (int k = 0; k < weights[i].length; k++) {
        double distance = Math.abs(first[i] + k + 0.5 - centre) / reach;
        weights[i][k] = Math.max(0, 1 - distance);
        sum += weights[i][k];
      }
      for (int k = 0; k < weights[i].length; k++) {
        weights[i][k] /= sum;
      }
    }
    begin = first[0];
    for (int i = 0; i < count; i++) {
      first[i] -= begin;
    }
  }

  /** The first old place that is needed. */
  int begin() {
    return begin;
  }

  /** How many old places are needed, from {@link #begin} on. */
  int needed() {
    int last = first.length - 1;
    return first[last] + weights[last].length;
  }

  /**
   * Resizes the middle one of three axes.
   *
   * @param values {@code [outer, before, inner]}; of the middle axis the {@linkplain #needed
   *     needed} places
   * @return {@code [outer, after, inner]}
   */
  double[] apply(double[] values, int outer, int before, int inner) {
    double[] result = new double[outer * first.length * inner];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < first.length; i++) {
        int to = (o * first.length + i) * inner;
        for (int k = 0; k < weights[i].length; k++) {
          int from = (o * before + first[i] + k) * inner;
          for (int c = 0; c < inner; c++) {
            result[to + c] += weights[i][k] * values[from + c];
          }
        }
      }
    }
    return result;
  }
}
