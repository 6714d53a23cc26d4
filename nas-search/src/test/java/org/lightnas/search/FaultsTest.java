package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.FeatureShape;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.Progress;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.internal.NativeBytes;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;

/**
 * What users' code throws, and a disk that takes nothing, end a search with words that name the
 * culprit, give its native memory back, and do not touch the next search.
 */
class FaultsTest {

  private static final ImageData IMAGES = Tiny.images(96, 24);
  private static final SearchResult QUIET = search(Tiny.SPACE, bound(Tiny.TABLE));

  /** What the JVM itself takes meanwhile; a supernet of {@link #wide} takes 200. */
  private static final long ALLOWED_GROWTH = 8L << 20;

  @TempDir private Path folder;

  private static Constraint bound(Predictor predictor) {
    return Constraint.atMost(5, predictor);
  }

  private static LightNas.Builder settings() {
    return Tiny.search().steps(10);
  }

  private static SearchResult search(LayeredSpace space, Constraint bound) {
    return settings().build().search(space.on(IMAGES), bound);
  }

  /** Fails, then searches. */
  private static Throwable failure(Runnable search) {
    Throwable thrown = catchThrowable(search::run);
    boolean interrupted = Thread.interrupted();
    SearchResult next = search(Tiny.SPACE, bound(Tiny.TABLE));
    assertThat(next.history()).isEqualTo(QUIET.history());
    assertThat(next.architecture()).isEqualTo(QUIET.architecture());
    assertThat(interrupted).isEqualTo(thrown instanceof InterruptedRunException);
    return thrown;
  }

  @AfterEach
  void clear() {
    assertThat(Thread.interrupted()).isFalse();
  }

  /** Works so often, then fails. */
  private static Predictor predictor(int times) {
    AtomicInteger left = new AtomicInteger(times);
    return new Predictor() {
      @Override
      public Metric metric() {
        return Metric.LATENCY;
      }

      @Override
      public LayeredSpace space() {
        return Tiny.SPACE;
      }

      @Override
      public double predict(org.lightnas.space.Architecture architecture) {
        if (left.getAndDecrement() <= 0) {
          throw new ArithmeticException("/ by zero");
        }
        return Tiny.TABLE.predict(architecture);
      }

      @Override
      public String toString() {
        return "fortune teller";
      }
    };
  }

  @Test
  void aPredictorThatFailsIsNamedWithTheArchitecture() {
    // At once, while the bound is looked at, and between passes.
    for (int times : new int[] {0, 20, 150, 400}) {
      assertThat(failure(() -> search(Tiny.SPACE, bound(predictor(times)))))
          .as("after %s predictions", times)
          .isInstanceOf(NasException.class)
          .hasMessageMatching(
              "The fortune teller failed on (swaps of )?architecture [\\w-]+:"
                  + " java\\.lang\\.ArithmeticException: / by zero\nMaybe try it by itself; its own"
                  + " error is the cause of this one\\.")
          .hasCauseInstanceOf(ArithmeticException.class);
    }
  }

  @Test
  void aDeviceThatFailsIsNamedAndWhatWasFoundIsNotLost() {
    AtomicInteger good = new AtomicInteger();
    Device broken =
        new Device() {
          @Override
          public String fingerprint() {
            return "toaster";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            if (good.getAndDecrement() > 0) {
              return new Measurement(1, 0.01, 6, 1, 1, 1);
            }
            throw new IllegalStateException("out of bread");
          }

          @Override
          public String toString() {
            return "toaster";
          }
        };
    Constraint measured =
        bound(Predictor.of(Tiny.SPACE, Metric.LATENCY, Tiny.TABLE::predict)).measuredOn(broken);
    assertThat(failure(() -> search(Tiny.SPACE, measured)))
        .isInstanceOf(NasException.class)
        .hasMessageStartingWith(
            "Device toaster, which is to measure what is found, failed on architecture ");
    // Later than before the search.
    good.set(1);
    assertThat(failure(() -> search(Tiny.SPACE, measured)))
        .isInstanceOf(NasException.class)
        .hasMessageStartingWith("The search found {\"format\":1,\"space\":\"tiny\",\"picks\":[")
        .hasMessageContaining(
            ", but it could not be measured: Device toaster failed on architecture")
        .hasMessageContaining(": java.lang.IllegalStateException: out of bread");
  }

  /** An operation that is described well and cannot be added to a network. */
  private record Broken(int channels) implements Op {

