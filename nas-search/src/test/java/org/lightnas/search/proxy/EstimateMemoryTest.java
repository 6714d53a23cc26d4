package org.lightnas.search.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.InterruptedRunException;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.nd4j.linalg.activations.Activation;

/** What estimates take they give back. */
class EstimateMemoryTest {

  /** 4 MB of weights, and as much for momentum. */
  private static final LayeredSpace SPACE =
      LayeredSpace.named("wide", Few.IMAGES.shape(), Few.IMAGES.classes())
          .stem(new ConvBnAct(3, 1024, 16))
          .choice("one", new ConvBnAct(1, 1024, 1), new ConvBnAct(1, 1024, 1, Activation.RELU))
          .choice("two", new ConvBnAct(1, 8, 1), new ConvBnAct(1, 8, 1, Activation.RELU))
          .build();

  /** Freed memory may stay with the allocator; a leak of one network per round takes 80 MB. */
  private static final long ALLOWED_GROWTH = 64L << 20;

  private static final int ROUNDS = 10;

  private static void round(int seed) {
    BatchwiseTrainingEstimation bte =
        BatchwiseTrainingEstimation.builder(SPACE.on(Few.IMAGES))
            .batches(2)
            .batchSize(8)
            .learningRate(0.01)
            .seed(seed)
            .build();
    List<Architecture> two = List.of(SPACE.architecture(0, 0), SPACE.architecture(1, 1));
    bte.halve(two, 1);
    bte.score(SPACE.architecture(0, 1));
    Proxies.gradientNorm(SPACE.on(Few.IMAGES), 8, seed).score(two.get(0));
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> bte.score(SPACE.architecture(1, 0)));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  @Tag("slow")
  void nativeMemoryIsFreed() {
    for (int i = 0; i < 4; i++) {
      round(i);
    }
    long before = settled();
    long after = before;
    for (int i = 0; i < ROUNDS; i++) {
      round(10 + i);
      after = settled();
    }
    assertThat(after - before).isLessThan(ALLOWED_GROWTH);
  }

  /** Resident memory once what the collector has to free is freed. */
  private static long settled() {
    for (int i = 0; i < 5; i++) {
      System.gc();
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return Pointer.physicalBytes();
  }
}
