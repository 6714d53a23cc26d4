package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Backends;
import org.lightnas.internal.Seeds;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Engines, weights and plans come and go in any order, and in several threads. */
class EngineLifecycleTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("test", new FeatureShape(3, 11, 14), 4)
          .stem(new ConvBnAct(3, 16, 1))
          .choice("a", new MbConv(3, 3, 16, 1), new MbConv(5, 6, 16, 1), new SkipConnect(16, 1))
          .choice("b", new MbConv(3, 6, 24, 2), new MbConv(7, 2, 24, 2), new SkipConnect(24, 2))
          .choice("c", new MbConv(5, 3, 24, 1), new SkipConnect(24, 1))
          .head(new ConvBnAct(1, 32, 1))
          .build();

  /** About what one round takes at most; freed memory may stay with the allocator. */
  private static final long ALLOWED_GROWTH = 64L << 20;

  private static LayerGraph graph(RandomGenerator random) {
    return LayerGraph.of(SPACE, SPACE.sample(random));
  }

  /** An engine with weights and some plans, used and closed at random. */
  private static final class Life implements AutoCloseable {
    final Engine engine = Engine.create();
    final Weights weights = new Weights(DataType.FLOAT);
    final List<Plan> plans = new ArrayList<>();
    final Set<Plan> trainable = new HashSet<>();

    void advance(RandomGenerator random) {
      if (plans.isEmpty() || random.nextInt(3) == 0) {
        LayerGraph graph = graph(random);
        int batch = random.nextInt(1, 9);
        weights.ensure(graph, 1);
        if (random.nextBoolean()) {
          plans.add(engine.training(graph, weights, batch, Set.of()));
          trainable.add(plans.get(plans.size() - 1));
        } else {
          plans.add(engine.inference(graph, weights, batch));
        }
      }
      Plan plan = plans.get(random.nextInt(plans.size()));
      boolean trains = trainable.contains(plan) && random.nextBoolean();
      plan.forward(images(plan.batch(), 3), trains ? Pass.training(1) : Pass.inference());
      assertThat(plan.logits()).doesNotContain(Double.NaN);
      if (trains) {
        plan.loss(new int[plan.batch()], 0);
        plan.backward();
        Gradients.apply(plan.touched(), new Optimizer.Sgd(0.9), 1e-3, 1e-4, 5);
      }
    }

    @Override
    public void close() {
      engine.close();
      weights.close();
    }
  }

  private static float[] images(int batch, long seed) {
    FeatureShape input = SPACE.input();
    float[] images = new float[(int) (batch * input.size())];
    RandomGenerator random = Seeds.random(seed, "images", 0);
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
    }
    return images;
  }

  @Test
  @Tag("slow")
  void survivesAnyOrderOfEvents() {
    live(150);
  }

  @Test
  @Tag("slow")
  void memoryDoesNotGrow() {
    live(300);
    long before = settled();
    live(1500);
    assertThat(settled() - before).as("bytes").isLessThan(ALLOWED_GROWTH);
  }

  private static void live(int rounds) {
    RandomGenerator random = Seeds.random(rounds, "lives", 0);
    List<Life> lives = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      if (lives.isEmpty() || (lives.size() < 3 && random.nextInt(10) == 0)) {
        lives.add(new Life());
      }
      int which = random.nextInt(lives.size());
      lives.get(which).advance(random);
      if (random.nextInt(12) == 0) {
        lives.remove(which).close();
      }
    }
    lives.forEach(Life::close);
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

  /** Three steps of training by one engine. */
  private static List<Map<String, double[]>> train(long seed) {
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      LayerGraph graph = graph(Seeds.random(seed, "graph", 0));
      weights.ensure(graph, seed);
      Plan plan = engine.training(graph, weights, 4, Set.of());
      List<Map<String, double[]>> states = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        step(plan, step);
        states.add(weights.values(graph));
      }
      return states;
    }
  }

  private static void step(Plan plan, int step) {
    plan.forward(images(plan.batch(), step), Pass.training(step));
    plan.loss(new int[plan.batch()], 0.1);
    plan.backward();
    Gradients.apply(plan.touched(), new Optimizer.Sgd(0.9), 0.1, 1e-4, 5);
  }

  @Test
  void twoEnginesInTwoThreadsComputeWhatTheyComputeAlone() {
    List<Map<String, double[]>> alone = train(1);
    List<Map<String, double[]>> other = train(2);
    for (int round = 0; round < 5; round++) {
      CompletableFuture<List<Map<String, double[]>>> beside =
          CompletableFuture.supplyAsync(() -> train(2));
      assertSame(train(1), alone);
      assertSame(beside.join(), other);
    }
  }

  @Test
  void aThreadThatSomebodyElseSetUpComputesOnAsManyNativeThreads() {
    NativeOps operations = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int seen =
        CompletableFuture.supplyAsync(
                () -> {
                  operations.setOmpNumThreads(Backends.threads() + 1);
                  train(1);
                  return operations.ompGetMaxThreads();
                })
            .join();
    assertThat(seen).isEqualTo(Backends.threads());
  }

  @Test
  void networksOfTwoSizesInTurnComputeWhatTheyComputeAlone() {
    LayerGraph small = LayerGraph.of(SPACE, SPACE.architecture(2, 2, 1));
    LayerGraph large = LayerGraph.of(SPACE, SPACE.architecture(1, 0, 0));
    List<Map<String, double[]>> alone = new ArrayList<>();
    for (LayerGraph graph : List.of(small, large)) {
      try (Engine engine = Engine.create();
          Weights weights = new Weights(DataType.FLOAT)) {
        weights.ensure(graph, 5);
        Plan plan = engine.training(graph, weights, graph.equals(small) ? 2 : 5, Set.of());
        for (int i = 0; i < 3; i++) {
          step(plan, i);
        }
        alone.add(weights.values(graph));
      }
    }
    try (Engine engine = Engine.create();
        Weights one = new Weights(DataType.FLOAT);
        Weights two = new Weights(DataType.FLOAT)) {
      one.ensure(small, 5);
      two.ensure(large, 5);
      Plan first = engine.training(small, one, 2, Set.of());
      Plan second = engine.training(large, two, 5, Set.of());
      for (int i = 0; i < 3; i++) {
        step(first, i);
        step(second, i);
      }
      assertSame(List.of(one.values(small), two.values(large)), alone);
    }
  }

  private static void assertSame(
      List<Map<String, double[]>> actual, List<Map<String, double[]>> expected) {
    for (int i = 0; i < expected.size(); i++) {
      Map<String, double[]> values = actual.get(i);
      assertThat(values.keySet()).isEqualTo(expected.get(i).keySet());
      expected.get(i).forEach((n, v) -> assertThat(values.get(n)).as(n).isEqualTo(v));
    }
  }
}
