package org.lightnas.search.spark;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lightnas.NasException;
import org.lightnas.device.Measurement;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * A measurement that came from an executor.
 *
 * @param executor Spark's name of it
 * @param place executor and host, for messages
 */
record Remeasured(String executor, String place, String fingerprint, Measurement measurement) {

  /** Text that loses no bit: the measurement's values in a row, then the fingerprint. */
  static String toText(String fingerprint, Measurement measured) {
    return String.join(
        " ",
        Double.toString(measured.millis()),
        Double.toString(measured.spread()),
        Integer.toString(measured.rounds()),
        Integer.toString(measured.batch()),
        Integer.toString(measured.threads()),
        Double.toString(measured.referenceMillis()),
        fingerprint);
  }

  static Remeasured of(Reply reply) {
    List<String> parts = Splitter.on(' ').limit(7).splitToList(reply.text());
    return new Remeasured(
        reply.executor(),
        reply.executor() + " on " + reply.host(),
        parts.get(6),
        new Measurement(
            Double.parseDouble(parts.get(0)),
            Double.parseDouble(parts.get(1)),
            Integer.parseInt(parts.get(2)),
            Integer.parseInt(parts.get(3)),
            Integer.parseInt(parts.get(4)),
            Double.parseDouble(parts.get(5))));
  }

  /**
   * Puts them on one scale.
   *
   * @throws NasException if they are of different devices
   */
  static Profile profile(
      SearchSpace space, List<Architecture> architectures, List<Remeasured> measured) {
    Remeasured first = measured.get(0);
    Map<String, Double> references = new TreeMap<>();
    for (Remeasured one : measured) {
      if (!one.fingerprint.equals(first.fingerprint)) {
        throw new NasException(
            "Executors are different devices: "
                + first.place
                + " is ["
                + first.fingerprint
                + "], "
                + one.place
                + " is ["
                + one.fingerprint
                + "].\nMaybe measure each kind of machine in a Spark application of its own.");
      }
      references.put(one.executor, one.measurement.referenceMillis());
    }
    List<Double> sorted = references.values().stream().sorted().toList();
    double reference = sorted.get((sorted.size() - 1) / 2);
    List<Profile.Sample> samples = new ArrayList<>();
    for (int i = 0; i < measured.size(); i++) {
      samples.add(
          new Profile.Sample(architectures.get(i), scaled(measured.get(i).measurement, reference)));
    }
    return new Profile(space, first.fingerprint, samples);
  }

  private static Measurement scaled(Measurement measured, double reference) {
    double factor = reference / measured.referenceMillis();
    return new Measurement(
        measured.millis() * factor,
        measured.spread() * factor,
        measured.rounds(),
        measured.batch(),
        measured.threads(),
        reference);
  }
}
