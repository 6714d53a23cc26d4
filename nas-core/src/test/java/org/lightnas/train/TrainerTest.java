package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.DivergedSearchException;
import org.lightnas.FeatureShape;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

class TrainerTest {

  private static final int BATCH = 32;
  private static final ImageData IMAGES = Stripes.images(256, 190);
  private static final LayeredSpace SPACE = Stripes.space();
  private static final Architecture ARCHITECTURE = SPACE.architecture(0, 0);

  /** What is quick and shows every part; tests change what they are about. */
  private static Trainer.Builder quick() {
    return Trainer.builder().epochs(2).batchSize(BATCH).augmentation(Augmentation.none()).seed(3);
  }

  /** One plain step on one batch: what it changes can be computed by hand. */
  private static Trainer.Builder oneStep() {
    return quick()
        .epochs(1)
        .sgd(0)
        .learningRate(0.1)
        .warmup(0)
        .weightDecay(0)
        .clip(Double.POSITIVE_INFINITY)
        .batchNormReestimation(0);
  }

  private static final ImageData ONE_BATCH =
      ImageData.of("one batch", IMAGES.train().take(BATCH), IMAGES.test());

  private static Map<String, double[]> values(ComputationGraph network) {
    return NetworkValues.read(network, LayerGraph.read(network.getConfiguration()));
  }

  private static List<Parameter> parameters(ComputationGraph network) {
    return LayerGraph.read(network.getConfiguration()).parameters();
  }

  private static float[] bits(ComputationGraph network) {
    return network.params().dup().data().asFloat();
  }

  @Test
  void lossFallsAndAccuracyBeatsChanceClearly() {
    List<TrainingListener.Epoch> epochs = new ArrayList<>();
    ComputationGraph network =
        quick().epochs(5).listener(epochs(epochs)).build().fit(ARCHITECTURE, IMAGES);
    assertThat(epochs).hasSize(5);
    assertThat(epochs.get(4).loss()).isLessThan(epochs.get(0).loss() / 2);
    assertThat(epochs.get(4).trainAccuracy()).isGreaterThan(85);
    // Chance is 25 %, give or take 3.
    assertThat(Accuracy.of(network, IMAGES.test())).isGreaterThan(85);
  }

  private static TrainingListener epochs(List<TrainingListener.Epoch> heard) {
    return new TrainingListener() {
      @Override
      public void onEpoch(Epoch epoch) {
        heard.add(epoch);
      }
    };
  }

