package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.toCollection;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;

/**
 * What linear blocks can save on a device.
 *
 * @param measured what everything else follows from
 * @param fastest everything linear that saves time, joined where that saves more
 * @param deployed runs grafted networks merged where that is faster
 */
record Reach(GraftingSpace space, Measured measured, Architecture fastest, MergedDevice deployed) {

  /**
   * What was measured, as it is kept in files.
   *
   * @param times of all blocks by themselves
   * @param spans of all that can be joined
   * @param original the network as it is
   * @param least what the fastest mask takes
   */
  record Measured(
      List<BlockTimes> times, List<SpanTimes> spans, Measurement original, Measurement least) {

    Measured {
      times = List.copyOf(times);
      spans = List.copyOf(spans);
    }

    /**
     * Checks that it is of the blocks of a space.
     *
     * @throws IllegalArgumentException if not
     */
    void requireOf(GraftingSpace space) {
      List<String> forms = new ArrayList<>();
      for (int l = 0; l < space.blocks().size(); l++) {
        for (Candidate way : space.choices().get(l).candidates()) {
          if (way != Linearity.NONE && way != Linearity.JOINED) {
            forms.add(l + " " + way.id());
          }
        }
      }
      List<String> known = times.stream().map(t -> t.block() + " " + t.linearity().id()).toList();
      List<BlockSpan> joined = spans.stream().map(SpanTimes::span).toList();
      checkArgument(
          known.equals(forms) && joined.equals(space.joints().possible()),
          "blocks %s and %s were measured",
          known,
          joined);
    }
  }

  static Reach measure(GraftingSpace space, TrainedGraph network, Device device) {
    List<BlockTimes> times = BlockTimes.measure(space, network, device);
    Architecture alone = alone(space, times);
    List<SpanTimes> spans = SpanTimes.measure(network, alone, merged(space, times), device);
    MergedDevice deployed = deployed(space, times, spans, device);
    Architecture fastest = joined(alone, times, spans);
    Measurement original = deployed.confirm(network);
    Measurement least =
        fastest.equals(space.uniform(0))
            ? original
            : deployed.confirm(space.graft(network, fastest, 1));
    return new Reach(space, new Measured(times, spans, original, least), fastest, deployed);
  }

  /** The same from what was measured before, of these blocks. */
  static Reach of(GraftingSpace space, Measured measured, Device device) {
    List<BlockTimes> times = measured.times();
    List<SpanTimes> spans = measured.spans();
    return new Reach(
        space,
        measured,
        joined(alone(space, times), times, spans),
        deployed(space, times, spans, device));
  }

  private static MergedDevice deployed(
      GraftingSpace space, List<BlockTimes> times, List<SpanTimes> spans, Device device) {
    Set<Set<String>> wanted = merged(space, times);
    for (SpanTimes time : spans) {
      if (time.saves()) {
        wanted.add(SpanTimes.merged(space.blocks(), time.span()));
      }
    }
    return new MergedDevice(device, new BlockMerging(space.blocks(), wanted));
  }

  /** What of single blocks is faster merged. */
  private static Set<Set<String>> merged(GraftingSpace space, List<BlockTimes> times) {
    return times.stream()
        .filter(BlockTimes::merges)
        .map(time -> space.blocks().get(time.block()).merged(time.linearity()))
        .collect(toCollection(HashSet::new));
  }

  /** Of all blocks by themselves. */
  List<BlockTimes> times() {
    return measured.times();
  }

  /** Of all that can be joined. */
  List<SpanTimes> spans() {
    return measured.spans();
  }

  /** The network as it is. */
  Measurement original() {
    return measured.original();
  }

  /** What the fastest mask takes. */
  Measurement least() {
    return measured.least();
  }

  /** Every block in its fastest form by itself. */
  private static Architecture alone(GraftingSpace space, List<BlockTimes> times) {
    Architecture alone = space.uniform(0);
    for (int l = 0; l < space.blocks().size(); l++) {
      double least = Double.POSITIVE_INFINITY;
      for (int k : saving(times, space, l)) {
        double millis = time(times, alone.with(l, k), l).orElseThrow().fastest().millis();
        if (millis < least) {
          least = millis;
          alone = alone.with(l, k);
        }
      }
    }
    return alone;
  }

  /** The split of all blocks, some by themselves and some joined, that takes least. */
  private static Architecture joined(
      Architecture alone, List<BlockTimes> times, List<SpanTimes> spans) {
    GraftingSpace space = (GraftingSpace) alone.space();
    List<SpanSplit.Span> measured = new ArrayList<>();
    for (int l = 0; l < space.blocks().size(); l++) {
      int kernel = space.joints().kernel(new BlockSpan(l, l));
      measured.add(new SpanSplit.Span(l, l + 1, kernel, millis(alone, times, l)));
    }
    for (SpanTimes time : spans) {
      if (time.saves()) {
        double apart = time.span().blocks().mapToDouble(l -> millis(alone, times, l)).sum();
        measured.add(
            new SpanSplit.Span(
                time.span().first(), time.span().last() + 1, time.kernel(), apart * time.share()));
      }
    }
    Architecture joined = alone;
    for (SpanSplit.Span span :
        SpanSplit.fastest(measured, 0, space.blocks().size(), space.joints().largestKernel())
            .spans()) {
      if (span.end() - span.start() > 1) {
        joined = space.joined(joined, new BlockSpan(span.start(), span.end() - 1));
      }
    }
    return joined;
  }

