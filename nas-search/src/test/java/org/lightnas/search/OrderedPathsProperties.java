package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.data.Pixels;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.QualityLimit;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;

/** Ordered sampling: what is drawn, and who learns from it. */
class OrderedPathsProperties {

  private static List<Architecture> ordered(Logits logits, SplittableRandom random) {
    List<Architecture> paths = new ArrayList<>(List.of(logits.draw(random, 1).architecture()));
    paths.addAll(logits.following(paths.get(0), random));
    return paths;
  }

  private static Logits logits(PlainSpace space, double[][] alpha) {
    Logits logits = new Logits(space);
    logits.set(alpha, 1);
    return logits;
  }

  /** However decided the logits are, and whatever the sizes of the choices. */
  @Property(tries = 200)
  void everyCandidateComesOnceBeforeAnyComesAgain(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 8) Integer> sizes,
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 40) int decided) {
    PlainSpace space = PlainSpace.ofSizes(sizes.stream().mapToInt(Integer::intValue).toArray());
    SplittableRandom random = new SplittableRandom(seed);
    double[][] alpha = Logits.zeros(space);
    for (double[] row : alpha) {
      Arrays.setAll(row, k -> decided * random.nextDouble());
    }
    List<Architecture> paths = ordered(logits(space, alpha), random);
    assertThat(paths).hasSize(Logits.most(space));
    for (int l = 0; l < alpha.length; l++) {
      int size = alpha[l].length;
      for (int from = 0; from < paths.size(); from += size) {
        Set<Integer> seen = new HashSet<>();
        int to = Math.min(paths.size(), from + size);
        for (Architecture path : paths.subList(from, to)) {
          seen.add(path.pick(l));
        }
        assertThat(seen).as("choice %s, paths %s to %s", l, from, to).hasSize(to - from);
      }
    }
  }

  /**
   * Against the product of shares among those left, by chi square: 119 degrees of freedom, p =
   * 1e-4.
   */
  @Example
  @Tag("slow")
  void ordersFollowPlackettAndLuce() {
    double[] p = {0.4, 0.25, 0.2, 0.1, 0.05};
    PlainSpace space = PlainSpace.ofSizes(5);
    Logits logits = logits(space, new double[][] {Arrays.stream(p).map(Math::log).toArray()});
    SplittableRandom random = new SplittableRandom(3);
    int draws = 200_000;
    Map<List<Integer>, Integer> counts = new HashMap<>();
    for (int i = 0; i < draws; i++) {
      List<Integer> order = ordered(logits, random).stream().map(path -> path.pick(0)).toList();
      counts.merge(order, 1, Integer::sum);
    }
    assertThat(counts).hasSize(120);
    double square = 0;
    for (Map.Entry<List<Integer>, Integer> seen : counts.entrySet()) {
      double probability = 1;
      double left = 1;
      for (int k : seen.getKey()) {
        probability *= p[k] / left;
        left -= p[k];
      }
      double expected = draws * probability;
      square += Math.pow(seen.getValue() - expected, 2) / expected;
    }
    assertThat(square).isLessThan(184);
  }

  private static final OneLevelProcedure PROCEDURE = OneLevelProcedure.robust();

  private static Supernet supernet(long seed) {
    return new Supernet(
        Tiny.SPACE, 16, seed, 0.1, new Supernet.Abilities(false, true, true, true, false), 1 << 20);
  }

  private static SearchSettings settings(int steps, long seed) {
    return new SearchSettings(
        PROCEDURE,
        steps,
        0,
        0.3,
        16,
        1 << 20,
        0.05,
        null,
        QualityLimit.none(),
        Augmentation.none(),
        null,
        seed);
  }

  private static LogitSearch logits(SearchSettings settings) {
    return PROCEDURE.logits(
        List.of(Constraint.atMost(5, Tiny.TABLE)),
        List.of(true),
        settings.timetable(3).pairs(),
        settings.seed());
  }

  /** Strict fairness, on a real supernet: counts of updates are kept with every tensor. */
  @Property(tries = 6)
  void afterAnyNumberOfStepsEveryCandidateHasLearnedAsOften(
      @ForAll @IntRange(min = 2, max = 9) int steps, @ForAll @IntRange(max = 1000) int seed) {
    LayeredSpace space = Tiny.SPACE; // choices of 3, 3 and 2 candidates
    try (Supernet supernet = supernet(seed)) {
      SearchSettings settings = settings(steps, seed);
      ImageData images = Tiny.images(48, 6);
      Timetable timetable = settings.timetable(3);
      Passes passes =
          PROCEDURE.passes(
              space.on(images), settings, supernet, logits(settings), (phase, path) -> {});
      for (int pass = 0; pass < timetable.total(); pass++) {
        assertThat(passes.run(timetable.phase(pass), timetable.index(pass), 0.05)).isFinite();
        int done = pass + 1;
        Map<String, double[]> all = supernet.snapshot();
        all.forEach(
            (name, values) -> {
              boolean statistic = name.endsWith("/mean") || name.endsWith("/var");
              // Shortcuts rest when they have no share.
              if (name.startsWith("updates/") && !statistic && !name.contains("/mapped/")) {
                assertThat(values).as("%s after %s", name, done).containsExactly(done);
              }
            });
      }
    }
  }

  /** The same for choices that are smaller: counts of updates are those of steps, not of paths. */
  @Example
  void ofACandidateThatComesAgainOnlyTheFirstPathCounts() {
    SearchSettings settings = settings(3, 11);
    ImageData images = Tiny.images(48, 6);
    Batches batches = PROCEDURE.forWeights(Tiny.SPACE.on(images), settings);
    Timetable timetable = settings.timetable(3);
    IdentityShare identity = IdentityShare.of(timetable, 3);
    List<Architecture> heard = new ArrayList<>();
    try (Supernet supernet = supernet(11);
        Supernet fair = supernet(11);
        Supernet unfair = supernet(11)) {
      Passes passes =
          PROCEDURE.passes(
              Tiny.SPACE.on(images),
              settings,
              supernet,
              logits(settings),
              (phase, path) -> heard.add(path));
      for (int pass = 0; pass < timetable.total(); pass++) {
        heard.clear();
        passes.run(timetable.phase(pass), timetable.index(pass), 0.05);
        // What comes after is only looked at.
        List<Architecture> trained = heard.subList(0, 3);
        Batches.Batch batch = batches.read(pass);
        for (Supernet byHand : List.of(fair, unfair)) {
          byHand.mapIdentity(identity.at(pass));
          for (int k = 0; k < trained.size(); k++) {
            Architecture path = trained.get(k);
            List<Architecture> before = trained.subList(0, k);
            byHand.addToSum(
                path,
                batch.nhwc(),
                batch.labels(),
                pass,
                l ->
                    byHand == unfair
                        || before.stream().noneMatch(other -> other.pick(l) == path.pick(l)));
          }
          byHand.applySum(0.05);
        }
      }
      Map<String, double[]> all = supernet.snapshot();
      fair.snapshot()
          .forEach((name, values) -> assertThat(all.get(name)).as(name).isEqualTo(values));
      // A mutation that lets all paths count would not be seen otherwise.
      String small = "value/three/k3e1/depthwise/W";
      assertThat(unfair.snapshot().get(small)).isNotEqualTo(all.get(small));
    }
  }

  /** A repeated candidate learns the first time only, so none learns from more images. */
  @Example
  void candidatesOfSmallChoicesLearnFromOnePathToo() {
    ImageData images = Tiny.images(48, 6);
    int[] labels = new int[16];
    Pixels nhwc = new Pixels.Floats(Tiny.batch(images, 16, labels));
    Architecture first = Tiny.SPACE.architecture(0, 0, 0);
    Architecture again = Tiny.SPACE.architecture(1, 1, 0);
    double[] alone;
    double[] twice;
    double[] always;
    Supernet.Abilities abilities = new Supernet.Abilities(false, true, true, false, false);
    try (Supernet one = new Supernet(Tiny.SPACE, 16, 1, 0.1, abilities, 1 << 20);
        Supernet two = new Supernet(Tiny.SPACE, 16, 1, 0.1, abilities, 1 << 20);
        Supernet all = new Supernet(Tiny.SPACE, 16, 1, 0.1, abilities, 1 << 20)) {
      double[] before = one.values(first).get("three/k3e1/depthwise/W");
      one.addToSum(first, nhwc, labels, 0, l -> true);
      alone = step(one, first, before);
      two.addToSum(first, nhwc, labels, 0, l -> true);
      two.addToSum(again, nhwc, labels, 0, l -> l != 2);
      twice = step(two, first, before);
      all.addToSum(first, nhwc, labels, 0, l -> true);
      all.addToSum(again, nhwc, labels, 0, l -> true);
      always = step(all, first, before);
      assertThat(one.values(first).get("classifier/W"))
          .isNotEqualTo(two.values(first).get("classifier/W"));
    }
    assertThat(cosine(alone, twice)).isGreaterThan(0.999);
    assertThat(cosine(alone, always)).isLessThan(0.9);
  }

  private static double[] step(Supernet supernet, Architecture path, double[] before) {
    supernet.applySum(0.1);
    double[] step = supernet.values(path).get("three/k3e1/depthwise/W");
    Arrays.setAll(step, i -> step[i] - before[i]);
    return step;
  }

  /** Of directions: gradients are clipped by their own norm, which scales a step. */
  private static double cosine(double[] a, double[] b) {
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
