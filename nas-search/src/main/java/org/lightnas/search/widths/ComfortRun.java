package org.lightnas.search.widths;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.widths.ChannelSpace;
import org.lightnas.space.widths.MidWidth;
import org.lightnas.space.widths.StageWidth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One search for a comfort zone. */
final class ComfortRun {

  private static final Logger log = LoggerFactory.getLogger(ComfortZone.class);
  private static final int GRID = 8;

  /** Of the tolerance: what is cheaper costs nothing, as far as the order of raises goes. */
  private static final double NOTHING = 0.1;

  /** Times the tolerance asked for: if noise asks for more, it decides what is found. */
  private static final double NOISY = 3;

  /** Where a device says that it is sure, so that weights stay finite. */
  private static final double LEAST_SPREAD = 1e-6;

  private final ChannelSpace space;
  private final ComfortZone.Settings settings;
  private final Meter meter;
  private final Architecture found;

  /** In ascending order; the first is the found one. */
  private final List<Scaled> scaled = new ArrayList<>();

  /** A network with all widths multiplied. */
  private record Scaled(double factor, Architecture network) {}

  ComfortRun(
      Device device,
      ChannelSpace space,
      ComfortZone.Settings settings,
      List<ComfortListener> listeners) {
    this.space = space;
    this.settings = settings;
    this.meter = new Meter(device, space, settings.repeats(), settings.seed(), listeners, log);
    this.found = space.start();
    double step =
        Math.max((double) GRID / widest(), (settings.most() - 1) / (settings.points() - 1));
    for (int i = 0; 1 + i * step <= settings.most() * (1 + LEAST_SPREAD); i++) {
      Architecture next = space.scaled(1 + i * step);
      if (i == 0 || !scaled.get(scaled.size() - 1).network().equals(next)) {
        scaled.add(new Scaled(1 + i * step, next));
      }
    }
  }

  private int widest() {
    return IntStream.range(0, space.choices().size())
        .map(l -> channels(found.candidate(l)))
        .max()
        .orElseThrow();
  }

  private static int channels(Candidate candidate) {
    return candidate instanceof StageWidth stage
        ? stage.channels()
        : candidate instanceof MidWidth mid ? mid.channels() : 1;
  }

  /** How many networks are measured, if every layer has to be halved to the end. */
  long networks() {
    long layers = 0;
    for (int l = 0; l < space.choices().size(); l++) {
      int above = space.choices().get(l).size() - 1 - found.pick(l);
      layers += Integer.SIZE - Integer.numberOfLeadingZeros(above);
    }
    return scaled.size() + layers + 2;
  }

  ComfortResult run() {
    meter.expect(networks());
    List<ComfortResult.Step> stairs = staircase();
    int end = zoneEnd(stairs);
    Architecture wide = scaled.get(end).network();
    List<Raise> raises = raises(wide);
    List<Raise> taken = new ArrayList<>(together(wide, raises));
    while (true) {
      Architecture widened = wide;
      for (Raise raise : taken) {
        widened = widened.with(raise.choice(), raise.to());
      }
      Pair pair = pair(widened);
      double tolerance = tolerance(pair.before(), pair.after());
      boolean inZone = pair.rise() <= tolerance && pair.after().millis() <= room(pair.after());
      if (widened.equals(found) || inZone) {
        return judged(
            widened,
            pair,
            tolerance,
            scaled.get(end).factor(),
            stairs,
            layers(wide, raises, taken));
      }
      log.info("{} takes {} % longer: {}, too much", widened, percent(pair.rise()), pair.after());
      if (!taken.isEmpty()) {
        taken.remove(taken.size() - 1);
      } else {
        wide = scaled.get(--end).network();
        raises = List.of();
      }
    }
  }

  /** The found network and another one, measured in turns. */
  private record Pair(Measurement before, Measurement after) {

    double rise() {
      return after.millis() / before.millis() - 1;
    }
  }

  private Pair pair(Architecture widened) {
    List<Measurement> measured =
        meter.afresh(widened.equals(found) ? List.of(found) : List.of(found, widened));
    return new Pair(measured.get(0), measured.get(measured.size() - 1));
  }

  private ComfortResult judged(
      Architecture widened,
      Pair pair,
      double tolerance,
      double factor,
      List<ComfortResult.Step> stairs,
      List<ComfortResult.Layer> layers) {
    double gain = (double) macs(widened) / macs(found) - 1;
    boolean worth = !widened.equals(found) && gain >= settings.worth() * tolerance;
    String asked =
        settings.bound() < Double.POSITIVE_INFINITY
            ? String.format(Locale.ROOT, ", asked ≤ %.3f ms", settings.bound())
            : "";
    String latency =
        String.format(
                Locale.ROOT,
                "latency %s, then %s (%+.2f %% of %.2f %% tolerated)",
                pair.before(),
                pair.after(),
                100 * pair.rise(),
                100 * tolerance)
            + asked;
    String finding =
        worth
            ? latency
            : widened.equals(found)
                ? String.format(
                        Locale.ROOT,
                        "nothing wider is within %.2f %% of the latency %s",
                        100 * tolerance,
                        pair.before())
                    + asked
                : String.format(
                    Locale.ROOT,
                    "MACs +%.1f %% are less than %s times the latency tolerated; %s",
                    100 * gain,
                    settings.worth(),
                    latency);
    if (!worth && tolerance > NOISY * settings.tolerance()) {
      finding += "; maybe measure on a quieter machine, or more often";
    }
    ComfortResult result =
        new ComfortResult(
            found,
            worth ? widened : found,
            pair.before(),
            pair.after(),
            tolerance,
            worth ? factor : 1,
            stairs,
            worth ? layers : layers.stream().map(ComfortResult.Layer::notTaken).toList(),
            finding);
    log.info("{}", result);
    return result;
  }