    @Override
    public String id() {
      return "broken";
    }

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      return in.withChannels(channels);
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      throw new UnsupportedOperationException("not yet");
    }
  }

  /** Weights of 12 MB before the choice. */
  private static LayeredSpace wide(Op other) {
    return LayeredSpace.named("wide", Tiny.INPUT, Tiny.CLASSES)
        .stem(new ConvBnAct(1, 1024, 6), new ConvBnAct(1, 1024, 1), new ConvBnAct(1, 1024, 1))
        .choice("one", new ConvBnAct(1, 1024, 1), other)
        .build();
  }

  @Test
  void anOperationThatFailsIsNamedWithItsPlace() {
    LayeredSpace space = wide(new Broken(1024));
    Predictor free = Predictor.of(space, Metric.LATENCY, a -> 1 + a.pick(0));
    assertThat(failure(() -> search(space, bound(free))))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "Operation 'broken' ("
                + Broken.class.getName()
                + ") of 'one' in space 'wide' failed on 1024x2x2:"
                + " java.lang.UnsupportedOperationException: not yet\nMaybe try it by itself; its"
                + " own error is the cause of this one.");
  }

  /**
   * An error is not a listener's business to survive, but memory is freed all the same, and at
   * once: the collector would not know that there is little left.
   */
  @Test
  @Tag("slow")
  void failuresGiveNativeMemoryBack() {
    LayeredSpace space = wide(new ConvBnAct(3, 1024, 1));
    Predictor free = Predictor.of(space, Metric.LATENCY, a -> 1 + a.pick(0));
    AtomicInteger most = new AtomicInteger();
    Runnable failing =
        () -> {
          SearchListener fatal =
              new SearchListener() {
                @Override
                public void onStep(Progress progress, SearchStep step) {
                  most.accumulateAndGet((int) (live() >> 20), Math::max);
                  if (step.step() == 6) {
                    throw new AssertionError("on purpose");
                  }
                }
              };
          Throwable thrown =
              catchThrowable(
                  () -> settings().listener(fatal).build().search(space.on(IMAGES), bound(free)));
          assertThat(thrown).isInstanceOf(AssertionError.class).hasMessage("on purpose");
        };
    failing.run();
    long before = live();
    for (int i = 0; i < 3; i++) {
      failing.run();
    }
    assertThat(live() - before).isLessThan(ALLOWED_GROWTH);
    assertThat(most.get() - (before >> 20)).as("MB that a search takes").isGreaterThan(100);
  }

  private static long live() {
    OptionalLong bytes = NativeBytes.live();
    assumeTrue(bytes.isPresent(), "the C library does not tell what is allocated");
    return bytes.getAsLong();
  }

  @Test
  void anInterruptedThreadSearchesNothingAndKeepsItsStatus() {
    assertThat(
            failure(
                () -> {
                  Thread.currentThread().interrupt();
                  search(Tiny.SPACE, bound(Tiny.TABLE));
                }))
        .isInstanceOf(InterruptedRunException.class)
        .hasMessageStartingWith("The search was interrupted at pass 0 of ");
    // What is there can be read and written all the same.
    LightNas nas = settings().checkpoints(folder).build();
    for (int i = 0; i < 2; i++) {
      assertThat(
              failure(
                  () -> {
                    Thread.currentThread().interrupt();
                    nas.search(Tiny.SPACE.on(IMAGES), bound(Tiny.TABLE));
                  }))
          .isInstanceOf(InterruptedRunException.class)
          .hasMessageContaining("'" + folder.resolve("last.ckpt") + "' holds it.");
    }
    SearchResult resumed = nas.search(Tiny.SPACE.on(IMAGES), bound(Tiny.TABLE));
    assertThat(resumed.history()).isEqualTo(QUIET.history());
  }

  /** Nobody can make a folder below a file, not even root. */
  @Test
  void aDiskThatTakesNothingIsNamedBeforeTheFirstPassOrCostsTheCheckpointOnly() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    LightNas nowhere = settings().checkpoints(file.resolve("run")).build();
    assertThat(failure(() -> nowhere.search(Tiny.SPACE.on(IMAGES), bound(Tiny.TABLE))))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            "Checkpoint '" + file.resolve("run").resolve("last.ckpt") + "' cannot be written: ");
    Path doomed = folder.resolve("doomed");
    SearchListener replacing =
        new SearchListener() {
          @Override
          public void onStep(Progress progress, SearchStep step) {
            if (step.step() == 0) {
              try {
                Files.delete(doomed.resolve("last.ckpt"));
                Files.delete(doomed);
                Files.writeString(doomed, "in the way");
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };
    SearchResult found =
        settings()
            .checkpoints(doomed)
            .listener(replacing)
            .build()
            .search(Tiny.SPACE.on(IMAGES), bound(Tiny.TABLE));
    assertThat(doomed).hasContent("in the way");
    assertThat(found.history()).isEqualTo(QUIET.history());
  }

  @Test
  void aReportThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Path report = file.resolve("search.html");
    assertThat(catchThrowable(() -> QUIET.page().write(report)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot write '" + report + "': ");
    assertThat(catchThrowable(() -> QUIET.write(file.resolve("found.json"))))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot write '" + file.resolve("found.json") + "': ");
    assertThat(file).hasContent("in the way");
  }
}
