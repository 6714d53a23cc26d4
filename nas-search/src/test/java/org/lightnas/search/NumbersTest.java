package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NumbersTest {

  @Test
  void showsAsManyDigitsAsPeopleWant() {
    assertThat(Numbers.format(11_540_736)).isEqualTo("11,540,736");
    assertThat(Numbers.format(24.12345)).isEqualTo("24.123");
    assertThat(Numbers.format(-0.1)).isEqualTo("-0.100");
    assertThat(Numbers.format(0.012345)).isEqualTo("0.0123");
    assertThat(Numbers.format(0)).isEqualTo("0.000");
  }

  @Test
  void roundsUpWhatMustBeKeptWhenTypedInAgain() {
    assertThat(Numbers.formatUp(1.2341)).isEqualTo("1.235");
    assertThat(Numbers.formatUp(1.235)).isEqualTo("1.235");
    assertThat(Numbers.formatUp(1234.1)).isEqualTo("1,235");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      double value = Math.exp(random.nextDouble(-12, 20));
      double shown = Double.parseDouble(Numbers.formatUp(value).replace(",", ""));
      assertThat(shown).isBetween(value, value * 1.011);
    }
  }
}
