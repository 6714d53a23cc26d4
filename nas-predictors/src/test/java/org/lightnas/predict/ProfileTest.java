package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.Progress;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

class ProfileTest {

  private static final ChoiceSpace PAIR = Spaces.plain("pair", 2, 3);

  private static final LayeredSpace TINY =
      LayeredSpace.named("tiny", new FeatureShape(1, 8, 8), 2)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("left", new MbConv(3, 3, 8, 1), new MbConv(5, 3, 8, 1), new SkipConnect(8, 1))
          .choice("right", new MbConv(3, 3, 8, 1), new MbConv(5, 3, 8, 1), new SkipConnect(8, 1))
          .build();

  /** Answers with the number of parameters. */
  private static final Device PAPER =
      new Device() {
        @Override
        public String fingerprint() {
          return "paper";
        }

        @Override
        public Measurement measure(ComputationGraph network) {
          return Spaces.measurement((double) network.numParams());
        }
      };

  @Test
  void measuresAsManyArchitecturesAsAskedForAndTellsHowItGoes() {
    List<Progress> heard = new ArrayList<>();
    List<Profile.Sample> heardSamples = new ArrayList<>();
    Profile profile =
        Profile.builder(TINY, PAPER)
            .samples(5)
            .listener(
                (progress, sample) -> {
                  heard.add(progress);
                  heardSamples.add(sample);
                })
            .measure();
    assertThat(profile.samples()).hasSize(5).doesNotHaveDuplicates();
    assertThat(profile.fingerprint()).isEqualTo("paper");
    assertThat(profile.batch()).isEqualTo(1);
    assertThat(profile.threads()).isEqualTo(2);
    assertThat(profile.referenceMillis()).isEqualTo(0.9);
    assertThat(profile).hasToString("5 samples of space 'tiny' on [paper]");
    assertThat(heard).extracting(Progress::done).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(heard).extracting(Progress::total).containsOnly(5L);
    assertThat(heard.get(4).left()).isZero();
    assertThat(heardSamples).isEqualTo(profile.samples());
  }

  @Test
  void aSmallSpaceIsMeasuredWholeInAnOrderThatDependsOnTheSeed() {
    Profile profile = Profile.builder(TINY, PAPER).seed(1).measure();
    assertThat(profile.samples()).hasSize(9);
    assertThat(Profile.builder(TINY, PAPER).seed(1).measure()).isEqualTo(profile);
    Profile other = Profile.builder(TINY, PAPER).seed(2).measure();
    assertThat(other).isNotEqualTo(profile);
    assertThat(other.samples())
        .extracting(Profile.Sample::architecture)
        .containsExactlyInAnyOrderElementsOf(
            profile.samples().stream().map(Profile.Sample::architecture).toList());
  }

  @Test
  void aListenerThatFailsDoesNotEndTheRun() {
    Profile profile =
        Profile.builder(TINY, PAPER)
            .samples(3)
            .listener(
                (progress, sample) -> {
                  throw new IllegalStateException("deaf");
                })
            .measure();
    assertThat(profile.samples()).hasSize(3);
  }

