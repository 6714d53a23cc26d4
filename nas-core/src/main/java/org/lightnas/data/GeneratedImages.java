package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.random.RandomGenerator;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;

/**
 * Draws one motif per image, on a shaded background with strokes, under specks and noise.
 *
 * <p>Each image depends on (seed, part, place) alone. Only operations that Java defines to the last
 * bit are used ({@link StrictMath}, square roots), so that every machine draws the same bytes.
 */
final class GeneratedImages {

  private static final FeatureShape SHAPE = new FeatureShape(3, 24, 24);
  private static final int SIDE = 24;
  private static final int AREA = SIDE * SIDE;
  private static final int IMAGE = 3 * AREA;
  private static final Motif[] MOTIFS = Motif.values();

  private static final double LIGHTER_SHARE = 0.65;
  private static final int STROKES = 2;
  private static final int SPECKS = 2;
  private static final double NOISE = 0.03; // standard deviation, where 1 is white

  private final RandomGenerator random;
  private final double[] image = new double[IMAGE];

  private GeneratedImages(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Draws a set of which image {@code i} shows motif {@code i % 10}.
   *
   * @param part names the set and keeps its images apart from those of other parts
   */
  static ImageSet draw(int count, long seed, String part) {
    int most = Integer.MAX_VALUE / IMAGE;
    checkArgument(
        count >= 1 && count <= most,
        "The number of generated %s must lie between 1 and %s, but is %s.",
        part,
        most,
        count);
    byte[] pixels = new byte[count * IMAGE];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % MOTIFS.length;
      GeneratedImages drawing = new GeneratedImages(Seeds.random(seed, part, i));
      drawing.paint(MOTIFS[labels[i]]);
      drawing.store(pixels, i * IMAGE);
    }
    return new ImageSet(SHAPE, MOTIFS.length, pixels, labels);
  }

  private void paint(Motif motif) {
    double dark = between(0.08, 0.4);
    double light = dark + between(0.36, 0.55);
    boolean lighter = random.nextDouble() < LIGHTER_SHARE;
    double[] back = tinted(lighter ? dark : light);
    double[] front = tinted(lighter ? light : dark);
    shade(back);
    for (int k = 0; k < STROKES; k++) {
      stroke(tinted((dark + light) / 2), between(2, 5), between(0.4, 0.8), 0.6);
    }
    if (motif.texture()) {
      texture(motif, front);
    } else {
      shape(motif, front);
    }
    for (int k = 0; k < SPECKS; k++) {
      stroke(tinted(between(0.1, 0.9)), 0.5, between(0.5, 1), 0.8);
    }
  }

  private void shade(double[] color) {
    double across = between(-0.08, 0.08) / SIDE;
    double down = between(-0.08, 0.08) / SIDE;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double shade = (x - SIDE / 2) * across + (y - SIDE / 2) * down;
        for (int c = 0; c < 3; c++) {
          image[c * AREA + y * SIDE + x] = color[c] + shade;
        }
      }
    }
  }

  private void shape(Motif motif, double[] color) {
    double size = between(7, 10);
    Pose pose = pose(motif, size, SIDE - size);
    cover(color, 1, (x, y) -> motif.coverage(pose.u(x, y), pose.v(x, y), size));
  }

  private void texture(Motif motif, double[] color) {
    double period = between(4.5, 7);
    double halfWidth = between(8, 11);
    double halfHeight = between(8, 11);
    Pose pose = pose(motif, 10, SIDE - 10);
    double shiftX = between(0, period * 2);
    double shiftY = between(0, period * 2);
    double mirror = random.nextBoolean() ? 1 : -1; // diagonals may rise or fall
    cover(
        color,
        1,
        (x, y) -> {
          double u = mirror * pose.u(x, y);
          double v = pose.v(x, y);
          double patch = Motif.inside(Motif.box(x - pose.x, y - pose.y, halfWidth, halfHeight));
          return patch * motif.coverage(u + shiftX, v + shiftY, period);
        });
  }

  /** A short thick line anywhere. */
  private void stroke(double[] color, double halfLength, double halfWidth, double opacity) {
    double middleX = between(0, SIDE);
    double middleY = between(0, SIDE);
    Pose pose = new Pose(middleX, middleY, between(-180, 180));
    cover(
        color,
        opacity,
        (x, y) -> {
          double u = Math.max(0, Math.abs(pose.u(x, y)) - halfLength);
          double v = pose.v(x, y);
          return Motif.inside(Math.sqrt(u * u + v * v) - halfWidth);
        });
  }

  private Pose pose(Motif motif, double from, double to) {
    double x = between(from, to);
    double y = between(from, to);
    return new Pose(x, y, between(-motif.mostTurn(), motif.mostTurn()));
  }

  private void cover(double[] color, double opacity, Coverage coverage) {
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double a = opacity * coverage.at(x + 0.5, y + 0.5);
        if (a > 0) {
          for (int c = 0; c < 3; c++) {
            int p = c * AREA + y * SIDE + x;
            image[p] += a * (color[c] - image[p]);
          }
        }
      }
    }
  }

  private void store(byte[] pixels, int offset) {
    for (int p = 0; p < IMAGE; p++) {
      // The sum of three uniform variables has the deviation 1/2 and is near enough to normal.
      double noise = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
      double value = image[p] + 2 * NOISE * noise;
      pixels[offset + p] = (byte) Math.rint(255 * Math.max(0, Math.min(1, value)));
    }
  }

  /** A colour around a brightness. */
  private double[] tinted(double brightness) {
    double red = brightness + between(-0.15, 0.15);
    double green = brightness + between(-0.15, 0.15);
    return new double[] {red, green, brightness + between(-0.15, 0.15)};
  }

  private double between(double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  private interface Coverage {

    double at(double x, double y);
  }

  /** A place and a turn; u and v are coordinates in the turned system. */
  private static final class Pose {

    final double x;
    final double y;
    private final double cos;
    private final double sin;

    Pose(double x, double y, double degrees) {
      this.x = x;
      this.y = y;
      this.cos = StrictMath.cos(StrictMath.toRadians(degrees));
      this.sin = StrictMath.sin(StrictMath.toRadians(degrees));
    }

    double u(double px, double py) {
      return cos * (px - x) + sin * (py - y);
    }

    double v(double px, double py) {
      return cos * (py - y) - sin * (px - x);
    }
  }
}