  private List<ComfortResult.Step> staircase() {
    List<Measurement> measured = meter.afresh(scaled.stream().map(Scaled::network).toList());
    double[] millis = measured.stream().mapToDouble(Measurement::millis).toArray();
    double[] weights =
        measured.stream()
            .mapToDouble(m -> Math.pow(Math.max(m.spread(), LEAST_SPREAD * m.millis()), -2))
            .toArray();
    double[] fit = Isotonic.fit(millis, weights);
    double spread =
        measured.stream().mapToDouble(m -> tolerance(measured.get(0), m)).max().orElseThrow();
    List<Integer> ends = Isotonic.plateauEnds(fit, spread);
    List<ComfortResult.Step> steps = new ArrayList<>();
    for (int i = 0; i < fit.length; i++) {
      steps.add(
          new ComfortResult.Step(
              scaled.get(i).factor(), measured.get(i), fit[i], ends.contains(i)));
    }
    return steps;
  }

  /** The position of the widest network in the zone, by the fit. */
  private int zoneEnd(List<ComfortResult.Step> stairs) {
    ComfortResult.Step first = stairs.get(0);
    int end = 0;
    for (int i = 0; i < stairs.size(); i++) {
      Measurement measured = stairs.get(i).measured();
      double allowed = (1 + tolerance(first.measured(), measured)) * first.fitted();
      if (stairs.get(i).fitted() <= Math.min(allowed, room(measured))) {
        end = i;
      }
    }
    return end;
  }

  /**
   * A layer that can be raised.
   *
   * @param to position of the last candidate on its plateau
   * @param millis what that adds to the latency of the whole network
   * @param macs gained
   */
  private record Raise(int choice, int to, double millis, long macs) {}

  private List<Raise> raises(Architecture wide) {
    List<Raise> raises = new ArrayList<>();
    for (int l = 0; l < space.choices().size(); l++) {
      int to = plateauEnd(wide, l);
      Architecture raised = wide.with(l, to);
      raises.add(
          new Raise(
              l,
              to,
              meter.of(raised).millis() - meter.of(wide).millis(),
              macs(raised) - macs(wide)));
    }
    return raises;
  }

  /** The last candidate on the plateau of the one it has, by bisection, as latency grows. */
  private int plateauEnd(Architecture wide, int choice) {
    int inside = wide.pick(choice);
    int last = space.choices().get(choice).size() - 1;
    if (inside == last || onPlateau(wide, wide.with(choice, last))) {
      return last;
    }
    int outside = last;
    while (outside - inside > 1) {
      int middle = (inside + outside) / 2;
      if (onPlateau(wide, wide.with(choice, middle))) {
        inside = middle;
      } else {
        outside = middle;
      }
    }
    return inside;
  }

  /** Every layer may use its part of the tolerance, so that all of them together stay in it. */
  private boolean onPlateau(Architecture wide, Architecture raised) {
    Measurement before = meter.of(wide);
    Measurement after = meter.of(raised);
    double part = settings.tolerance() / space.choices().size();
    return after.millis() <= (1 + Math.max(part, 2 * error(before, after))) * before.millis();
  }

  /** Which raises fit into the zone together, most operations for their latency first. */
  private List<Raise> together(Architecture wide, List<Raise> raises) {
    Measurement before = meter.of(found);
    double nothing = NOTHING * settings.tolerance() * before.millis();
    List<Raise> order =
        raises.stream()
            .filter(raise -> raise.to() > wide.pick(raise.choice()))
            .sorted(
                Comparator.comparingDouble(
                    raise -> -raise.macs() / Math.max(raise.millis(), nothing)))
            .toList();
    Measurement start = meter.of(wide);
    double limit = Math.min((1 + tolerance(before, start)) * before.millis(), room(start));
    double total = start.millis();
    List<Raise> taken = new ArrayList<>();
    for (Raise raise : order) {
      // A measurement below the one without the raise is noise, and no room for others.
      double next = total + Math.max(0, raise.millis());
      if (next <= limit) {
        taken.add(raise);
        total = next;
      }
    }
    return taken;
  }

  private List<ComfortResult.Layer> layers(
      Architecture wide, List<Raise> raises, List<Raise> taken) {
    double before = meter.of(wide).millis();
    return raises.stream()
        .map(
            raise -> {
              Choice choice = space.choices().get(raise.choice());
              return new ComfortResult.Layer(
                  choice.name(),
                  wide.candidate(raise.choice()).id(),
                  choice.candidates().get(raise.to()).id(),
                  raise.millis() / before,
                  raise.macs(),
                  taken.contains(raise) && raise.to() > wide.pick(raise.choice()));
            })
        .toList();
  }

  /** By what share one may exceed the other. */
  private double tolerance(Measurement before, Measurement after) {
    return Math.max(settings.tolerance(), 2 * error(before, after));
  }

  /** What may be measured, with such a spread, for the bound to be kept. */
  private double room(Measurement measured) {
    return settings.bound() - 2 * measured.spread();
  }

  /** The standard error of the ratio of two latencies. */
  private static double error(Measurement before, Measurement after) {
    return Math.hypot(before.spread() / before.millis(), after.spread() / after.millis());
  }

  private static long macs(Architecture architecture) {
    return Cost.of(architecture).macs();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f", 100 * share);
  }
}