  /** A device that is a table runs no network. */
  @Test
  void aDeviceMayAnswerForArchitectures() {
    Device table =
        new Device() {
          @Override
          public String fingerprint() {
            return "table";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            throw new IllegalStateException("not asked for");
          }

          @Override
          public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
            return Spaces.measurement(1.0 + architecture.pick(0));
          }
        };
    Profile profile = Profile.builder(TINY, table).samples(4).measure();
    assertThat(profile.samples())
        .allSatisfy(
            sample ->
                assertThat(sample.measurement().millis())
                    .isEqualTo(1.0 + sample.architecture().pick(0)));
  }

  @Test
  void measurementsThatDoNotBelongTogetherAreRefusedAtOnce() {
    AtomicInteger measured = new AtomicInteger();
    Device changing =
        new Device() {
          @Override
          public String fingerprint() {
            return measured.get() < 0 ? "two\nlines" : "changing";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            return new Measurement(1, 0, 1, measured.incrementAndGet(), 1, 1);
          }
        };
    assertThatThrownBy(() -> Profile.builder(TINY, changing).samples(5).measure())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was measured with another batch");
    assertThat(measured.get()).isEqualTo(2);
    measured.set(-1);
    assertThatThrownBy(() -> Profile.builder(TINY, changing).samples(5).measure())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A fingerprint must be one line of text, but is 'two\nlines'.");
    assertThat(measured.get()).isEqualTo(-1);
  }

  @Test
  @Tag("slow")
  void aDeviceThatFailsIsNamedWithTheArchitecture() {
    AtomicInteger measured = new AtomicInteger();
    Device tired =
        new Device() {
          @Override
          public String fingerprint() {
            return "paper";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            if (measured.incrementAndGet() == 4) {
              throw new IllegalStateException("cable pulled");
            }
            return PAPER.measure(network);
          }

          @Override
          public String toString() {
            return "Tired";
          }
        };
    assertThatThrownBy(() -> Profile.builder(TINY, tired).samples(5).measure())
        .isInstanceOf(NasException.class)
        .hasMessageMatching(
            "Device Tired failed on architecture [\\w-]+: java\\.lang\\.IllegalStateException: cable"
                + " pulled\nMaybe try it by itself; its own error is the cause of this one\\.")
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(Profile.builder(TINY, tired).samples(5).measure())
        .isEqualTo(Profile.builder(TINY, PAPER).samples(5).measure());
  }

  @Test
  void anInterruptedThreadStopsBetweenTwoNetworks() {
    assertThatThrownBy(
            () ->
                Profile.builder(TINY, PAPER)
                    .samples(5)
                    .listener(
                        (progress, sample) -> {
                          if (progress.done() == 2) {
                            Thread.currentThread().interrupt();
                          }
                        })
                    .measure())
        .isInstanceOf(InterruptedRunException.class)
        .hasMessage(
            "The profile of space 'tiny' was interrupted after 2 of 5 samples and is lost.\n"
                + "Maybe measure fewer at a time.");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void profilingASpaceGivesATableOfIt() {
    LatencyTable table = LatencyTable.profile(TINY, PAPER);
    assertThat(table.fingerprint()).contains("paper");
    assertThat(table.report().orElseThrow().samples()).isEqualTo(9);
    assertThat(table.predict(TINY.architecture(1, 1)))
        .isGreaterThan(table.predict(TINY.architecture(2, 2)));
  }

  @Test
  void settersRejectNonsenseAtOnce() {
    assertThatThrownBy(() -> Profile.builder(TINY, PAPER).samples(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A profile needs at least 3 samples, not 2.");
  }

  @Test
  void takesLatenciesThatOthersMeasuredInTheirOrder() {
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    millis.put(PAIR.architecture(1, 2), 3.5);
    millis.put(PAIR.architecture(0, 0), 2.0);
    Profile profile = Profile.of(PAIR, "someone's phone", millis);
    assertThat(profile.fingerprint()).isEqualTo("someone's phone");
    assertThat(profile.samples())
        .containsExactly(
            new Profile.Sample(PAIR.architecture(1, 2), new Measurement(3.5, 0, 1, 1, 1, 1)),
            new Profile.Sample(PAIR.architecture(0, 0), new Measurement(2, 0, 1, 1, 1, 1)));
    for (double wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Profile.of(PAIR, "phone", Map.of(PAIR.architecture(0, 1), wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The latency of architecture a0-a1 must be a positive number of ms, but is %s.",
              wrong);
    }
  }

  @Test
  void refusesSamplesThatDoNotBelongTogether() {
    assertThatThrownBy(() -> new Profile(PAIR, "paper", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A profile of space 'pair' needs a sample.");
    Profile.Sample sample = LatencyTableTest.sample(PAIR, 1, 0, 0);
    assertThatThrownBy(() -> new Profile(PAIR, "two\nlines", List.of(sample)))
        .hasMessage("A fingerprint must be one line of text, but is 'two\nlines'.");
    assertThatThrownBy(() -> new Profile(PAIR, "paper", List.of(sample, sample)))
        .hasMessage("Architecture a0-a0 was measured twice.");
    assertThatThrownBy(() -> new Profile(Spaces.plain("other", 2, 3), "paper", List.of(sample)))
        .hasMessage("Architecture a0-a0 belongs to space 'pair', not to 'other'.");
    Profile.Sample batched =
        new Profile.Sample(PAIR.architecture(1, 1), new Measurement(1, 0, 6, 8, 2, 0.9));
    assertThatThrownBy(() -> new Profile(PAIR, "paper", List.of(sample, batched)))
        .hasMessage(
            "Architecture a1-a1 was measured with another batch, number of threads or reference"
                + " latency (8, 2, 0.9 ms) than the first (1, 2, 0.9 ms).\n"
                + "Maybe keep one profile for each.");
  }
}
