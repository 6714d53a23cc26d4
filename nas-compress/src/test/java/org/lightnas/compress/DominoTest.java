package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.FeatureShape;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Verdict;
import org.lightnas.predict.LatencyRange;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

class DominoTest {

  private static final ImageData IMAGES = ImageData.generated(96, 48, 1);

  /** Blocks of which the last three are cheaper as one convolution. */
  private static final LayeredSpace NETWORK =
      LayeredSpace.named("tiny", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 2))
          .choice("one", new MbConv(7, 1, 8, 2))
          .choice("two", new MbConv(3, 6, 8, 1))
          .choice("three", new MbConv(3, 6, 16, 2))
          .choice("four", new MbConv(3, 6, 16, 1))
          .build();

  private static final BlockForm.Kind KEPT = BlockForm.Kind.KEPT;
  private static final BlockForm.Kind MERGED = BlockForm.Kind.MERGED;

  private static ComputationGraph network;

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

  private static final Device BY_MACS = ExactDevice.BY_MACS;

  private static Domino.Builder domino(Device device) {
    return domino(device, IMAGES);
  }

  private static Domino.Builder domino(Device device, ImageData images) {
    return Domino.builder(device, images)
        .samples(10)
        .epochs(2)
        .training(t -> t.batchSize(16).batchNormReestimation(2))
        .evaluator((n, i) -> inOrder());
  }

  /** Early blocks are worth more. */
  private static Evaluator inOrder() {
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

  private static List<BlockForm.Kind> kinds(Compressed made) {
    return made.blocks().stream().map(BlockForm::kind).toList();
  }

  private static double millis(Figures figures) {
    return Objects.requireNonNull(figures.latency()).millis();
  }

  @Test
  @Tag("slow")
  void everythingThatSavesTimeIsMergedIfAllIsToBeSaved() {
    Compressed made = domino(BY_MACS).preset(Domino.Preset.AGGRESSIVE).build().compress(network);
    // The first block has 7x7 kernels on few channels: one dense convolution would take longer.
    assertThat(kinds(made)).containsExactly(KEPT, MERGED, MERGED, MERGED);
    LayerGraph graph = LayerGraph.read(made.network().getConfiguration());
    assertThat(graph.nodes().stream().map(Node::name).filter(name -> name.startsWith("four")))
        .containsExactly("four/k3e6/add", "four/k3e6/add:behind");
    assertThat(((Node.Convolution) graph.node("four/k3e6/add")).window().kernelH()).isEqualTo(3);
    assertThat(millis(made.after())).isLessThan(millis(made.before()));
    assertThat(made.equivalence().relativeError()).isLessThan(1e-5);
    assertThat(made.equivalence().inputs()).isEqualTo(64 + 48);
    assertThat(made.maps()).hasSize(3).allMatch(map -> map.relativeError() < 1e-5);
    assertThat(made.count(Step.Action.MERGED)).isEqualTo(3);
    assertThat(made.before().cost()).isEqualTo(Cost.of(network.getConfiguration()));
    assertThat(made.after().cost()).isEqualTo(Cost.of(made.network().getConfiguration()));
    Networks.close(made.network());
  }

  @Test
  @Tag("slow")
  void presetsSaveSharesOfWhatCanBeSaved() {
    double least = Domino.builder(BY_MACS, IMAGES).build().reachable(network).min().toNanos() / 1e6;
    double most = Domino.builder(BY_MACS, IMAGES).build().reachable(network).max().toNanos() / 1e6;
    double before = 0;
    double asked = 0;
    for (Domino.Preset preset : Domino.Preset.values()) {
      Compressed made = domino(BY_MACS).preset(preset).build().compress(network);
      asked += 1.0 / 3;
      double saved = (most - millis(made.after())) / (most - least);
      assertThat(saved).isGreaterThanOrEqualTo(asked - 1e-9);
      assertThat(saved).isGreaterThanOrEqualTo(before);
      before = saved;
      Networks.close(made.network());
    }
    assertThat(before).isEqualTo(1, within(1e-9));
  }

  @Test
  @Tag("slow")
  void theBestMaskWithinALatencyBoundIsTaken() {
    Compressed all = domino(BY_MACS).preset(Domino.Preset.AGGRESSIVE).build().compress(network);
    // One block is enough for half a percent, and the last one is worth least.
    double bound = millis(all.before()) * 0.995;
    Compressed made =
        domino(BY_MACS).latency(Duration.ofNanos((long) (bound * 1e6))).build().compress(network);
    assertThat(kinds(made)).containsExactly(KEPT, KEPT, KEPT, MERGED);
    assertThat(millis(made.after())).isLessThanOrEqualTo(bound);
    Networks.close(all.network());
    Networks.close(made.network());
  }

  @Test
  @Tag("slow")
  void otherBoundsAreKeptByPrediction() {
    GraftingSpace space = GraftingSpace.of(network);
    Predictor linear =
        Predictor.of(space, new Metric("linear blocks", "blocks"), mask -> 1 + mask.pick(3));
    Compressed made =
        domino(BY_MACS)
            .preset(Domino.Preset.LITE)
            .constraint(Constraint.atMost(1.5, linear))
            .build()
            .compress(network);
    assertThat(kinds(made).get(3)).isEqualTo(KEPT);
    Networks.close(made.network());
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                domino(BY_MACS)
                    .constraint(Constraint.atMost(0.5, linear))
                    .build()
                    .compress(network))
        .withMessage(
            "No linear blocks bring the network within linear blocks <= 0.500 blocks and the other"
                + " bounds: the least predicted is 1.000 blocks.\n"
                + "Maybe raise the bound, or compress a narrower network.");
    LayeredSpace other =
        LayeredSpace.named("other", IMAGES.shape(), IMAGES.classes())
            .choice("one", new MbConv(3, 6, 8, 1))
            .build();
    ComputationGraph foreign = other.network(other.uniform(0), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                domino(BY_MACS)
                    .constraint(
                        Constraint.atMost(1e9, CostPredictor.macs(GraftingSpace.of(foreign))))
                    .build()
                    .compress(network))
        .withMessage(
            "Architecture none-none-none-none belongs to space 'grafting (3x24x24, 10 classes, 4"
                + " blocks)', not to 'grafting (3x24x24, 10 classes, 1 blocks)'.");
    Networks.close(foreign);
  }

  /** One more than bend, so that none are bounded too. */
  private static Constraint bent(double bound) {
    Metric metric = new Metric("bent blocks", "blocks");
    return Constraint.atMost(
        bound,
        Predictor.of(
            GraftingSpace.of(network),
            metric,
            mask -> 1 + Arrays.stream(mask.picks()).filter(k -> k == 0).count()));
  }

  @Test
  @Tag("slow")
  void aLatencyThatIsKeptAlreadyIsNoReasonToPassOverOtherBounds() {
    Compressed made =
        domino(BY_MACS)
            .latency(Duration.ofSeconds(1))
            .constraint(bent(4.5))
            .build()
            .compress(network);
    assertThat(kinds(made)).containsExactly(KEPT, KEPT, KEPT, MERGED);
    Networks.close(made.network());
    Compressed kept =
        domino(BY_MACS)
            .latency(Duration.ofSeconds(1))
            .constraint(bent(5))
            .build()
            .compress(network);
    assertThat(kinds(kept)).containsOnly(KEPT);
    Networks.close(kept.network());
  }

  @Test
  void aNetworkThatDoesNotKeepTheBoundsIsNotHandedOutAsItIs() {
    Device slowWhenMerged = new ExactDevice(n -> 1000 - n.getVertices().length);
    Compressed made = domino(slowWhenMerged).constraint(bent(5)).build().compress(network);
    assertThat(kinds(made)).containsOnly(KEPT);
    Networks.close(made.network());
    for (Domino.Builder builder :
        List.of(domino(slowWhenMerged), domino(slowWhenMerged).latency(Duration.ofSeconds(1)))) {
      assertThatExceptionOfType(InfeasibleConstraintException.class)
          .isThrownBy(() -> builder.constraint(bent(4.5)).build().compress(network))
          .withMessageMatching(
              "The network as it is does not keep bent blocks <= 4\\.500 blocks \\(5\\.000 are"
                  + " predicted\\), and no other is made of it: with everything linear that is"
                  + " faster so, it takes \\S+ ±0\\.000 ms instead of \\S+ ±0\\.000 ms\\.\n"
                  + "Maybe raise the bound, or compress a narrower network\\.")
          .satisfies(e -> assertThat(e.bound()).isEqualTo(4.5))
          .satisfies(e -> assertThat(e.least()).isEqualTo(5));
    }
  }

  /** Whole networks are measured with a spread. */
  private static Device spread(double millis) {
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

  /** The fastest mask would keep the bound, the network does not, and which is faster is unsure. */
  @Test
  void aBoundWithinTheNoiseIsRefusedNotMissed() {
    LatencyRange exact = Domino.builder(BY_MACS, IMAGES).build().reachable(network);
    double least = exact.min().toNanos() / 1e6;
    double most = exact.max().toNanos() / 1e6;
    double spread = 0.3 * (most - least);
    double bound = (least + most) / 2 + 2 * spread;
    Device device = spread(spread);
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                domino(device)
                    .latency(Duration.ofNanos((long) (bound * 1e6)))
                    .build()
                    .compress(network))
        .withMessageMatching(
            "The network cannot be brought to \\S+ ms: it takes \\S+ ±\\S+ ms \\(\\S+ ms with two"
                + " spreads\\), and \\S+ ±\\S+ ms with everything merged that is faster so, which"
                + " is no less beyond doubt\\.\n"
                + "Maybe raise the bound, or measure where nothing else runs\\.")
        .satisfies(e -> assertThat(e.least()).isEqualTo(most + 2 * spread, within(2e-6)));
    // What is said to be reachable is.
    LatencyRange unsure = Domino.builder(device, IMAGES).build().reachable(network);
    assertThat(unsure.min()).isEqualTo(unsure.max());
    assertThat(unsure.min().toNanos() / 1e6).isEqualTo(most + 2 * spread, within(2e-6));
    Compressed made = domino(device).latency(unsure.min().plusNanos(1)).build().compress(network);
    assertThat(made.steps().get(0).text()).endsWith(" ms already");
    Networks.close(made.network());
  }

  @Test
  void aBoundBelowReachIsRefusedBeforeAnythingIsTrained() {
    Domino domino =
        domino(BY_MACS)
            .evaluator(
                (n, images) -> {
                  throw new AssertionError("scored");
                })
            .latency(Duration.ofNanos(1000))
            .build();
    double least = domino.reachable(network).min().toNanos() / 1e6;
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> domino.compress(network))
        .withMessageMatching(
            "The network cannot be brought to 0\\.001 ms: everything merged that is faster so, it"
                + " takes \\S+ ±0\\.000 ms \\(\\S+ ms with two spreads\\), and \\S+ ±0\\.000 ms as"
                + " it is\\.\\n"
                + "Maybe raise the bound, or compress a narrower network\\.")
        .satisfies(
            e -> {
              assertThat(e.bound()).isEqualTo(0.001);
              assertThat(e.least()).isEqualTo(least, within(1e-6));
            });
  }

  @Test
  void whereMergingDoesNotPayTheNetworkIsHandedOutAsItIs() {
    Device slowWhenMerged = new ExactDevice(n -> 1000 - n.getVertices().length);
    Compressed made = domino(slowWhenMerged).build().compress(network);
    assertThat(made.steps()).hasSize(1);
    assertThat(made.steps().get(0).text()).startsWith("no saving here: with everything linear");
    assertThat(made.network().params()).isEqualTo(network.params());
    assertThat(made.network()).isNotSameAs(network);
    assertThat(made.after()).isEqualTo(made.before());
    assertThat(kinds(made)).containsOnly(KEPT);
    Networks.close(made.network());
  }

  @Test
  void aNetworkWithoutBlocksIsHandedOutAsItIs() {
    LayeredSpace plain =
        LayeredSpace.named("plain", IMAGES.shape(), IMAGES.classes())
            .choice("a", new ConvBnAct(3, 8, 4))
            .build();
    ComputationGraph given = plain.network(plain.uniform(0), 1);
    Compressed made = domino(BY_MACS).build().compress(given);
    assertThat(made.steps().get(0))
        .hasToString("kept: no saving here: the network has no block to graft");
    assertThat(made.blocks()).isEmpty();
    Networks.close(made.network());
    double millis = millis(made.after());
    Compressed kept =
        domino(BY_MACS)
            .latency(Duration.ofNanos((long) Math.ceil(millis * 1e6) + 1))
            .build()
            .compress(given);
    assertThat(kept.steps()).isEqualTo(made.steps());
    Networks.close(kept.network());
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> domino(BY_MACS).latency(Duration.ofNanos(1000)).build().compress(given))
        .withMessage(
            String.format(
                Locale.ROOT,
                "The network cannot be brought to 0.001 ms: it has no block to graft, and takes"
                    + " %.3f ±0.000 ms (%.3f ms with two spreads).\n"
                    + "Maybe raise the bound, or take a narrower network.",
                millis,
                millis))
        .satisfies(e -> assertThat(e.least()).isEqualTo(millis));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domino(BY_MACS).constraint(bent(5)).build().compress(given))
        .withMessage(
            "A bound is given on masks (bent blocks <= 5.000 blocks), but the network has no block"
                + " to graft.\nMaybe leave out constraint(…).");
    Networks.close(given);
  }

  @Test
  void aBoundThatIsKeptAlreadyLeavesTheNetwork() {
    Compressed made = domino(BY_MACS).latency(Duration.ofSeconds(1)).build().compress(network);
    assertThat(made.steps().get(0).text())
        .isEqualTo("no saving here: it keeps 1000.000 ms already");
    Networks.close(made.network());
  }

  @Test
  @Tag("slow")
  void savingsAreTakenBackWhereTheyCostTooMuch() {
    // No network beats itself by a hundred points; none loses more than a hundred.
    Compressed any = domino(BY_MACS).maxAccuracyLoss(100).build().compress(network);
    assertThat(kinds(any)).containsExactly(KEPT, MERGED, MERGED, MERGED);
    Networks.close(any.network());
    ComputationGraph good =
        Trainer.builder()
            .epochs(12)
            .batchSize(16)
            .learningRate(0.05)
            .batchNormReestimation(2)
            .build()
            .fit(NETWORK.uniform(0), IMAGES);
    // By images of the classes that it sees in them it is always right; at a rate this low nothing
    // is learned, and what is grafted is not made up for.
    ImageData seen =
        ImageData.of("seen", labelled(IMAGES.train(), good), labelled(IMAGES.test(), good));
    Compressed none =
        domino(BY_MACS, seen)
            .training(t -> t.batchSize(16).learningRate(1e-9).batchNormReestimation(2))
            .maxAccuracyLoss(0)
            .build()
            .compress(good);
    assertThat(none.steps().get(0).text())
        .matches(
            "no saving here: at most 0\\.00 points of accuracy were to be lost, but aggressive lost"
                + " \\S+ points, moderate lost \\S+ points, lite lost \\S+ points");
    Networks.close(none.network());
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                domino(BY_MACS, seen)
                    .training(t -> t.batchSize(16).learningRate(1e-9).batchNormReestimation(2))
                    .maxAccuracyLoss(0)
                    .constraint(bent(4.5))
                    .build()
                    .compress(good))
        .withMessageContaining("no other is made of it: at most 0.00 points of accuracy were");
    Networks.close(good);
  }

  private static DataSetIterator labelled(ImageSet images, ComputationGraph network) {
    INDArray features = images.iterator(images.size()).next().getFeatures();
    INDArray classes = network.outputSingle(features).argMax(1);
    INDArray labels = Nd4j.zeros(images.size(), images.classes());
    for (int i = 0; i < images.size(); i++) {
      labels.putScalar(i, classes.getInt(i), 1);
    }
    return new ListDataSetIterator<>(List.of(new DataSet(features, labels)), images.size());
  }

  @Test
  @Tag("slow")
  void theSameSeedGivesTheSameNetwork() {
    Domino domino = domino(BY_MACS).evaluator(Domino.slopes(3)).seed(3).build();
    Compressed once = domino.compress(network);
    Compressed again = domino.compress(network);
    assertThat(again.blocks()).isEqualTo(once.blocks());
    assertThat(again.network().params()).isEqualTo(once.network().params());
    Networks.close(once.network());
    Networks.close(again.network());
  }

  @Test
  @Tag("slow")
  void trainingsGoOnFromAFolder(@TempDir Path folder) throws Exception {
    Domino domino = domino(BY_MACS).checkpoints(folder).build();
    Compressed once = domino.compress(network);
    try (var files = Files.walk(folder)) {
      assertThat(files.map(f -> f.getFileName().toString())).contains("last.ckpt");
    }
    Compressed again = domino.compress(network);
    assertThat(again.network().params()).isEqualTo(once.network().params());
    Networks.close(once.network());
    Networks.close(again.network());
  }

  /** Noise would decide anew otherwise, for trainings that were begun. */
  @Test
  @Tag("slow")
  void whatWasMeasuredIsNotMeasuredAgain(@TempDir Path folder) {
    Compressed once =
        domino(BY_MACS)
            .preset(Domino.Preset.MODERATE)
            .checkpoints(folder)
            .build()
            .compress(network);
    Device broken =
        new ExactDevice(
            n -> {
              throw new AssertionError("measured again");
            });
    Compressed again =
        domino(broken).preset(Domino.Preset.MODERATE).checkpoints(folder).build().compress(network);
    assertThat(again.blocks()).isEqualTo(once.blocks());
    assertThat(again.asked()).isEqualTo(once.asked());
    assertThat(again.network().params()).isEqualTo(once.network().params());
    Networks.close(once.network());
    Networks.close(again.network());
  }

  private static void assertRefused(
      Path folder, Domino.Builder other, ComputationGraph of, String differences) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> other.checkpoints(folder).build().compress(of))
        .withMessageMatching(
            Pattern.quote(
                    "Checkpoint '" + folder.resolve("reach.ckpt") + "' is of another compression: ")
                + differences
                + "\\.\nMaybe choose another folder, or ask for the same as then\\.");
  }

  @Test
  @Tag("slow")
  void theFolderOfAnotherRunIsRefusedWithWhatDiffers(@TempDir Path folder) {
    Supplier<Domino.Builder> same =
        () -> domino(BY_MACS).latency(Duration.ofSeconds(1)).constraint(bent(5));
    same.get().checkpoints(folder).build().compress(network).network().close();
    same.get().checkpoints(folder).build().compress(network).network().close();
    ComputationGraph other = network.clone();
    other.params().addi(1e-3);
    assertRefused(
        folder,
        same.get(),
        other,
        "network was \\w{16} and is \\w{16}, teacher was network .* and is network .*");
    Networks.close(other);
    assertRefused(
        folder,
        domino(BY_MACS).latency(Duration.ofSeconds(1)).constraint(bent(6)),
        network,
        "bound 1 on bent blocks was 5\\.0 by predictions (\\w+) and is 6\\.0 by predictions \\1");
    assertRefused(
        folder,
        domino(spread(0)).latency(Duration.ofSeconds(1)).constraint(bent(5)),
        network,
        "device was exact and is spread");
    assertRefused(
        folder,
        domino(BY_MACS, ImageData.generated(96, 48, 2))
            .latency(Duration.ofSeconds(1))
            .constraint(bent(5)),
        network,
        "images was \\w+ and is \\w+");
    // What is to be saved may differ.
    domino(BY_MACS)
        .latency(Duration.ofSeconds(2))
        .constraint(bent(5))
        .checkpoints(folder)
        .build()
        .compress(network)
        .network()
        .close();
    assertRefused(
        folder,
        domino(BY_MACS)
            .latency(Duration.ofSeconds(1))
            .samples(11)
            .seed(7)
            .epochs(3)
            .proMax()
            .training(t -> t.batchSize(8).batchNormReestimation(2)),
        network,
        "largest kernel of joined blocks was 0 and is 7, rounds was 1 and is 2, samples was 10 and"
            + " is 11, epochs was 2 and is 3, batchSize was 16 and is 8, seed was 42 and is 7,"
            + " bound 1 on bent blocks was 5\\.0 by predictions \\w+ and is unknown");
  }

  /** Layers cost, operations hardly. */
  private static Domino.Builder proMax() {
    return domino(ExactDevice.BY_LAYERS).preset(Domino.Preset.AGGRESSIVE).proMax().epochs(3);
  }

  @Test
  @Tag("slow")
  void proMaxJoinsBlocksAndTakesRounds() {
    Compressed apart =
        domino(ExactDevice.BY_LAYERS).preset(Domino.Preset.AGGRESSIVE).build().compress(network);
    assertThat(kinds(apart)).containsOnly(MERGED);
    Compressed made = proMax().build().compress(network);
    assertThat(kinds(made)).contains(BlockForm.Kind.JOINED);
    assertThat(millis(made.after())).isLessThan(millis(apart.after()));
    assertThat(made.blocks()).extracting(BlockForm::round).contains(1, 2);
    assertThat(made.equivalence().relativeError()).isLessThan(1e-5);
    assertThat(made.maps()).allMatch(map -> map.relativeError() < 1e-5);
    assertThat(made.count(Step.Action.MERGED)).isLessThan(4);
    Verdict asked = Objects.requireNonNull(made.asked());
    assertThat(asked.satisfied()).isTrue();
    assertThat(asked.measured()).isEqualTo(made.after().latency());
    assertThat(Objects.requireNonNull(asked.predicted()))
        .isCloseTo(millis(made.after()), within(1e-3));
    assertThat(made.report()).contains(": joined", "in round 2", "asked ≤ ", "predicted ");
    assertThat(made.page("Pro").html())
        .contains(", joined", "<td class=\"n\">2</td>", "predicted ");
    Networks.close(apart.network());
    Networks.close(made.network());
  }

  @Test
  @Tag("slow")
  void roundsGoOnFromAFolder(@TempDir Path folder) throws Exception {
    Compressed once = proMax().checkpoints(folder).build().compress(network);
    try (var files = Files.walk(folder)) {
      assertThat(files.map(f -> folder.relativize(f).toString()))
          .contains("mask-aggressive-round1.json", "mask-aggressive-round2.json")
          .contains("aggressive/round1", "aggressive/round2");
    }
    Compressed again =
        proMax()
            .checkpoints(folder)
            .evaluator(
                (n, images) -> {
                  throw new AssertionError("scored again");
                })
            .build()
            .compress(network);
    assertThat(again.network().params()).isEqualTo(once.network().params());
    assertThat(again.blocks()).isEqualTo(once.blocks());
    assertThat(again.asked()).isEqualTo(once.asked());
    Networks.close(once.network());
    Networks.close(again.network());
  }

  @Test
  @Tag("slow")
  void proMaxScoresJoinedMasksByItself() {
    Compressed made =
        Domino.builder(ExactDevice.BY_LAYERS, IMAGES)
            .samples(10)
            .preset(Domino.Preset.MODERATE)
            .proMax()
            .epochs(2)
            .training(t -> t.batchSize(16).batchNormReestimation(2))
            .build()
            .compress(network);
    assertThat(kinds(made)).contains(BlockForm.Kind.JOINED);
    assertThat(Objects.requireNonNull(made.asked()).satisfied()).isTrue();
    Networks.close(made.network());
  }

  @Test
  @Tag("slow")
  void thePageShowsWhatBecameOfEachBlock() {
    Compressed made = domino(BY_MACS).preset(Domino.Preset.LITE).build().compress(network);
    String page = made.page("Tiny").html();
    assertThat(page)
        .contains("two, merged", "one, kept", "points of accuracy", "fastest linear form");
    assertThat(made.report())
        .contains("ms -> ", "accuracy ", "two: merged, ", "one: kept, ", "merged: 'two/k3e6");
    Networks.close(made.network());
  }

  @Test
  void settersRefuseWhatMakesNoSense() {
    Domino.Builder builder = Domino.builder(BY_MACS, IMAGES);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.latency(Duration.ZERO))
        .withMessage("The latency bound must be positive, but is PT0S.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxAccuracyLoss(-1))
        .withMessage(
            "The accuracy that may be lost must be between 0 and 100 points, but is -1.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.samples(9))
        .withMessage("Latencies are predicted from at least 10 networks, not 9.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.epochs(0))
        .withMessage("Epochs must be at least 1, but are 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.rounds(0))
        .withMessage("Rounds must be at least 1, but are 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.joinBlocks(2))
        .withMessage(
            "Joined blocks have kernels of 3 at least, so the largest cannot be 2.\n"
                + "Maybe take 5, which two blocks of 3x3 have, or 7.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Domino.builder(BY_MACS, IMAGES).epochs(2).rounds(3).build())
        .withMessage(
            "Each of 3 rounds needs an epoch at least, but there are 2.\n"
                + "Maybe raise epochs(…), or take fewer rounds.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.training(t -> t.batchSize(1)))
        .withMessageStartingWith("A batch must hold at least 2 images");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.training(t -> t.checkpoints(Path.of("folder"))))
        .withMessage(
            "A folder for checkpoints is given to the trainer of grafted networks, but there are"
                + " several.\nMaybe use checkpoints(folder) of Domino.");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Domino.builder(BY_MACS, IMAGES)
                    .training(t -> t.batchSize(97))
                    .build()
                    .compress(network))
        .withMessage(
            "A batch of 97 images cannot be filled from a set of 96 images.\n"
                + "Maybe lower the batch size: training(t -> t.batchSize(…)).");
    builder.latency(Duration.ofMillis(2)).maxAccuracyLoss(1);
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessage(
            "A latency bound of 2.0 ms leaves no choice to a preset or a largest loss of"
                + " accuracy.\nMaybe leave out latency(…), or both others.");
  }

  @Test
  void refusesOtherImagesAndNetworksWithoutWeights() {
    ComputationGraph empty = new ComputationGraph(NETWORK.toConfiguration(NETWORK.uniform(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domino(BY_MACS).build().compress(empty))
        .withMessage("The network has no weights yet.\nMaybe call init() and train it first.");
    LayeredSpace grey =
        LayeredSpace.named("grey", new FeatureShape(1, 32, 32), 10)
            .choice("a", new MbConv(3, 6, 8, 2))
            .build();
    ComputationGraph other = grey.network(grey.uniform(0), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domino(BY_MACS).build().compress(other))
        .withMessage(
            "The network takes images of 1x32x32 in 10 classes, but 'generated' holds 3x24x24 in"
                + " 10.");
    Networks.close(other);
  }
}
