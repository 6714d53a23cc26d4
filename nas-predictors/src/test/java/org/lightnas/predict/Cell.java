package org.lightnas.predict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/** A tabular cell of four nodes as in NAS-Bench-201: a choice is the operation on an edge. */
record Cell(String name, List<Choice> choices) implements ChoiceSpace {

  private static final int[] FROM = {0, 0, 1, 0, 1, 2};
  private static final int[] TO = {1, 2, 2, 3, 3, 3};
  private static final double[] MILLIS = {0, 0.1, 0.9, 6.6, 1.7};

  static final Cell SPACE = new Cell("cell", choicesOf("none", "skip", "conv1", "conv3", "pool"));

  private record Named(String id) implements Candidate {}

  private static List<Choice> choicesOf(String... ids) {
    List<Candidate> candidates = Stream.of(ids).<Candidate>map(Named::new).toList();
    return List.of("e10", "e20", "e21", "e30", "e31", "e32").stream()
        .map(name -> new Choice(name, candidates))
        .toList();
  }

  @Override
  public List<Link> links() {
    List<Link> links = new ArrayList<>();
    for (int a = 0; a < FROM.length; a++) {
      for (int b = 0; b < FROM.length; b++) {
        if (TO[a] == FROM[b]) {
          links.add(new Link(a, b));
        }
      }
    }
    return links;
  }

  @Override
  public Architecture reachable(Architecture architecture) {
    int[] picks = architecture.picks();
    boolean[] needed = {false, false, false, true};
    for (int e = picks.length - 1; e >= 0; e--) {
      if (!needed[TO[e]]) {
        picks[e] = 0;
      } else if (picks[e] != 0) {
        needed[FROM[e]] = true;
      }
    }
    return architecture(picks);
  }

  /** A device that runs every operation. */
  static double eager(Architecture architecture) {
    double sum = 2;
    for (int e = 0; e < FROM.length; e++) {
      sum += MILLIS[architecture.pick(e)];
    }
    return sum;
  }

  /** A device that removes dead operations. */
  static double lean(Architecture architecture) {
    return eager(SPACE.reachable(architecture));
  }

  /** Distinct random architectures with relative noise; {@code wild} of them take three times. */
  static Profile profile(
      ToDoubleFunction<Architecture> truth, double noise, int wild, int n, long seed) {
    Random random = new Random(seed);
    List<Profile.Sample> samples = new ArrayList<>();
    for (Architecture a : sample(n, random)) {
      double factor = (samples.size() < wild ? 3 : 1) * (1 + noise * random.nextGaussian());
      samples.add(
          new Profile.Sample(
              a, Spaces.measurement(truth.applyAsDouble(a) * Math.max(0.1, factor))));
    }
    Collections.shuffle(samples, random);
    return new Profile(SPACE, "paper device, batch 1", samples);
  }

  static List<Architecture> sample(int n, Random random) {
    return Stream.generate(() -> SPACE.sample(random)).distinct().limit(n).toList();
  }
}
