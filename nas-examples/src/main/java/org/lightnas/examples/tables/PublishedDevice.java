package org.lightnas.examples.tables;

import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * A device that measured everything it will ever measure: answers for architectures, not for
 * networks.
 *
 * @param fingerprint that of the profile
 * @param measurements by architecture
 */
public record PublishedDevice(String fingerprint, Map<Architecture, Measurement> measurements)
    implements Device {

  /** Copies the map. */
  public PublishedDevice {
    measurements = Map.copyOf(measurements);
  }

  /** The device behind a profile. */
  public static PublishedDevice of(Profile profile) {
    return new PublishedDevice(
        profile.fingerprint(),
        profile.samples().stream()
            .collect(Collectors.toMap(Profile.Sample::architecture, Profile.Sample::measurement)));
  }

  /** Whether it measured this one. */
  public boolean knows(Architecture architecture) {
    return measurements.containsKey(architecture);
  }

  @Override
  public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
    return measurement(architecture);
  }

  /**
   * What was measured.
   *
   * @throws NasException if this one was not
   */
  public Measurement measurement(Architecture architecture) {
    Measurement measured = measurements.get(architecture);
    if (measured == null) {
      throw new NasException(
          "The device ["
              + fingerprint
              + "] never measured architecture "
              + architecture.id()
              + ".");
    }
    return measured;
  }

  @Override
  public Measurement measure(ComputationGraph network) {
    throw new NasException("The device [" + fingerprint + "] is a table, which runs no network.");
  }
}