  @Test
  void theSameSeedGivesTheSameNetworkBitForBitAndAnotherAnother() {
    Trainer trainer = quick().augmentation(Augmentation.cropAndFlip()).build();
    float[] first = bits(trainer.fit(ARCHITECTURE, IMAGES));
    float[] again = bits(trainer.fit(ARCHITECTURE, IMAGES));
    float[] other =
        bits(
            quick()
                .augmentation(Augmentation.cropAndFlip())
                .seed(4)
                .build()
                .fit(ARCHITECTURE, IMAGES));
    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  @Tag("slow")
  void trainsANetworkOnFromItsOwnWeightsAndLeavesItAsItIs() {
    ComputationGraph start = quick().epochs(3).build().fit(ARCHITECTURE, IMAGES);
    float[] before = bits(start);
    List<Double> losses = new ArrayList<>();
    ComputationGraph further =
        quick().epochs(1).listener(steps(losses, new ArrayList<>())).build().fit(start, IMAGES);
    assertThat(bits(start)).isEqualTo(before);
    assertThat(bits(further)).isNotEqualTo(before);
    List<Double> fresh = new ArrayList<>();
    quick().epochs(1).listener(steps(fresh, new ArrayList<>())).build().fit(ARCHITECTURE, IMAGES);
    assertThat(losses.get(0)).isLessThan(fresh.get(0) - 0.4);
  }

  private static TrainingListener steps(List<Double> losses, List<Progress> heard) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress, double loss) {
        losses.add(loss);
        heard.add(progress);
      }
    };
  }

  @Test
  void theTrainedNetworkComputesInDl4jWhatTheEngineComputes() {
    ComputationGraph network = quick().build().fit(ARCHITECTURE, IMAGES);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    int n = IMAGES.test().size();
    DataSet all = IMAGES.test().iterator(n).next();
    INDArray dl4j = network.outputSingle(all.getFeatures());
    float[] nhwc = new float[(int) (n * IMAGES.shape().size())];
    for (int i = 0; i < n; i++) {
      IMAGES.test().copyNhwc(i, nhwc, (int) (i * IMAGES.shape().size()));
    }
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 0);
      weights.load(NetworkValues.read(network, graph));
      Plan plan = engine.inference(graph, weights, n);
      plan.forward(nhwc, Pass.inference());
      INDArray logits = Nd4j.create(plan.logits(), new long[] {n, Stripes.CLASSES}, 'c');
      INDArray ours = Nd4j.nn.softmax(logits, 1).castTo(dl4j.dataType());
      double error = ours.sub(dl4j).amaxNumber().doubleValue();
      assertThat(error / Math.max(1, dl4j.amaxNumber().doubleValue())).isLessThan(1e-5);
    }
    int correct = 0;
    int[] best = dl4j.argMax(1).toIntVector();
    for (int i = 0; i < n; i++) {
      correct += best[i] == IMAGES.test().label(i) ? 1 : 0;
    }
    assertThat(correct).isBetween(n / 2, n);
    assertThat(Accuracy.of(network, IMAGES.test())).isEqualTo(100.0 * correct / n);
  }

  @Test
  void listenersHearEveryStepAndEpochOnce() {
    List<Double> losses = new ArrayList<>();
    List<Progress> steps = new ArrayList<>();
    List<TrainingListener.Epoch> epochs = new ArrayList<>();
    quick()
        .listener(steps(losses, steps))
        .listener(epochs(epochs))
        .build()
        .fit(ARCHITECTURE, IMAGES);
    int total = 2 * 256 / BATCH;
    assertThat(steps).extracting(Progress::done).containsExactlyElementsOf(upTo(total));
    assertThat(steps).allMatch(p -> p.total() == total && p.phase().equals("training"));
    assertThat(epochs).extracting(TrainingListener.Epoch::number).containsExactly(1, 2);
    assertThat(epochs)
        .extracting(e -> e.progress().done())
        .containsExactly(total / 2L, (long) total);
    assertThat(epochs.get(1).loss())
        .isCloseTo(
            losses.subList(total / 2, total).stream().mapToDouble(x -> x).average().orElseThrow(),
            within(1e-9));
  }

  private static List<Long> upTo(int n) {
    List<Long> all = new ArrayList<>();
    for (long i = 1; i <= n; i++) {
      all.add(i);
    }
    return all;
  }

  @Test
  void aListenerThatThrowsChangesNothing() {
    TrainingListener broken =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, double loss) {
            throw new IllegalStateException("on step");
          }

          @Override
          public void onEpoch(Epoch epoch) {
            throw new IllegalStateException("on epoch");
          }
        };
    List<TrainingListener.Epoch> heard = new ArrayList<>();
    ComputationGraph disturbed =
        oneStep().listener(broken).listener(epochs(heard)).build().fit(ARCHITECTURE, ONE_BATCH);
    assertThat(heard).hasSize(1);
    assertThat(bits(disturbed)).isEqualTo(bits(oneStep().build().fit(ARCHITECTURE, ONE_BATCH)));
  }

  @Test
  void aDivergedTrainingSaysWhereAndWhatToTry() {
    Trainer trainer = quick().learningRate(1e30).warmup(0).clip(Double.POSITIVE_INFINITY).build();
    assertThatThrownBy(() -> trainer.fit(ARCHITECTURE, IMAGES))
        .isInstanceOf(DivergedSearchException.class)
        .hasMessageMatching(
            "The training loss is (NaN|Infinity) at step [1-9] of 16 \\(learning rate \\d.+\\)\\.\n"
                + "Maybe lower the learning rate \\(now 1\\.00e\\+30 at its peak\\)"
                + " or check the images\\.");
  }

  /** The statistics of every batch norm, from DL4J's activations for the same augmented batches. */
  @Test
  void reestimatedStatisticsAreTheMeanOfThoseOfBatches() {
    int batches = 5;
    ComputationGraph network =
        quick()
            .augmentation(Augmentation.cropAndFlip())
            .batchNormReestimation(batches)
            .build()
            .fit(ARCHITECTURE, IMAGES);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    Map<String, double[]> expected = new HashMap<>();
    Batches reader =
        new Batches(
            IMAGES.train(),
            BATCH,
            Augmentation.cropAndFlip(),
            Seeds.derive(3, "batch norm batches", 0));
    for (int i = 0; i < batches; i++) {
      // In training mode DL4J's batch norms use the batch's statistics, as the estimation does.
      Map<String, INDArray> activations = network.feedForward(read(reader, i), true);
      for (Node node : graph.nodes()) {
        if (node instanceof Node.BatchNorm) {
          INDArray x = activations.get(node.inputs().get(0));
          average(expected, node.name() + "/mean", x.mean(0, 2, 3), batches);
          average(expected, node.name() + "/var", x.var(false, 0, 2, 3), batches);
        }
      }
    }
    Map<String, double[]> actual = values(network);
    // Stem, three in each of the two blocks, head.
    assertThat(expected).hasSize(2 * 8);
    expected.forEach(
        (name, mean) -> assertThat(actual.get(name)).as(name).containsExactly(mean, within(1e-4)));
  }

  private static INDArray read(Batches reader, long step) {
    FeatureShape shape = IMAGES.shape();
    Batches.Batch batch = reader.read(step);
    float[] nhwc = new float[batch.nhwc().length()];
    for (int i = 0; i < nhwc.length; i++) {
      nhwc[i] = batch.nhwc().at(i);
    }
    return Nd4j.create(
            nhwc, new long[] {BATCH, shape.height(), shape.width(), shape.channels()}, 'c')
        .permute(0, 3, 1, 2)
        .dup('c');
  }

  private static void average(Map<String, double[]> all, String name, INDArray values, int n) {
    double[] sum = all.computeIfAbsent(name, key -> new double[(int) values.length()]);
    for (int c = 0; c < sum.length; c++) {
      sum[c] += values.getDouble(c) / n;
    }
  }

  @Test
  void withoutReestimationTheRunningStatisticsStay() {
    ComputationGraph estimated =
        oneStep().batchNormReestimation(1).build().fit(ARCHITECTURE, ONE_BATCH);
    ComputationGraph running = oneStep().build().fit(ARCHITECTURE, ONE_BATCH);
    Batches reader =
        new Batches(
            ONE_BATCH.train(), BATCH, Augmentation.none(), Seeds.derive(3, "training batches", 0));
    ComputationGraph fresh = SPACE.network(ARCHITECTURE, 3);
    Map<String, double[]> start = values(fresh);
    Map<String, double[]> all = values(running);
    all.forEach(
        (name, data) -> {
          boolean statistic = name.endsWith("/mean") || name.endsWith("/var");
          double[] other = values(estimated).get(name);
          if (!statistic) {
            assertThat(other).as(name).isEqualTo(data);
          }
        });
    // One step from mean 0 and variance 1 keeps nine tenths of them.
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      LayerGraph graph = LayerGraph.read(fresh.getConfiguration());
      weights.ensure(graph, 3);
      NetworkValues.write(fresh, graph, weights.values(graph));
    }
    INDArray x = fresh.feedForward(read(reader, 0), true).get("stem/0/conv");
    INDArray mean = x.mean(0, 2, 3);
    INDArray variance = x.var(false, 0, 2, 3);
    for (int c = 0; c < mean.length(); c++) {
      assertThat(start.get("stem/0/conv-bn/var")[c]).isEqualTo(1);
      assertThat(all.get("stem/0/conv-bn/mean")[c])
          .isCloseTo(0.1 * mean.getDouble(c), within(1e-5));
      assertThat(all.get("stem/0/conv-bn/var")[c])
          .isCloseTo(0.9 + 0.1 * variance.getDouble(c), within(1e-5));
    }
  }

  @Test
  void weightDecayPullsKernelsAndNothingElse() {
    ComputationGraph start = SPACE.network(ARCHITECTURE, 8);
    ComputationGraph plain = oneStep().build().fit(start, ONE_BATCH);
    ComputationGraph decayed = oneStep().weightDecay(0.5).build().fit(start, ONE_BATCH);
    Map<String, double[]> before = values(start);
    Map<String, double[]> without = values(plain);
    Map<String, double[]> with = values(decayed);
    for (Parameter parameter : parameters(start)) {
      String name = parameter.name();
      double[] expected = without.get(name).clone();
      if (parameter.role() == Parameter.Role.WEIGHT) {
        for (int i = 0; i < expected.length; i++) {
          expected[i] -= 0.1 * 0.5 * before.get(name)[i];
        }
        assertThat(with.get(name)).as(name).isNotEqualTo(without.get(name));
      }
      assertThat(with.get(name)).as(name).containsExactly(expected, within(1e-6));
    }
  }

  @Test
  void clippingBoundsTheStep() {
    ComputationGraph start = SPACE.network(ARCHITECTURE, 8);
    ComputationGraph free = oneStep().build().fit(start, ONE_BATCH);
    ComputationGraph clipped = oneStep().clip(0.01).build().fit(start, ONE_BATCH);
    assertThat(distance(start, free)).isGreaterThan(0.1 * 0.02);
    assertThat(distance(start, clipped)).isCloseTo(0.1 * 0.01, within(1e-6));
  }

  /** Of all that an optimiser changes. */
  private static double distance(ComputationGraph a, ComputationGraph b) {
    double squares = 0;
    for (Parameter parameter : parameters(a)) {
      if (parameter.trained()) {
        double[] x = values(a).get(parameter.name());
        double[] y = values(b).get(parameter.name());
        for (int i = 0; i < x.length; i++) {
          squares += (x[i] - y[i]) * (x[i] - y[i]);
        }
      }
    }
    return Math.sqrt(squares);
  }

  @Test
  void adamLearnsTooAndDiffers() {
    ComputationGraph adam =
        quick().epochs(4).adam(0.9, 0.999).learningRate(0.01).build().fit(ARCHITECTURE, IMAGES);
    assertThat(Accuracy.of(adam, IMAGES.test())).isGreaterThan(80);
    ComputationGraph start = SPACE.network(ARCHITECTURE, 8);
    assertThat(bits(oneStep().adam(0.9, 0.999).build().fit(start, ONE_BATCH)))
        .isNotEqualTo(bits(oneStep().build().fit(start, ONE_BATCH)));
  }

  @Test
  void refusesImagesThatDoNotFit() {
    ImageData other = ImageData.generated(64, 10, 1);
    ComputationGraph network = SPACE.network(ARCHITECTURE, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quick().build().fit(network, other))
        .withMessage(
            "The network takes images of 1x8x8 in 4 classes, but 'generated' holds 3x24x24 in 10.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quick().build().fit(ARCHITECTURE, other))
        .withMessageStartingWith("Space 'tiny' takes images of 1x8x8, but 'generated' holds");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Accuracy.of(network, other.test()))
        .withMessage("The network takes images of 1x8x8, but these are 3x24x24.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quick().batchSize(257).build().fit(ARCHITECTURE, IMAGES))
        .withMessageStartingWith(
            "A batch of 257 images cannot be filled from a set of 256 images.");
  }

  @Test
  void refusesArchitecturesThatAreNoNetworks() {
    record Plain(String name, List<Choice> choices) implements ChoiceSpace {}
    Architecture bare = new Plain("bare", SPACE.choices()).uniform(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quick().build().fit(bare, IMAGES))
        .withMessage(
            "Space 'bare' describes choices only, so its architectures cannot be trained.");
  }

  /** Images that are no numbers do not even reach the trainer. */
  @Test
  void pixelsThatAreNoNumbersAreRefusedWithTheirPlace() {
    INDArray pixels = Nd4j.rand(4, 1, 8, 8);
    pixels.putScalar(2, 0, 3, 3, Float.NaN);
    INDArray oneHot = Nd4j.eye(4);
    DataSetIterator broken =
        new org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator<>(
            List.of(new DataSet(pixels, oneHot)), 4);
    assertThatThrownBy(() -> ImageData.of("broken", broken, broken))
        .hasMessageContaining("image 2 of it: expected finite values, but found NaN");
  }
}
