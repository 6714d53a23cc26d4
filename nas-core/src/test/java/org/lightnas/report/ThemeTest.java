package org.lightnas.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ThemeTest {

  /** Linear RGB of what a reader sees; Machado, Oliveira, Fernandes 2009, severity 1. */
  private static final List<double[][]> VISIONS =
      List.of(
          new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
          new double[][] {
            {0.367322, 0.860646, -0.227968},
            {0.280085, 0.672501, 0.047413},
            {-0.011820, 0.042940, 0.968881}
          },
          new double[][] {
            {0.152286, 1.052583, -0.204868},
            {0.114503, 0.786281, 0.099216},
            {-0.003882, -0.048116, 1.051998}
          },
          new double[][] {
            {1.255528, -0.076749, -0.178779},
            {-0.078411, 0.930809, 0.147602},
            {0.004733, 0.691367, 0.303900}
          });

  static Stream<Theme.Palette> palettes() {
    return Stream.of(Theme.LIGHT, Theme.DARK);
  }

  @ParameterizedTest
  @MethodSource("palettes")
  void seriesColoursStayApartForColourBlindReaders(Theme.Palette palette) {
    for (double[][] vision : VISIONS) {
      for (String a : palette.series()) {
        for (String b : palette.series()) {
          if (!a.equals(b)) {
            // 0.02 in Oklab is about a just noticeable difference; lines are thin, so ask for 4.
            assertThat(distance(oklab(a, vision), oklab(b, vision))).as(a + b).isGreaterThan(0.08);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("palettes")
  void marksAndTextStandOutFromTheCard(Theme.Palette palette) {
    palette
        .series()
        .forEach(c -> assertThat(contrast(c, palette.card())).as(c).isGreaterThan(2.99));
    for (String text : List.of(palette.ink(), palette.muted(), palette.good(), palette.bad())) {
      assertThat(contrast(text, palette.card())).as(text).isGreaterThan(4.5);
      assertThat(contrast(text, palette.page())).as(text).isGreaterThan(4.5);
    }
  }

  @ParameterizedTest
  @MethodSource("palettes")
  void heatColoursRunOneWayAndCarryReadableText(Theme.Palette palette) {
    List<Double> luminance = new ArrayList<>();
    IntStream.range(0, Theme.HEAT_LEVELS)
        .forEach(
            i -> {
              assertThat(contrast(palette.heat(i), palette.onHeat(i))).isGreaterThan(4.5);
              luminance.add(Theme.Palette.luminance(palette.heat(i)));
            });
    boolean falls = luminance.get(0) > luminance.get(1);
    for (int i = 1; i < luminance.size(); i++) {
      assertThat(luminance.get(i - 1) > luminance.get(i)).as("level " + i).isEqualTo(falls);
    }
  }

  private static double contrast(String a, String b) {
    double x = Theme.Palette.luminance(a) + 0.05;
    double y = Theme.Palette.luminance(b) + 0.05;
    return Math.max(x, y) / Math.min(x, y);
  }

  private static double distance(double[] a, double[] b) {
    return Math.sqrt(IntStream.range(0, 3).mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i])).sum());
  }

  /** Ottosson 2020. */
  private static double[] oklab(String colour, double[][] vision) {
    double[] rgb = new double[3];
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      rgb[i] = c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }
    double[] seen = times(vision, rgb);
    for (int i = 0; i < 3; i++) {
      seen[i] = Math.max(0, Math.min(1, seen[i]));
    }
    double[] lms =
        times(
            new double[][] {
              {0.4122214708, 0.5363325363, 0.0514459929},
              {0.2119034982, 0.6806995451, 0.1073969566},
              {0.0883024619, 0.2817188376, 0.6299787005}
            },
            seen);
    for (int i = 0; i < 3; i++) {
      lms[i] = Math.cbrt(lms[i]);
    }
    return times(
        new double[][] {
          {0.2104542553, 0.7936177850, -0.0040720468},
          {1.9779984951, -2.4285922050, 0.4505937099},
          {0.0259040371, 0.7827717662, -0.8086757660}
        },
        lms);
  }

  private static double[] times(double[][] matrix, double[] vector) {
    double[] product = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        product[i] += matrix[i][j] * vector[j];
      }
    }
    return product;
  }
}
