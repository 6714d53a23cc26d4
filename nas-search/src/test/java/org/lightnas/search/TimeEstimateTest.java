package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.zoo.LightNasSpace;

class TimeEstimateTest {

  @Test
  void countsPassesAndWhatFollowsThem() {
    SearchSettings settings = LightNas.defaults(10);
    TimeEstimate passes =
        new TimeEstimate(settings, LightNasSpace.small(new FeatureShape(3, 8, 8), 2), 1000, 100);
    Timetable timetable = settings.timetable(7);
    assertThat(timetable.warmup()).isEqualTo(4);
    // Of the others each trains one path and compares two.
    assertThat(passes.of(timetable, 0))
        .isEqualTo(Duration.ofNanos(4 * 1000 + 6 * (1000 + 2 * 100)));
    assertThat(passes.of(timetable, 90)).isEqualTo(passes.of(timetable, 0).plusNanos(90 * 1000));
  }
}
