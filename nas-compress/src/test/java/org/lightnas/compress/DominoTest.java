package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.device.Device;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.metric.Cost;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

class DominoTest extends DominoFixture {

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
