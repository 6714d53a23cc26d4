package org.lightnas.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class NumbersTest {

  @Test
  void groupsThousandsAndUsesARealMinus() {
    assertThat(Numbers.fixed(-1234567.891, 2)).isEqualTo("−1,234,567.89");
  }

  @Test
  void writesNoMinusBeforeZero() {
    assertThat(Numbers.fixed(-0.004, 2)).isEqualTo("0.00");
    assertThat(Numbers.significant(-0.0, 3)).isEqualTo("0");
  }

  @Test
  void namesWhatIsNoNumber() {
    assertThat(Numbers.fixed(Double.NaN, 1)).isEqualTo("–");
    assertThat(Numbers.significant(Double.NEGATIVE_INFINITY, 1)).isEqualTo("−∞");
  }

  @Test
  void keepsSignificantDigitsWithoutTrailingZeros() {
    assertThat(Numbers.significant(23.9400001, 4)).isEqualTo("23.94");
    assertThat(Numbers.significant(9.9996, 4)).isEqualTo("10");
    assertThat(Numbers.significant(1500, 2)).isEqualTo("1,500");
    assertThat(Numbers.significant(0.000123, 2)).isEqualTo("0.00012");
  }

  @Test
  void turnsToPowersOfTenFarFromOne() {
    assertThat(Numbers.significant(1.5e-7, 3)).isEqualTo("1.5×10⁻⁷");
    assertThat(Numbers.significant(-1e12, 3)).isEqualTo("−10¹²");
  }

  @Test
  void givesNumbersSideBySideEquallyManyDecimals() {
    Numbers.Format format = Numbers.alike(24.13, 3);
    assertThat(format.of(24.13)).isEqualTo("24.1");
    assertThat(format.of(0.5)).isEqualTo("0.5");
    assertThat(Numbers.alike(0, 3).of(0)).isEqualTo("0");
  }

  @Test
  void doesNotDependOnTheDefaultLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Numbers.fixed(1234.5, 1)).isEqualTo("1,234.5");
      assertThat(Numbers.scientific(1.5e10, 1)).isEqualTo("1.5×10¹⁰");
    } finally {
      Locale.setDefault(before);
    }
  }
}