  /** Of a block by itself. */
  private static double millis(Architecture mask, List<BlockTimes> times, int l) {
    return time(times, mask, l).map(BlockTimes::fastest).orElse(kept(times, l)).millis();
  }

  private static Measurement kept(List<BlockTimes> times, int l) {
    return times.stream().filter(time -> time.block() == l).findFirst().orElseThrow().kept();
  }

  /** Whether anything is saved beyond doubt. */
  boolean saves() {
    return least().upperMillis() < original().millis() - 2 * original().spread();
  }

  /** The latency that is left when a share of what can be saved has been, in ms. */
  double atShare(double share) {
    return least().upperMillis() + (1 - share) * (original().millis() - least().upperMillis());
  }

  /**
   * What may be picked for each block by itself, {@code [l]}: first to keep it, then what saves
   * time.
   */
  List<List<Integer>> worthwhile() {
    List<List<Integer>> picks = new ArrayList<>();
    for (int l = 0; l < space.blocks().size(); l++) {
      List<Integer> some = new ArrayList<>(List.of(0));
      some.addAll(saving(times(), space, l));
      picks.add(some);
    }
    return picks;
  }

  /** Spans that save time when they are joined. */
  List<BlockSpan> worthwhileSpans() {
    return spans().stream().filter(SpanTimes::saves).map(SpanTimes::span).toList();
  }

  /**
   * Latencies of merged networks that a table can be fitted on.
   *
   * @param samples masks to measure, besides those known
   */
  Profile profile(int samples, long seed) {
    Map<Architecture, Profile.Sample> all = new LinkedHashMap<>();
    put(space.uniform(0), original(), all);
    put(fastest, least(), all);
    Profile drawn = Profile.builder(space, deployed).samples(samples).seed(seed).measure();
    drawn.samples().forEach(sample -> all.putIfAbsent(sample.architecture(), sample));
    return new Profile(space, drawn.fingerprint(), List.copyOf(all.values()));
  }

  private static void put(
      Architecture mask, Measurement measured, Map<Architecture, Profile.Sample> all) {
    all.put(mask, new Profile.Sample(mask, measured));
  }

  /**
   * What became of each block.
   *
   * @param masks of all rounds, the last of which says what became of it
   */
  List<BlockForm> forms(List<Architecture> masks) {
    List<BlockTimes> times = times();
    Architecture mask = masks.get(masks.size() - 1);
    List<BlockForm> forms = new ArrayList<>();
    for (int l = 0; l < space.blocks().size(); l++) {
      int block = l;
      Optional<SpanTimes> joined =
          space.spans(mask).stream()
              .filter(span -> span.first() <= block && block <= span.last())
              .flatMap(span -> spans().stream().filter(time -> time.span().equals(span)))
              .filter(SpanTimes::saves)
              .findFirst();
      Linearity linearity = GraftingSpace.picked(mask, l);
      // What is slower joined is not merged so: then each block is linear by itself.
      Optional<BlockTimes> picked =
          time(times, linearity == Linearity.JOINED ? Linearity.ALL : linearity, l);
      double kept = kept(times, l).millis();
      double linear =
          times.stream()
              .filter(time -> time.block() == block)
              .mapToDouble(time -> time.fastest().millis())
              .min()
              .orElseThrow();
      int round = 1;
      while (masks.get(round - 1).pick(l) != mask.pick(l)) {
        round++;
      }
      forms.add(
          new BlockForm(
              space.choices().get(l).name(),
              mask.candidate(l).id(),
              joined.isPresent()
                  ? BlockForm.Kind.JOINED
                  : picked.isEmpty()
                      ? BlockForm.Kind.KEPT
                      : picked.get().merges() ? BlockForm.Kind.MERGED : BlockForm.Kind.LINEAR,
              kept,
              joined
                  .map(time -> time.share() * millis(alone(space, times), times, block))
                  .orElse(picked.map(time -> time.fastest().millis()).orElse(kept)),
              linear,
              mask.pick(l) == 0 ? 0 : round));
    }
    return forms;
  }

  private static List<Integer> saving(List<BlockTimes> times, GraftingSpace space, int l) {
    List<Integer> picks = new ArrayList<>();
    for (int k = 1; k < space.choices().get(l).size(); k++) {
      if (time(times, space.uniform(0).with(l, k), l).filter(BlockTimes::saves).isPresent()) {
        picks.add(k);
      }
    }
    return picks;
  }

  private static Optional<BlockTimes> time(List<BlockTimes> times, Architecture mask, int l) {
    return time(times, GraftingSpace.picked(mask, l), l);
  }

  private static Optional<BlockTimes> time(List<BlockTimes> times, Linearity linearity, int l) {
    return times.stream()
        .filter(time -> time.block() == l && time.linearity() == linearity)
        .findFirst();
  }
}
