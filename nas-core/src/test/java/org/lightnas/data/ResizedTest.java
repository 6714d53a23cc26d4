package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;

final class ResizedTest {

  /** float32 in the reference, values below 64. */
  private static final double TOLERANCE = 1e-4;

  private static ImageSet floats(FeatureShape shape, float... pixels) {
    return new ImageSet(shape, 2, new Pixels.Floats(pixels), new int[] {1});
  }

  private static float[] resized(ImageSet images, FeatureShape size) {
    ImageSet resized = images.resized(size);
    assertThat(resized.shape()).isEqualTo(size);
    float[] target = new float[(int) size.size()];
    resized.copyNhwc(resized.size() - 1, target, 0);
    return target;
  }

  /**
   * Pillow 12.3.0:
   *
   * <pre>
   * a = numpy.array([[(y * 7 + x) * 37 + 11) % 64 for x in range(7)] for y in range(5)], 'float32')
   * Image.fromarray(a, mode='F').resize((width, height), Image.BILINEAR)
   * </pre>
   */
  @Test
  void agreesWithPillow() {
    float[] pixels = new float[35];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (i * 37 + 11) % 64;
    }
    ImageSet image = floats(new FeatureShape(1, 5, 7), pixels);
    double[] smaller = {
      29.75,
      39.92647171020508,
      23.75,
      33.25,
      32.44607925415039,
      27.25,
      36.75,
      20.573530197143555,
      30.75,
      40.25,
      24.073530197143555,
      34.25
    };
    assertClose(resized(image, new FeatureShape(1, 4, 3)), smaller);
    double[] lower = {
      14.0,
      51.0,
      24.0,
      43.54545593261719,
      34.0,
      7.0,
      44.0,
      20.0,
      57.0,
      30.0,
      5.909090995788574,
      40.0,
      13.0,
      50.0
    };
    assertClose(resized(image, new FeatureShape(1, 2, 7)), lower);
    double[] larger = {
      11.0,
      35.66666793823242,
      36.0,
      29.22222137451172,
      58.0,
      37.0,
      16.0,
      16.33333396911621,
      41.0,
      13.25,
      37.91666793823242,
      38.25,
      31.47222137451172,
      60.25,
      39.25,
      18.25,
      18.58333396911621,
      43.25
    };
    float[] found = resized(image, new FeatureShape(1, 6, 9));
    for (int i = 0; i < larger.length; i++) {
      assertThat((double) found[i]).isCloseTo(larger[i], within(TOLERANCE));
    }
    assertThat((double) found[53]).isCloseTo(53, within(TOLERANCE));
  }

  private static void assertClose(float[] found, double... expected) {
    assertThat(found).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  /** By hand: the triangle around 1 reaches from -1 to 3 and is cut off at the border. */
  @Test
  void halvingWeighsThreePixelsAtTheBorder() {
    float[] half =
        resized(floats(new FeatureShape(1, 1, 4), 7, 0, 14, 0), new FeatureShape(1, 1, 2));
    assertClose(half, 3 + 2, 6);
  }

  /** So a fine pattern becomes grey; without antialiasing it would become coarse. */
  @Test
  void finePatternsAverageOut() {
    float[] board = new float[32 * 32];
    for (int i = 0; i < board.length; i++) {
      board[i] = (i / 32 + i) % 2;
    }
    float[] small = resized(floats(new FeatureShape(1, 32, 32), board), new FeatureShape(1, 8, 8));
    for (float value : small) {
      assertThat((double) value).isCloseTo(0.5, within(0.02));
    }
  }

  @Test
  void keepsChannelsLabelsAndConstantsApart() {
    byte[] pixels = new byte[2 * 3 * 16];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (51 * (i / 16 % 3 + 1) + (i < 48 ? 0 : 51));
    }
    ImageSet images = new ImageSet(new FeatureShape(3, 4, 4), 2, pixels, new int[] {1, 0});
    ImageSet large = images.resized(new FeatureShape(3, 7, 5));
    assertThat(large.size()).isEqualTo(2);
    assertThat(large.classes()).isEqualTo(2);
    assertThat(large.label(0)).isEqualTo(1);
    float[] last = resized(images, new FeatureShape(3, 7, 5));
    for (int i = 0; i < last.length; i++) {
      assertThat((double) last[i]).isCloseTo(0.2 * (i % 3 + 2), within(1e-6));
    }
  }

  @Test
  void aViewIsResizedInItsOwnOrder() {
    ImageSet two =
        new ImageSet(
            new FeatureShape(1, 1, 2), 2, new Pixels.Floats(new float[] {1, 1, 4, 4}), new int[2]);
    assertClose(resized(two.subset(1, 2), new FeatureShape(1, 1, 3)), 4, 4, 4);
  }

  @Test
  void theSameSizeIsTheSameSetAndChannelsStay() {
    ImageSet image = floats(new FeatureShape(1, 1, 2), 1, 2);
    assertThat(image.resized(image.shape())).isSameAs(image);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> image.resized(new FeatureShape(3, 1, 2)))
        .withMessage("Images of 1x1x2 cannot be resized to 3x1x2: their channels stay.");
    ImageData data = ImageData.of("two", image, image);
    assertThat(data.resized(image.shape())).isSameAs(data);
    assertThat(data.resized(new FeatureShape(1, 4, 4)).shape())
        .isEqualTo(new FeatureShape(1, 4, 4));
  }
}
