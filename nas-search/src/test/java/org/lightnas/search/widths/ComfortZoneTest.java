package org.lightnas.search.widths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.Progress;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.widths.ChannelSpace;
import org.lightnas.space.zoo.LightNasSpace;

class ComfortZoneTest {

  private static final LayeredSpace SMALL = LightNasSpace.small(new FeatureShape(3, 24, 24), 10);

  /** Widths 16, 48, 96, 24, 144, 32, 96, 192, 128. */
  private static final Architecture FOUND = SMALL.architecture(0, 1, 6, 3, 0, 1);

  /** A device that exists on paper only: it knows networks by their widths. */
  private static final class PaperDevice implements Device {

    private final ToDoubleFunction<Architecture> millis;
    private final double noise;
    private final double admitted;
    private final Random random;

    /**
     * One that may be noisy.
     *
     * @param noise standard deviation of a measurement, as a share
     * @param admitted what it says its standard error is
     */
    PaperDevice(ToDoubleFunction<Architecture> millis, double noise, double admitted, long seed) {
      this.millis = millis;
      this.noise = noise;
      this.admitted = admitted;
      this.random = new Random(seed);
    }

    PaperDevice(ToDoubleFunction<Architecture> millis) {
      this(millis, 0, 0, 0);
    }

    @Override
    public String fingerprint() {
      return "paper";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      throw new AssertionError("A paper device knows architectures only.");
    }

