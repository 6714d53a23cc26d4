package org.lightnas.data;

/**
 * What a generated image shows: five shapes, five textures; the ordinal is the class. Lengths are
 * pixels. A coverage is 1 inside, 0 outside, and changes over about one pixel at an edge, which is
 * what keeps small drawings smooth.
 */
enum Motif {
  DISC(false, 180) {
    @Override
    double coverage(double x, double y, double size) {
      return inside(Math.sqrt(x * x + y * y) - 0.85 * size);
    }
  },
  RING(false, 180) {
    @Override
    double coverage(double x, double y, double size) {
      return inside(Math.abs(Math.sqrt(x * x + y * y) - 0.78 * size) - 0.2 * size);
    }
  },
  SQUARE(false, 30) {
    @Override
    double coverage(double x, double y, double size) {
      return inside(box(x, y, 0.72 * size, 0.72 * size));
    }
  },
  TRIANGLE(false, 30) {
    @Override
    double coverage(double x, double y, double size) {
      double beyondSides = Math.max(y, Math.abs(x) * Math.sqrt(0.75) - y / 2);
      return inside(beyondSides - 0.55 * size);
    }
  },
  CROSS(false, 30) {
    @Override
    double coverage(double x, double y, double size) {
      double arm = 0.26 * size;
      return inside(Math.min(box(x, y, size, arm), box(x, y, arm, size)));
    }
  },
  HORIZONTAL_STRIPES(true, 10) {
    @Override
    double coverage(double x, double y, double size) {
      return stripes(y, size);
    }
  },
  VERTICAL_STRIPES(true, 10) {
    @Override
    double coverage(double x, double y, double size) {
      return stripes(x, size);
    }
  },
  DIAGONAL_STRIPES(true, 10) {
    @Override
    double coverage(double x, double y, double size) {
      return stripes((x + y) * Math.sqrt(0.5), size);
    }
  },
  CHECKERBOARD(true, 10) {
    @Override
    double coverage(double x, double y, double size) {
      double a = stripes(x, 1.4 * size);
      double b = stripes(y, 1.4 * size);
      return a * b + (1 - a) * (1 - b);
    }
  },
  DOTS(true, 180) {
    @Override
    double coverage(double x, double y, double size) {
      double dx = (x / size - Math.rint(x / size)) * size;
      double dy = (y / size - Math.rint(y / size)) * size;
      return inside(Math.sqrt(dx * dx + dy * dy) - 0.3 * size);
    }
  };

  private final boolean texture;
  private final int mostTurn;

  Motif(boolean texture, int mostTurn) {
    this.texture = texture;
    this.mostTurn = mostTurn;
  }

  /** Whether it fills a patch, rather than being a thing of its own. */
  boolean texture() {
    return texture;
  }

  /** How far it may be turned either way and still be itself, in degrees. */
  int mostTurn() {
    return mostTurn;
  }

  /**
   * How much of the pixel at (x, y) from the middle is covered, from 0 to 1.
   *
   * @param size the reach from the middle of a shape, the period of a texture
   */
  abstract double coverage(double x, double y, double size);

  /** Coverage by something whose border is {@code distance} away; negative is inside. */
  static double inside(double distance) {
    return Math.max(0, Math.min(1, 0.5 - distance));
  }

  /** The distance to a box, negative inside, by the chessboard rule outside its corners. */
  static double box(double x, double y, double halfWidth, double halfHeight) {
    return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
  }

  private static double stripes(double x, double period) {
    double phase = x / period - Math.floor(x / period);
    return inside((Math.abs(phase - 0.5) - 0.25) * period);
  }
}
