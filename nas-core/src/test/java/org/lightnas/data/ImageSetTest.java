package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;

final class ImageSetTest {

  private static final FeatureShape TWO_BY_TWO = new FeatureShape(1, 1, 2);

  /** Images whose two pixels name them; class i % 3, but two thirds of class 0 are missing. */
  private static ImageSet numbered(int size) {
    byte[] pixels = new byte[2 * size];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      pixels[2 * i] = (byte) i;
      pixels[2 * i + 1] = (byte) (i >> 8);
      labels[i] = i % 9 == 0 ? 0 : 1 + i % 2;
    }
    return new ImageSet(TWO_BY_TWO, 3, pixels, labels);
  }

  private static List<Integer> numbers(ImageSet images) {
    List<Integer> numbers = new ArrayList<>();
    float[] pixels = new float[2];
    for (int i = 0; i < images.size(); i++) {
      images.copyNhwc(i, pixels, 0);
      numbers.add(Math.round(pixels[0] * 255) + 256 * Math.round(pixels[1] * 255));
    }
    return numbers;
  }

  private static long count(ImageSet images, int label) {
    long count = 0;
    for (int i = 0; i < images.size(); i++) {
      count += images.label(i) == label ? 1 : 0;
    }
    return count;
  }

  @Test
  void putsChannelsLastAndScalesToOne() {
    byte[] pixels = {0, 51, 102, (byte) 153, (byte) 204, (byte) 255, 1, 2, 3, 4, 5, 6};
    ImageSet images = new ImageSet(new FeatureShape(3, 1, 2), 2, pixels, new int[] {1, 0});
    float[] target = new float[8];
    images.copyNhwc(0, target, 1);
    assertThat(target).containsExactly(0f, 0f, 0.4f, 0.8f, 0.2f, 0.6f, 1f, 0f);
    assertThat(images.label(0)).isEqualTo(1);
  }

  @Test
  void subsetKeepsOrderAndLabels() {
    ImageSet part = numbered(10).subset(3, 7);
    assertThat(numbers(part)).containsExactly(3, 4, 5, 6);
    assertThat(part.label(0)).isEqualTo(numbered(10).label(3));
    assertThat(numbers(part.subset(1, 2))).containsExactly(4);
    assertThat(part.pixels()).as("shared").isSameAs(part.subset(1, 2).pixels());
  }

  @Test
  void rejectsASubsetOutsideTheSet() {
    for (int[] range : new int[][] {{-1, 2}, {2, 2}, {3, 11}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> numbered(10).subset(range[0], range[1]))
          .withMessage(
              "Images %d (inclusive) to %d (exclusive) are no part of a set of 10 images.",
              range[0], range[1]);
    }
  }

  @Test
  void takesTheFirstImagesOrAllThereAre() {
    assertThat(numbers(numbered(10).take(3))).containsExactly(0, 1, 2);
    assertThat(numbered(10).take(11).size()).isEqualTo(10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> numbered(10).take(0))
        .withMessage("A set of images needs at least one image, but 0 were to be taken.");
  }

  @Test
  void rejectsAnImageThatIsNotThere() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> numbered(10).take(3).label(3))
        .withMessage("image (3) must be less than size (3)");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> numbered(10).take(3).copyNhwc(-1, new float[2], 0))
        .withMessage("image (-1) must not be negative");
  }

  @Property(tries = 200)
  void splitIsDisjointCompleteAndStratified(
      @ForAll @IntRange(min = 20, max = 400) int size,
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double share,
      @ForAll long seed) {
    ImageSet whole = numbered(size);
    List<ImageSet> parts = whole.split(share, seed);
    assertThat(parts).hasSize(2);
    List<Integer> first = numbers(parts.get(0));
    List<Integer> rest = numbers(parts.get(1));
    assertThat(first).hasSize((int) Math.round(share * size)).isSorted();
    assertThat(rest).isSorted();
    Set<Integer> all = new HashSet<>(first);
    all.addAll(rest);
    assertThat(all).hasSize(size);
    assertThat(first.size() + rest.size()).isEqualTo(size);
    for (int c = 0; c < 3; c++) {
      assertThat(Math.abs(count(parts.get(0), c) - share * count(whole, c))).isLessThan(1.000001);
    }
    assertThat(parts.get(0).fingerprint()).isEqualTo(whole.split(share, seed).get(0).fingerprint());
  }

  @Test
  void splitDependsOnTheSeed() {
    assertThat(numbers(numbered(100).split(0.5, 1).get(0)))
        .isNotEqualTo(numbers(numbered(100).split(0.5, 2).get(0)));
  }

  @Test
  void rejectsASplitWithAnEmptyPart() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> numbered(3).split(0.1, 1))
        .withMessage(
            "A share of 0.1 splits 3 images into 0 and 3, but both parts need one.\nMaybe split a"
                + " larger set.");
    for (double share : new double[] {0, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> numbered(10).split(share, 1))
          .withMessage("The share of a split must lie between 0 and 1, but is %s.", share);
    }
  }

  @Test
  void someClassesGetNewNumbers() {
    ImageSet all = numbered(12);
    ImageSet some = all.subset(1, 12).ofClasses(2, 0);
    assertThat(numbers(some)).containsExactly(1, 3, 5, 7, 9, 11);
    assertThat(some.classes()).isEqualTo(2);
    assertThat(some.label(0)).isZero();
    assertThat(some.label(4)).isEqualTo(1);
    assertThat(numbers(all)).hasSize(12);
    assertThat(all.label(9)).isZero();
  }

  @Test
  void classesThatDoNotExistAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> numbered(9).ofClasses(1))
        .withMessage("A choice between classes needs at least 2, but got 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> numbered(9).ofClasses(1, 1))
        .withMessage("Class 1 is not among the 3 classes or was given twice: [1, 1].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> numbered(9).ofClasses(0, 3))
        .withMessage("Class 3 is not among the 3 classes or was given twice: [0, 3].");
  }

  @Test
  void smallerImagesAreMeansOfSquares() {
    byte[] pixels = {0, 2, 9, 4, 6, 9, 1, 1, 1, 10, 20, 9, 30, 40, 9, 1, 1, 1};
    ImageSet images = new ImageSet(new FeatureShape(2, 3, 3), 2, pixels, new int[] {1});
    ImageSet small = images.shrunk(2);
    assertThat(small.shape()).isEqualTo(new FeatureShape(2, 1, 1));
    assertThat(small.label(0)).isEqualTo(1);
    float[] target = new float[2];
    small.copyNhwc(0, target, 0);
    assertThat(target).containsExactly(3 / 255f, 25 / 255f);
    ImageSet same = images.shrunk(1);
    float[] before = new float[18];
    float[] after = new float[18];
    images.copyNhwc(0, before, 0);
    same.copyNhwc(0, after, 0);
    assertThat(after).containsExactly(before);
    for (int factor : new int[] {0, 4}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> images.shrunk(factor))
          .withMessage("Images of 2x3x3 cannot be made smaller by a factor of %s.", factor);
    }
  }

  @Test
  void fingerprintTellsAnyChange() {
    byte[] pixels = {1, 2, 3, 4};
    int[] labels = {0, 1};
    Set<String> prints = new HashSet<>();
    prints.add(new ImageSet(TWO_BY_TWO, 2, pixels, labels).fingerprint());
    prints.add(new ImageSet(new FeatureShape(2, 1, 1), 2, pixels, labels).fingerprint());
    prints.add(new ImageSet(TWO_BY_TWO, 3, pixels, labels).fingerprint());
    prints.add(new ImageSet(TWO_BY_TWO, 2, new byte[] {1, 2, 3, 5}, labels).fingerprint());
    prints.add(new ImageSet(TWO_BY_TWO, 2, pixels, new int[] {0, 0}).fingerprint());
    prints.add(new ImageSet(TWO_BY_TWO, 2, pixels, labels).take(1).fingerprint());
    prints.add(
        new ImageSet(TWO_BY_TWO, 2, new Pixels.Floats(new float[] {1, 2, 3, 4}), labels)
            .fingerprint());
    prints.add(
        new ImageSet(TWO_BY_TWO, 2, new Pixels.Floats(new float[] {1, 2, 3, 5}), labels)
            .fingerprint());
    assertThat(prints).hasSize(8).allMatch(print -> print.matches("[0-9a-f]{16}"));
  }

  @Test
  void fingerprintDependsOnTheImagesAndNotOnWhereTheyLie() {
    assertThat(numbered(10).subset(0, 4).subset(0, 2).fingerprint())
        .isEqualTo(numbered(2).fingerprint());
    ImageSet same = numbered(10);
    assertThat(same.fingerprint()).isEqualTo(same.fingerprint());
  }
}
