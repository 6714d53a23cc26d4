package org.lightnas.compress;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;

/**
 * What linear blocks can save on a device.
 *
 * @param times of all blocks
 * @param original the network as it is
 * @param fastest everything linear that saves time
 * @param least what that takes
 * @param deployed runs grafted networks merged where that is faster
 */
record Reach(
    GraftingSpace space,
    List<BlockTimes> times,
    Measurement original,
    Architecture fastest,
    Measurement least,
    MergedDevice deployed) {

  Reach {
    times = List.copyOf(times);
  }

  static Reach measure(GraftingSpace space, TrainedGraph network, Device device) {
    List<BlockTimes> times = BlockTimes.measure(space, network, device);
    Set<Set<String>> wanted =
        times.stream()
            .filter(BlockTimes::merges)
            .map(time -> space.blocks().get(time.block()).merged(time.linearity()))
            .collect(Collectors.toSet());
    MergedDevice deployed = new MergedDevice(device, new BlockMerging(space.blocks(), wanted));
    Architecture none = space.uniform(0);
    Architecture fastest = none;
    for (int l = 0; l < space.blocks().size(); l++) {
      double least = Double.POSITIVE_INFINITY;
      for (int k : saving(times, space, l)) {
        double millis = time(times, none.with(l, k), l).orElseThrow().fastest().millis();
        if (millis < least) {
          least = millis;
          fastest = fastest.with(l, k);
        }
      }
    }
    Measurement original = deployed.measure(network);
    return new Reach(
        space,
        times,
        original,
        fastest,
        fastest.equals(none) ? original : deployed.measure(space.graft(network, fastest, 1)),
        deployed);
  }

  /** Whether anything is saved beyond doubt. */
  boolean saves() {
    return least.upperMillis() < original.millis() - 2 * original.spread();
  }

  /** The latency that is left when a share of what can be saved has been, in ms. */
  double atShare(double share) {
    return least.upperMillis() + (1 - share) * (original.millis() - least.upperMillis());
  }

  /** What may be picked for each block, {@code [l]}: first to keep it, then what saves time. */
  List<List<Integer>> worthwhile() {
    List<List<Integer>> picks = new ArrayList<>();
    for (int l = 0; l < space.blocks().size(); l++) {
      List<Integer> some = new ArrayList<>(List.of(0));
      some.addAll(saving(times, space, l));
      picks.add(some);
    }
    return picks;
  }

  /**
   * Latencies of merged networks that a table can be fitted on.
   *
   * @param samples masks to measure, besides those known
   */
  Profile profile(int samples, long seed) {
    Map<Architecture, Profile.Sample> all = new LinkedHashMap<>();
    put(space.uniform(0), original, all);
    put(fastest, least, all);
    Profile drawn = Profile.builder(space, deployed).samples(samples).seed(seed).measure();
    drawn.samples().forEach(sample -> all.putIfAbsent(sample.architecture(), sample));
    return new Profile(space, drawn.fingerprint(), List.copyOf(all.values()));
  }

  private static void put(
      Architecture mask, Measurement measured, Map<Architecture, Profile.Sample> all) {
    all.put(mask, new Profile.Sample(mask, measured));
  }

  /** What became of each block under a mask. */
  List<BlockForm> forms(Architecture mask) {
    List<BlockForm> forms = new ArrayList<>();
    for (int l = 0; l < space.blocks().size(); l++) {
      int block = l;
      BlockTimes first =
          times.stream().filter(time -> time.block() == block).findFirst().orElseThrow();
      Optional<BlockTimes> picked = time(times, mask, l);
      double linear =
          times.stream()
              .filter(time -> time.block() == block)
              .mapToDouble(time -> time.fastest().millis())
              .min()
              .orElseThrow();
      forms.add(
          new BlockForm(
              space.choices().get(l).name(),
              mask.candidate(l).id(),
              picked.isEmpty()
                  ? BlockForm.Kind.KEPT
                  : picked.get().merges() ? BlockForm.Kind.MERGED : BlockForm.Kind.LINEAR,
              first.kept().millis(),
              picked.map(BlockTimes::fastest).orElse(first.kept()).millis(),
              linear));
    }
    return forms;
  }

  private static List<Integer> saving(List<BlockTimes> times, GraftingSpace space, int l) {
    List<Integer> picks = new ArrayList<>();
    for (int k = 1; k < space.choices().get(l).size(); k++) {
      if (time(times, space.uniform(0).with(l, k), l).orElseThrow().saves()) {
        picks.add(k);
      }
    }
    return picks;
  }

  private static Optional<BlockTimes> time(List<BlockTimes> times, Architecture mask, int l) {
    return times.stream()
        .filter(time -> time.block() == l && time.linearity() == GraftingSpace.picked(mask, l))
        .findFirst();
  }
}
