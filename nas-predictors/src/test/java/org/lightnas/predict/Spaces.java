package org.lightnas.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.lightnas.FeatureShape;
import org.lightnas.device.Measurement;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

/** Spaces, tables and devices that exist on paper only. */
final class Spaces {

  static final LayeredSpace SMALL = LightNasSpace.small(new FeatureShape(3, 24, 24), 10);

  private Spaces() {}

  /** A space without networks: choice {@code c0}, {@code c1} … of candidates {@code a0}, … */
  static ChoiceSpace plain(String name, int... sizes) {
    List<Choice> choices = new ArrayList<>();
    for (int l = 0; l < sizes.length; l++) {
      List<Candidate> candidates = new ArrayList<>();
      for (int k = 0; k < sizes[l]; k++) {
        candidates.add(new Named("a" + k));
      }
      choices.add(new Choice("c" + l, candidates));
    }
    return new Plain(name, choices);
  }

  private record Named(String id) implements Candidate {}

  private record Plain(String name, List<Choice> choices) implements ChoiceSpace {}

  /**
   * A table in ms in which an operation costs about in proportion to its MACs, by a factor of its
   * own, and every place has its own deviation from that.
   */
  static LatencyTable truth(LayeredSpace space, long seed) {
    Random random = new Random(seed);
    double[] factors = random.doubles(7, 0.5, 1.5).toArray();
    double[][] table = SwapCosts.of(space);
    for (double[] row : table) {
      for (int k = 0; k < row.length; k++) {
        row[k] =
            row[k] == 0 ? 0 : 0.2 + row[k] / 1e6 * factors[k] * (1 + 0.1 * random.nextGaussian());
      }
    }
    return LatencyTable.of(space, 1.5, table);
  }

  /** A profile of a device that answers {@code truth} with relative noise. */
  static Profile profile(
      LayeredSpace space, ToDoubleFunction<Architecture> truth, double noise, int n, long seed) {
    Random random = new Random(seed);
    List<Architecture> sampled =
        new StratifiedSampler(space, SwapCosts.of(space), new Random(seed)).sample(n);
    java.util.Collections.shuffle(sampled, random);
    return new Profile(
        space,
        "paper device, batch 1",
        sampled.stream()
            .map(
                a ->
                    new Profile.Sample(
                        a,
                        measurement(truth.applyAsDouble(a) * (1 + noise * random.nextGaussian()))))
            .toList());
  }

  static Measurement measurement(double millis) {
    return new Measurement(millis, millis / 100, 7, 1, 2, 0.9);
  }
}
