package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IdentityShareTest {

  private static Timetable passes(int warmup, int more) {
    return new Timetable(warmup, more, Timetable.TOGETHER);
  }

  @Test
  void isWholeInTheWarmUpAndFallsInALineToTheLastEpoch() {
    IdentityShare share = IdentityShare.of(passes(40, 60), 5);
    for (int pass = 0; pass <= 40; pass++) {
      assertThat(share.at(pass)).isEqualTo(1);
    }
    for (int pass = 41; pass <= 95; pass++) {
      assertThat(share.at(pass - 1) - share.at(pass)).isEqualTo(1.0 / 55, within(1e-12));
    }
    for (int pass = 95; pass < 100; pass++) {
      assertThat(share.at(pass)).isZero();
    }
  }

  @Test
  void ofLongEpochsTheLastTenthIsBare() {
    IdentityShare share = IdentityShare.of(passes(40, 60), 1000);
    assertThat(share.at(93)).isPositive();
    assertThat(share.at(94)).isZero();
  }

  @Test
  void endsBareHoweverShortTheSearch() {
    for (int warmup = 0; warmup < 4; warmup++) {
      for (int more = 1; more < 5; more++) {
        IdentityShare share = IdentityShare.of(passes(warmup, more), 3);
        assertThat(share.at(warmup + more - 1)).isZero();
        for (int pass = 0; pass < warmup; pass++) {
          assertThat(share.at(pass)).isEqualTo(1);
        }
      }
    }
  }
}
