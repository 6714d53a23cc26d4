package org.lightnas.report;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class TextSizeTest {

  @Test
  void leavesAloneWhatFits() {
    assertThat(TextSize.fit("target", 100, 12)).isEqualTo("target");
  }

  @Test
  void cutsBetweenCodePointsAndSaysSo() {
    assertThat(TextSize.fit("😀😀😀😀😀", 40, 12)).isEqualTo("😀😀…");
  }

  @Test
  void wrapsAtSpaces() {
    assertThat(TextSize.wrap(" one two  three ", 60, 12)).containsExactly("one two", "three");
  }

  @Property
  void neverExceedsTheRoomGiven(
      @ForAll String text, @ForAll @DoubleRange(min = 20, max = 900) double room) {
    assertThat(TextSize.width(TextSize.fit(text, room, 12), 12)).isLessThanOrEqualTo(room + 1e-9);
    assertThat(TextSize.wrap(text, room, 12))
        .allSatisfy(l -> assertThat(TextSize.width(l, 12)).isLessThanOrEqualTo(room + 1e-9));
  }
}
