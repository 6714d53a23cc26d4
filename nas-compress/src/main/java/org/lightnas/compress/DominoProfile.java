package org.lightnas.compress;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lightnas.device.Measurement;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;

/** The latencies of merged networks that a table is fitted on. */
final class DominoProfile {

  private DominoProfile() {}

  /**
   * Measures.
   *
   * @param known what has been measured already; takes part, and takes up what is measured
   */
  static Profile measure(
      Reach reach, int samples, long seed, Map<Architecture, Measurement> known) {
    Profile drawn =
        Profile.builder(reach.space(), reach.deployed()).samples(samples).seed(seed).measure();
    drawn.samples().forEach(s -> known.putIfAbsent(s.architecture(), s.measurement()));
    List<Profile.Sample> all = new ArrayList<>();
    known.forEach((mask, measurement) -> all.add(new Profile.Sample(mask, measurement)));
    return new Profile(reach.space(), drawn.fingerprint(), all);
  }
}
