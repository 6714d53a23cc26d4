package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Window;

class GeometryTest {

  /** Taps 2 apart, of which one side begins in the middle of the other. */
  @Test
  void givesTapsBetweenEachOtherAPlaceOfTheirOwn() {
    Axis even = new Axis(6, 6, 1, 2, 3, 2);
    Axis odd = new Axis(6, 6, 1, 1, 2, 2);
    Axis both = new Axis(6, 6, 1, 2, 5, 1);
    assertThat(even.plus(odd)).contains(both);
    assertThat(both.place(even, 2)).isEqualTo(4);
    assertThat(both.place(odd, 1)).isEqualTo(3);
  }

  @Test
  void hasNoSumOfWindowsThatMoveDifferently() {
    assertThat(new Axis(6, 3, 2, 0, 1, 1).plus(new Axis(6, 3, 1, 0, 4, 1))).isEmpty();
    // With a single pixel nothing moves.
    assertThat(new Axis(2, 1, 2, 0, 2, 1).plus(new Axis(2, 1, 1, 0, 1, 1)))
        .contains(new Axis(2, 1, 2, 0, 2, 1));
  }

  @Test
  void keepsDilationWhereAllTapsHaveIt() {
    Axis pointThenDilated = Axis.point(9).then(new Axis(9, 9, 1, 2, 3, 2));
    assertThat(pointThenDilated).isEqualTo(new Axis(9, 9, 1, 2, 3, 2));
    // 1x1 at stride 2, then 3 taps: every other pixel.
    assertThat(new Axis(9, 5, 2, 0, 1, 1).then(new Axis(5, 5, 1, 1, 3, 1)))
        .isEqualTo(new Axis(9, 5, 2, 2, 3, 2));
    assertThat(new Axis(9, 9, 1, 1, 3, 1).then(new Axis(9, 9, 1, 2, 3, 2)))
        .isEqualTo(new Axis(9, 9, 1, 3, 7, 1));
  }

  @Test
  void writesNoDilationIntoDepthwiseKernels() {
    Axis dilated = new Axis(9, 9, 1, 2, 3, 2);
    assertThat(new Geometry(4, 4, dilated, dilated, true).written().rows().taps()).isEqualTo(5);
    assertThat(new Geometry(4, 4, dilated, dilated, false).written().rows().taps()).isEqualTo(3);
  }

  /** Whatever is read, DL4J's window over the same map makes a map of the same size. */
  @ParameterizedTest
  @CsvSource({
    "8, 4, 2, 0, 3, 1",
    "8, 3, 2, 0, 3, 1",
    "7, 3, 3, 2, 5, 1",
    "9, 4, 2, 3, 3, 1",
    "9, 3, 3, 1, 2, 3",
    "5, 2, 1, 0, 2, 2",
    "1, 1, 1, 5, 7, 1",
    "6, 6, 1, 0, 3, 1",
    "6, 6, 1, 2, 2, 3"
  })
  void writesEveryWindow(int size, int out, int stride, int before, int taps, int step) {
    Axis axis = new Axis(size, out, stride, before, taps, step);
    Geometry written = new Geometry(2, 3, axis, Axis.point(4), false).written();
    Window window = written.window();
    assertThat(window.over(new FeatureShape(2, size, 4))).isEqualTo(new FeatureShape(2, out, 4));
    assertThat(window.top()).isEqualTo(written.rows().before());
    // The first tap is where it was.
    int first = written.rows().place(axis, 0) * written.rows().step() - written.rows().before();
    assertThat(first).isEqualTo(-before);
  }

  @Test
  void tellsTheBorderFromTheInterior() {
    Geometry geometry = new Geometry(1, 1, new Axis(4, 4, 1, 1, 3, 1), Axis.point(2), false);
    assertThat(new boolean[] {geometry.isBorder(1), geometry.isBorder(2), geometry.isBorder(7)})
        .containsExactly(true, false, true);
  }
}
