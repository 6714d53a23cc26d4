package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

class LatencyTableProperties {

  private static LatencyTable table(int[] sizes, long seed) {
    Random random = new Random(seed);
    double[][] table =
        Arrays.stream(sizes)
            .mapToObj(k -> random.doubles(k, 0, 3).toArray())
            .toArray(double[][]::new);
    return LatencyTable.of(Spaces.plain("random", sizes), random.nextDouble() + 1e-3, table);
  }

  private static int[] array(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  @Property(tries = 200)
  void sensitivityIsWhatPredictingEverySwapGives(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 5) Integer> sizes,
      @ForAll long seed) {
    LatencyTable table = table(array(sizes), seed);
    Predictor slow = Predictor.of(table.space(), Metric.LATENCY, table::predict);
    Architecture architecture = table.space().sample(new Random(seed));
    double[][] fast = table.sensitivity(architecture);
    double[][] expected = slow.sensitivity(architecture);
    assertThat(fast.length).isEqualTo(expected.length);
    for (int l = 0; l < expected.length; l++) {
      assertThat(fast[l]).containsExactly(expected[l], within(1e-12));
    }
  }

  @Property(tries = 200)
  void rangeHoldsEveryPredictionAndItsEndsCanBeAskedFor(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 5) Integer> sizes,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 1) double fraction) {
    LatencyTable table = table(array(sizes), seed);
    LatencyRange range = table.range();
    Random random = new Random(seed);
    Constraint slowest = Constraint.latency(range.max(), table);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 20; i++) {
      Architecture architecture = table.space().sample(random);
      assertThat(slowest.admits(architecture)).isTrue();
      least = Math.min(least, table.predict(architecture));
    }
    assertThat(range.min().toNanos() / 1e6).isLessThanOrEqualTo(least + 2e-6);
    assertThat(range.at(fraction)).isBetween(range.min(), range.max());
    assertThat(fastest(table)).matches(Constraint.latency(range.min(), table)::admits);
    assertThat(fastest(table)).matches(Constraint.latency(range.at(0), table)::admits);
  }

  private static Architecture fastest(LatencyTable table) {
    double[][] entries = table.table();
    int[] picks = new int[entries.length];
    for (int l = 0; l < picks.length; l++) {
      for (int k = 1; k < entries[l].length; k++) {
        picks[l] = entries[l][k] < entries[l][picks[l]] ? k : picks[l];
      }
    }
    return table.space().architecture(picks);
  }

  @Property(tries = 50)
  void filesRoundTripBitForBit(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 5) Integer> sizes,
      @ForAll long seed)
      throws IOException {
    LatencyTable table = table(array(sizes), seed);
    Path file = Files.createTempFile("table", ".csv");
    try {
      table.write(file);
      assertThat(LatencyTable.read(file, table.space())).isEqualTo(table);
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 400)
  @Tag("slow")
  void aChangedFileIsRefusedOrMeansTheSame(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int changes) throws IOException {
    ChoiceSpace space = Spaces.plain("mutants", 3, 2);
    LatencyTable table =
        LatencyTable.fit(
            new Profile(
                space,
                "paper",
                List.of(
                    LatencyTableTest.sample(space, 1.25, 0, 0),
                    LatencyTableTest.sample(space, 2.5, 1, 1),
                    LatencyTableTest.sample(space, 3.75, 2, 0),
                    LatencyTableTest.sample(space, 3.5, 2, 1))));
    Path file = Files.createTempFile("table", ".csv");
    try {
      table.write(file);
      Mutations.apply(file, new Random(seed), changes);
      try {
        assertThat(LatencyTable.read(file, space)).isEqualTo(table);
      } catch (PredictorFileException e) {
        assertThat(e).hasMessageStartingWith("File '" + file + "', line " + e.line() + ": ");
        assertThat(e.file()).isEqualTo(file);
        assertThat(e.getMessage()).contains("\nMaybe ");
      }
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 400)
  @Tag("slow")
  void aChangedProfileIsRefusedOrMeansTheSame(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int changes) throws IOException {
    ChoiceSpace space = Spaces.plain("mutants", 3, 2);
    Profile profile =
        new Profile(
            space,
            "paper",
            List.of(
                LatencyTableTest.sample(space, 1.25, 0, 0),
                LatencyTableTest.sample(space, 1.0 / 3, 2, 1)));
    Path file = Files.createTempFile("profile", ".csv");
    try {
      profile.write(file);
      assertThat(Profile.read(file, space)).isEqualTo(profile);
      Mutations.apply(file, new Random(seed), changes);
      try {
        assertThat(Profile.read(file, space)).isEqualTo(profile);
      } catch (PredictorFileException e) {
        assertThat(e).hasMessageStartingWith("File '" + file + "', line " + e.line() + ": ");
        assertThat(e.getMessage()).contains("\nMaybe ");
      }
    } finally {
      Files.delete(file);
    }
  }
}