    @Override
    public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
      double value = millis.applyAsDouble(architecture) * (1 + noise * random.nextGaussian());
      return new Measurement(value, admitted * value, 6, 1, 1, 1);
    }
  }

  private static int channels(Candidate candidate) {
    return Integer.parseInt(candidate.id().substring(1));
  }

  private static int[] widths(Architecture architecture) {
    return IntStream.range(0, architecture.picks().length)
        .map(l -> channels(architecture.candidate(l)))
        .toArray();
  }

  /** Computes so many channels at once: every begun group of them costs the same. */
  private static double inGroups(Architecture architecture, int group) {
    double millis = 1;
    for (int width : widths(architecture)) {
      millis += 0.1 * Math.ceil((double) width / group);
    }
    return millis;
  }

  /** Every layer costs more from 1.5 of its width on, and is free up to there. */
  private static double atHalves(Architecture architecture) {
    int[] found = widths(((ChannelSpace) architecture.space()).start());
    int[] now = widths(architecture);
    double millis = 2;
    for (int l = 0; l < now.length; l++) {
      millis += now[l] > 1.5 * found[l] ? 0.2 : 0;
    }
    return millis;
  }

  /** Counting takes longer than measuring on paper. */
  private static final Map<Architecture, Double> MACS = new ConcurrentHashMap<>();

  private static double macs(Architecture architecture) {
    return MACS.computeIfAbsent(architecture, a -> Cost.of(a).macs() / 1e6);
  }

  private static ComfortResult widen(Device device) {
    return ComfortZone.builder(device).build().widen(FOUND);
  }

  @Test
  void raisesEveryLayerToTheEndOfItsPlateauExactly() {
    ComfortResult result = widen(new PaperDevice(a -> inGroups(a, 64)));
    assertThat(result.comfortable()).isTrue();
    assertThat(result.factor()).isEqualTo(1);
    assertThat(widths(result.architecture()))
        .containsExactly(32, 64, 128, 48, 192, 64, 128, 192, 128);
    assertThat(result.after().millis()).isEqualTo(result.before().millis());
    assertThat(result.layers())
        .extracting(ComfortResult.Layer::to)
        .containsExactly("c32", "c64", "c128", "c48", "c192", "c64", "c128", "c192", "c128");
    assertThat(result.layers())
        .extracting(ComfortResult.Layer::taken)
        .containsExactly(true, true, true, true, true, true, true, false, false);
    double gain = (double) Cost.of(result.architecture()).macs() / Cost.of(FOUND).macs() - 1;
    assertThat(result.macsGained()).isEqualTo(gain).isGreaterThan(0.5);
    assertThat(result.parametersGained()).isGreaterThan(0.3);
    assertThat(result).asString().startsWith("comfort zone: MACs +").contains(" % tolerated)");
  }

  @Test
  void scalesAllWidthsToTheEndOfTheirPlateauFirst() {
    ComfortResult result = widen(new PaperDevice(ComfortZoneTest::atHalves));
    // In steps of 8 of 192: 1.5 is the 12th.
    assertThat(result.factor()).isEqualTo(1.5);
    assertThat(result.staircase()).hasSize(25);
    assertThat(result.staircase())
        .filteredOn(ComfortResult.Step::plateauEnd)
        .extracting(ComfortResult.Step::factor)
        .startsWith(1.5)
        .endsWith(2.0);
    assertThat(widths(result.architecture()))
        .containsExactly(24, 72, 144, 32, 216, 48, 144, 288, 192);
    assertThat(result.macsGained()).isGreaterThan(1);
  }

  @Test
  void aDeviceWhoseLatencyAlwaysGrowsHasNoComfortZone() {
    for (ToDoubleFunction<Architecture> growing :
        List.<ToDoubleFunction<Architecture>>of(
            ComfortZoneTest::macs, a -> 3 + macs(a), a -> Arrays.stream(widths(a)).sum() / 100.0)) {
      ComfortResult result = widen(new PaperDevice(growing));
      assertThat(result.comfortable()).isFalse();
      assertThat(result.architecture()).isEqualTo(result.found());
      assertThat(result.macsGained()).isZero();
      assertThat(result).asString().startsWith("no comfort zone: ");
    }
    assertThat(widen(new PaperDevice(ComfortZoneTest::macs)).finding())
        .startsWith("nothing wider is within 1.00 % of the latency ");
  }

  @Test
  void noiseIsNoComfortZone() {
    int comfortable = 0;
    int noisy = 0;
    for (int seed = 0; seed < 20; seed++) {
      for (double noise : new double[] {0.005, 0.02, 0.05}) {
        // Half of them think they are ten times as sure as they are.
        double admitted = seed % 2 == 0 ? noise : noise / 10;
        ComfortResult result = widen(new PaperDevice(ComfortZoneTest::macs, noise, admitted, seed));
        comfortable += result.comfortable() ? 1 : 0;
        if (result.tolerance() > 0.03) {
          assertThat(result.finding())
              .endsWith("; maybe measure on a quieter machine, or more often");
        }
        noisy += result.tolerance() > 0.03 ? 1 : 0;
      }
    }
    assertThat(comfortable).isZero();
    assertThat(noisy).isGreaterThan(10);
  }

  @Test
  void findsPlateausThroughNoiseAndStaysInTheZone() {
    ToDoubleFunction<Architecture> stairs = ComfortZoneTest::atHalves;
    int comfortable = 0;
    for (int seed = 0; seed < 20; seed++) {
      ComfortResult result = widen(new PaperDevice(stairs, 0.01, 0.01, seed));
      if (result.comfortable()) {
        comfortable++;
        double rise =
            stairs.applyAsDouble(result.architecture()) / stairs.applyAsDouble(result.found()) - 1;
        // What was measured as inside may be outside by the error of that measurement.
        assertThat(rise).isLessThanOrEqualTo(2 * result.tolerance());
        assertThat(result.tolerance()).isLessThan(0.05);
      }
    }
    assertThat(comfortable).isGreaterThanOrEqualTo(18);
  }

  /** The network as it was is reported, not the one that was tried. */
  @Test
  void wideningThatIsNotWorthItIsNotTaken() {
    for (ToDoubleFunction<Architecture> stairs :
        List.<ToDoubleFunction<Architecture>>of(ComfortZoneTest::atHalves, a -> inGroups(a, 64))) {
      ComfortResult result =
          ComfortZone.builder(new PaperDevice(stairs)).worth(1e6).build().widen(FOUND);
      assertThat(result.finding()).startsWith("MACs +").contains(" are less than 1000000.0 times");
      assertThat(result.comfortable()).isFalse();
      assertThat(result.architecture()).isEqualTo(result.found());
      assertThat(result.factor()).isEqualTo(1);
      assertThat(result.layers()).hasSize(9).noneMatch(ComfortResult.Layer::taken);
      assertThat(result.page().html())
          .contains("no comfort zone: MACs +")
          .contains("From the widest network of the staircase that was tried: how far")
          .doesNotContain("<td>yes</td>");
    }
    assertThat(widen(new PaperDevice(a -> inGroups(a, 64))).page().html())
        .contains("From all widths times 1.000: how far", "<td>yes</td>");
  }

  /** Layers that are free one by one, but not all together: measuring the result tells. */
  @Test
  void takesRaisesBackThatDoNotAddUp() {
    int sum = Arrays.stream(widths(ChannelSpace.of(FOUND).start())).sum();
    ToDoubleFunction<Architecture> crowded =
        a -> inGroups(a, 64) * (Arrays.stream(widths(a)).sum() > sum + 100 ? 1.2 : 1);
    ComfortResult result = widen(new PaperDevice(crowded));
    assertThat(result.comfortable()).isTrue();
    assertThat(crowded.applyAsDouble(result.architecture()))
        .isEqualTo(crowded.applyAsDouble(result.found()));
    assertThat(result.layers()).extracting(ComfortResult.Layer::taken).contains(true, false);
    assertThat(result.layers()).filteredOn(layer -> layer.to().equals(layer.from())).hasSize(2);
  }

  /** A device that lies at first: the staircase looks flat, the verification says otherwise. */
  @Test
  void stepsBackWhenTheWidenedNetworkIsTooSlowAfterAll() {
    int[] asked = {0};
    Device liar = new PaperDevice(a -> ++asked[0] > 3 * 25 ? macs(a) : 1.0);
    ComfortResult result = widen(liar);
    assertThat(result.comfortable()).isFalse();
    assertThat(result.factor()).isEqualTo(1);
  }

  /** A tenth more latency is tolerated, and more than the bound leaves. */
  @Test
  void keepsABoundThatTheToleranceWouldBreak() {
    Device device = new PaperDevice(a -> inGroups(a, 64));
    ComfortZone.Builder zone = ComfortZone.builder(device).tolerance(0.1).worth(1);
    assertThat(zone.build().widen(FOUND).after().millis()).isGreaterThan(2.75);
    ComfortResult bounded = zone.latency(Duration.ofNanos(2_750_000)).build().widen(FOUND);
    assertThat(bounded.comfortable()).isTrue();
    assertThat(bounded.before().millis()).isEqualTo(inGroups(bounded.found(), 64));
    assertThat(bounded.after().millis()).isLessThanOrEqualTo(2.75);
    assertThat(bounded.finding()).endsWith(" of 10.00 % tolerated), asked ≤ 2.750 ms");
  }

  @Test
  void allWidthsTogetherKeepTheBoundToo() {
    ToDoubleFunction<Architecture> slope = a -> 1 + 0.001 * Arrays.stream(widths(a)).sum();
    ComfortZone.Builder zone = ComfortZone.builder(new PaperDevice(slope)).tolerance(0.45).worth(1);
    assertThat(zone.build().widen(FOUND).factor()).isEqualTo(2);
    ComfortResult bounded = zone.latency(Duration.ofMillis(2)).build().widen(FOUND);
    assertThat(bounded.factor()).isBetween(1.1, 1.4);
    assertThat(bounded.after().millis()).isLessThanOrEqualTo(2);
  }

  @Test
  void raisesThatBreakTheBoundTogetherAreTakenBack() {
    int sum = Arrays.stream(widths(ChannelSpace.of(FOUND).start())).sum();
    ToDoubleFunction<Architecture> crowded =
        a -> inGroups(a, 64) * (Arrays.stream(widths(a)).sum() > sum + 100 ? 1.04 : 1);
    ComfortZone.Builder zone =
        ComfortZone.builder(new PaperDevice(crowded)).tolerance(0.05).worth(1);
    assertThat(zone.build().widen(FOUND).after().millis()).isGreaterThan(2.65);
    ComfortResult bounded = zone.latency(Duration.ofNanos(2_650_000)).build().widen(FOUND);
    assertThat(bounded.comfortable()).isTrue();
    assertThat(bounded.after().millis()).isEqualTo(bounded.before().millis());
  }

  @Test
  void aBoundIsKeptByMeasuredAndTwoSpreads() {
    // Three measurements of 2 ms, each with a standard error of 2 %: together 0.029 ms.
    ComfortZone.Builder zone =
        ComfortZone.builder(new PaperDevice(ComfortZoneTest::atHalves, 0, 0.02, 1));
    assertThat(zone.latency(Duration.ofNanos(2_065_000)).build().widen(FOUND).comfortable())
        .isTrue();
    ComfortResult tooNear = zone.latency(Duration.ofNanos(2_050_000)).build().widen(FOUND);
    assertThat(tooNear.comfortable()).isFalse();
    assertThat(tooNear.finding())
        .contains("nothing wider is within ", " of the latency 2.000 ±0.029 ms, asked ≤ 2.050 ms");
  }

  @Test
  void resolutionIsRaisedAsALayerIs() {
    Device blind =
        new PaperDevice(a -> macs(((ChannelSpace) a.space()).start().with(8, a.pick(8))));
    ComfortResult result = ComfortZone.builder(blind).resolutions(28, 32).build().widen(FOUND);
    ChannelSpace space = (ChannelSpace) result.architecture().space();
    assertThat(space.input(result.architecture())).isEqualTo(new FeatureShape(3, 32, 32));
    assertThat(result.layers().get(9))
        .satisfies(
            layer -> {
              assertThat(layer.choice()).isEqualTo("resolution");
              assertThat(layer.to()).isEqualTo("r32");
            });
  }

  @Test
  void measuresRealNetworksOnAnyDevice() {
    LayeredSpace tiny =
        LayeredSpace.named("tiny", new FeatureShape(3, 8, 8), 2)
            .choice("a", new ConvBnAct(1, 8, 1))
            .head(new ConvBnAct(1, 16, 1))
            .build();
    Device counting =
        new Device() {
          @Override
          public String fingerprint() {
            return "counting";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            return new Measurement((double) network.numParams(), 0, 6, 1, 1, 1);
          }
        };
    ComfortResult result =
        ComfortZone.builder(counting).points(3).repeats(1).build().widen(tiny.uniform(0));
    assertThat(result.comfortable()).isFalse();
    try {
      assertThat(result.before().millis())
          .isEqualTo((double) tiny.network(tiny.uniform(0), 1).numParams());
    } finally {
      assertThat(result.before().rounds()).isEqualTo(6);
    }
  }

  @Test
  void listenersHearOfEveryMeasurementAndThePageShowsTheStaircase(@TempDir Path folder)
      throws Exception {
    List<Progress> heard = new ArrayList<>();
    ComfortZone zone =
        ComfortZone.builder(new PaperDevice(a -> inGroups(a, 64)))
            .listener(
                new ComfortListener() {
                  @Override
                  public void onMeasured(
                      Progress progress, Architecture architecture, Measurement measurement) {
                    heard.add(progress);
                    throw new IllegalStateException("listeners cannot break a run");
                  }
                })
            .build();
    ComfortResult result = zone.widen(FOUND);
    assertThat((long) heard.size()).isLessThanOrEqualTo(zone.mostMeasurements(FOUND));
    assertThat(heard.get(0).total()).isEqualTo(zone.mostMeasurements(FOUND));
    Path file = folder.resolve("zone.html");
    result.page().write(file);
    assertThat(Files.readString(file))
        .contains("Latency over width", "block4.k5e6.expand", "c192", "comfort zone: MACs +");
    assertThat(widen(new PaperDevice(ComfortZoneTest::macs)).page().html())
        .contains("no comfort zone: nothing wider");
  }

  @Test
  void theSameSeedGivesTheSameResult() {
    ComfortResult one = widen(new PaperDevice(ComfortZoneTest::atHalves, 0.01, 0.01, 3));
    ComfortResult two = widen(new PaperDevice(ComfortZoneTest::atHalves, 0.01, 0.01, 3));
    assertThat(one).isEqualTo(two);
  }

  @Test
  void settersCheckWhatTheyAreGiven() {
    ComfortZone.Builder builder = ComfortZone.builder(new PaperDevice(a -> 1));
    assertThatThrownBy(() -> builder.tolerance(-0.1))
        .hasMessage("The tolerance must be a share of the latency from 0 to 1, but is -0.1.");
    assertThatThrownBy(() -> builder.latency(Duration.ZERO))
        .hasMessage("The latency bound must be positive, but is PT0S.");
    assertThatThrownBy(() -> builder.most(1))
        .hasMessage("The greatest factor of widths must be above 1 and at most 8, but is 1.0.");
    assertThatThrownBy(() -> builder.points(1))
        .hasMessage("A staircase needs at least 2 points, not 1.");
    assertThatThrownBy(() -> builder.repeats(0))
        .hasMessage("A network must be measured at least once, not 0 times.");
    assertThatThrownBy(() -> builder.worth(0.5))
        .hasMessage(
            "The operations gained must be at least once the latency tolerated, not 0.5 times.");
    assertThatThrownBy(() -> builder.resolutions(32, 0))
        .hasMessage("Edges of images must be of at least 1 pixel, but are [32, 0].");
  }
}
