package org.lightnas.search.widths;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.lightnas.Progress;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.internal.Foreign;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.widths.ChannelSpace;
import org.slf4j.Logger;

/**
 * Measures each network several times and takes that {@linkplain Measurement#together together}.
 */
final class Meter {

  private final Device device;
  private final ChannelSpace space;
  private final int repeats;
  private final long seed;
  private final List<ComfortListener> listeners;
  private final Logger log;
  private final Map<Architecture, Measurement> known = new HashMap<>();
  private final long start = System.nanoTime();
  private long expected;
  private long done;

  Meter(
      Device device,
      ChannelSpace space,
      int repeats,
      long seed,
      List<ComfortListener> listeners,
      Logger log) {
    this.device = device;
    this.space = space;
    this.repeats = repeats;
    this.seed = seed;
    this.listeners = listeners;
    this.log = log;
  }

  /** How many networks there will be at most, for the progress. */
  void expect(long networks) {
    expected = networks * repeats;
  }

  /** Of one network; what was measured before is not measured again. */
  Measurement of(Architecture architecture) {
    Measurement measured = known.get(architecture);
    return measured == null ? afresh(List.of(architecture)).get(0) : measured;
  }

  /**
   * Measures networks again, in rounds of all of them in random order, so that what the device does
   * meanwhile does not look like latency of one.
   */
  List<Measurement> afresh(List<Architecture> networks) {
    Map<Architecture, List<Measurement>> all = new HashMap<>();
    for (int round = 0; round < repeats; round++) {
      List<Architecture> order = new ArrayList<>(networks);
      Collections.shuffle(order, new Random(Seeds.derive(seed, "order of widths", done)));
      for (Architecture network : order) {
        Measurement measured = measure(network);
        all.computeIfAbsent(network, none -> new ArrayList<>()).add(measured);
        tell(network, measured);
      }
    }
    all.forEach((network, several) -> known.put(network, Measurement.together(several)));
    return networks.stream().map(this::of).toList();
  }

  private Measurement measure(Architecture network) {
    return Foreign.call(
        () -> device.measure(space, network, seed),
        () -> "Device " + device + " failed on widths " + network.id());
  }

  private void tell(Architecture network, Measurement measured) {
    done++;
    expected = Math.max(expected, done);
    Progress progress =
        new Progress("comfort zone", done, expected, Duration.ofNanos(System.nanoTime() - start));
    Listeners.tell(listeners, l -> l.onMeasured(progress, network, measured), log);
  }
}
