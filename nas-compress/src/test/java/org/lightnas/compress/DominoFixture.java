package org.lightnas.compress;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;

/** A tiny trained network, and Domino by exact latencies; of one test class at a time. */
abstract class DominoFixture {

  static final ImageData IMAGES = ImageData.generated(96, 48, 1);

  /** Blocks of which the last three are cheaper as one convolution. */
  static final LayeredSpace NETWORK =
      LayeredSpace.named("tiny", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 2))
          .choice("one", new MbConv(7, 1, 8, 2))
          .choice("two", new MbConv(3, 6, 8, 1))
          .choice("three", new MbConv(3, 6, 16, 2))
          .choice("four", new MbConv(3, 6, 16, 1))
          .build();

  static final BlockForm.Kind KEPT = BlockForm.Kind.KEPT;
  static final BlockForm.Kind MERGED = BlockForm.Kind.MERGED;

  static ComputationGraph network;

  @BeforeAll
  static void train() {
    network =
        Trainer.builder()
            .epochs(1)
            .batchSize(16)
            .batchNormReestimation(2)
            .build()
            .fit(NETWORK.uniform(0), IMAGES);
  }

  @AfterAll
  static void close() {
    Networks.close(network);
  }

  static final Device BY_MACS = ExactDevice.BY_MACS;

  static Domino.Builder domino(Device device) {
    return domino(device, IMAGES);
  }

  static Domino.Builder domino(Device device, ImageData images) {
    return Domino.builder(device, images)
        .samples(10)
        .epochs(2)
        .training(t -> t.batchSize(16).batchNormReestimation(2))
        .evaluator((n, i) -> inOrder());
  }

  /** Early blocks are worth more. */
  static Evaluator inOrder() {
    return Evaluator.of(
        "order",
        mask -> {
          double score = 0;
          for (int l = 0; l < mask.picks().length; l++) {
            score -= mask.pick(l) / (l + 1.0);
          }
          return score;
        });
  }

  static List<BlockForm.Kind> kinds(Compressed made) {
    return made.blocks().stream().map(BlockForm::kind).toList();
  }

  static double millis(Figures figures) {
    return Objects.requireNonNull(figures.latency()).millis();
  }

  /** One more than bend, so that none are bounded too. */
  static Constraint bent(double bound) {
    Metric metric = new Metric("bent blocks", "blocks");
    return Constraint.atMost(
        bound,
        Predictor.of(
            GraftingSpace.of(network),
            metric,
            mask -> 1 + Arrays.stream(mask.picks()).filter(k -> k == 0).count()));
  }

  /** Whole networks are measured with a spread. */
  static Device spread(double millis) {
    return new Device() {
      @Override
      public String fingerprint() {
        return "spread";
      }

      @Override
      public Measurement measure(ComputationGraph of) {
        return BY_MACS.measure(of);
      }

      @Override
      public Measurement confirm(Supplier<Measurement> sitting) {
        return new Measurement(sitting.get().millis(), millis, 6, 1, 1, 1);
      }
    };
  }

  /** Layers cost, operations hardly. */
  static Domino.Builder proMax() {
    return domino(ExactDevice.BY_LAYERS).preset(Domino.Preset.AGGRESSIVE).proMax().epochs(3);
  }
}
