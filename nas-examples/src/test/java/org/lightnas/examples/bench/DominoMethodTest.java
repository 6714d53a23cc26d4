package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.compress.Compressed;
import org.lightnas.compress.Domino;
import org.lightnas.compress.Equivalence;
import org.lightnas.compress.Reparameterize;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.graph.Networks;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

class DominoMethodTest {

  private static final ImageData DATA = ImageData.generated(160, 60, 1);

  private static final LayeredSpace SPACE =
      LayeredSpace.named("two", DATA.shape(), DATA.classes())
          .stem(new ConvBnAct(3, 8, 2))
          .choice("one", new MbConv(3, 6, 8, 1))
          .choice("two", new MbConv(3, 6, 8, 1))
          .build();

  private static final Device DEVICE = new ExactDevice();

  private static DominoMethod.Original original(ComputationGraph network) {
    return new DominoMethod.Original(
        network, width -> SPACE, ExperimentImages.of(DATA, 160), DEVICE, 1, 2, 1);
  }

  @Test
  @Tag("slow")
  void whatIsMergedIsCheckedInBothRuntimes(@TempDir Path run) {
    ComputationGraph network = SPACE.network(SPACE.uniform(0), 1);
    DominoMethod.Original original = original(network);
    DominoMethod.Made made = DominoMethod.RANDOM.compress(original, Domino.Preset.AGGRESSIVE, run);
    DominoCheck check = Objects.requireNonNull(made.check());
    assertThat(check.images()).isEqualTo(original.images().validation().size());
    assertThat(check.holds()).isTrue();
    assertThat(check.onnx()).isGreaterThanOrEqualTo(check.dl4j());
    assertThat(check.border()).isPositive();
    assertThat(check.inside()).isPositive();
    assertThat(made.error()).isEqualTo(check.dl4j());
    assertThat(made.what()).isEqualTo("all-all");
    assertThat(Objects.requireNonNull(made.predicted())).isBetween(1.0, 2.0);
    Networks.close(network);
  }

  @Test
  @Tag("slow")
  void proMaxIsAsFastAsDominoOrRefused(@TempDir Path run) {
    ComputationGraph network = SPACE.network(SPACE.uniform(0), 1);
    DominoOutcome fast = DominoBenchTest.outcome("domino", 1, 70, 0.5, null, null);
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> DominoMethod.proMax(original(network), fast, run))
        .withMessageStartingWith("The network cannot be brought to 0.500 ms");
    DominoOutcome slow = DominoBenchTest.outcome("domino", 1, 70, 9, null, null);
    assertThat(DominoMethod.proMax(original(network), slow, run).what()).isEqualTo("none-none");
    Networks.close(network);
  }

  @Test
  @Tag("slow")
  void onnxRuntimeIsComparedWithDl4j() {
    ComputationGraph network = SPACE.network(SPACE.uniform(0), 1);
    Compressed folded = Reparameterize.batchNorms().compress(network);
    Equivalence same = OnnxEquivalence.compare(network, folded.network(), DATA.test());
    assertThat(same.inputs()).isEqualTo(60);
    assertThat(same.maxOutput()).isBetween(0.1, 1.0);
    assertThat(same.relativeError()).isLessThan(1e-5);
    ComputationGraph other = SPACE.network(SPACE.uniform(0), 2);
    assertThat(OnnxEquivalence.compare(other, folded.network(), DATA.test()).holds()).isFalse();
    Networks.close(other);
    Networks.close(network);
    Networks.close(folded.network());
  }
}
