package org.lightnas.search.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.testing.NeedsSpark;

@NeedsSpark
class SparkProfileTest {

  private static JavaSparkContext context;

  @BeforeAll
  static void start() {
    context = Remotes.threads(2);
  }

  @AfterAll
  static void stop() {
    context.stop();
  }

  @Test
  void isTheProfileThatIsMeasuredHere() {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    Profile there =
        SparkProfile.builder(context, new Remotes.Counters())
            .samples(9)
            .seed(3)
            .listener((p, answer) -> heard.add(p.phase() + " " + p.done() + "/" + p.total()))
            .measure();
    Device device = new Remotes.Counters().create(null);
    Profile here = Profile.builder(Remotes.SPACE, device).samples(9).seed(3).measure();
    assertThat(there).isEqualTo(here);
    assertThat(here.samples()).hasSize(9);
    assertThat(heard).hasSize(9).startsWith("measure 1/9").endsWith("measure 9/9");
  }

  private static Remeasured by(String executor, double millis, double reference) {
    Measurement measured = new Measurement(millis, millis / 8, 7, 1, 1, reference);
    return Remeasured.of(
        new Reply(executor, "h" + executor, 1, 1, true, Remeasured.toText("a b, c", measured)));
  }

  /** Ratios to the reference network stay. */
  @Test
  void putsDevicesOnOneScale() {
    List<Architecture> all = Profile.architectures(Remotes.SPACE, 5, 1);
    List<Remeasured> measured =
        List.of(by("1", 3, 2), by("2", 8, 4), by("3", 2, 1), by("1", 1, 2), by("3", 5, 1));
    Profile profile = Remeasured.profile(Remotes.SPACE, all, measured);
    assertThat(profile.fingerprint()).isEqualTo("a b, c");
    assertThat(profile.samples())
        .extracting(Profile.Sample::measurement)
        .containsExactly(
            new Measurement(3, 3 / 8.0, 7, 1, 1, 2),
            new Measurement(4, 4 / 8.0, 7, 1, 1, 2),
            new Measurement(4, 4 / 8.0, 7, 1, 1, 2),
            new Measurement(1, 1 / 8.0, 7, 1, 1, 2),
            new Measurement(10, 10 / 8.0, 7, 1, 1, 2));
    assertThat(profile.samples()).extracting(Profile.Sample::architecture).isEqualTo(all);
  }

  @Test
  void refusesDevicesOfTwoKinds() {
    Measurement measured = new Measurement(1, 0.1, 7, 1, 1, 1);
    List<Remeasured> two =
        List.of(
            new Remeasured("1", "1 on a", "small board", measured),
            new Remeasured("2", "2 on b", "large board", measured));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(
            () ->
                Remeasured.profile(Remotes.SPACE, Profile.architectures(Remotes.SPACE, 3, 1), two))
        .withMessage(
            "Executors are different devices: 1 on a is [small board], 2 on b is [large board].\n"
                + "Maybe measure each kind of machine in a Spark application of its own.");
  }

  record Broken() implements RemoteFactory<SearchSpace, Device> {
    @Override
    public SearchSpace space() {
      return Remotes.SPACE;
    }

    @Override
    public Device create(Path files) {
      return new Device() {
        @Override
        public String fingerprint() {
          return "none";
        }

        @Override
        public Measurement measure(ComputationGraph network) {
          throw new NasException("The machine is too busy.\nMaybe stop other programs.");
        }
      };
    }
  }

  @Test
  @Tag("slow")
  void saysWhatADeviceSays() {
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> SparkProfile.builder(context, new Broken()).samples(4).measure())
        .withMessageMatching(
            "Executor driver on \\S+ could not measure \\S+: org.lightnas.NasException: The machine"
                + " is too busy.\nMaybe stop other programs.");
  }

  @Test
  void refusesTooFewSamples() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkProfile.builder(context, new Broken()).samples(2))
        .withMessage("A profile needs at least 3 samples, not 2.");
  }
}
