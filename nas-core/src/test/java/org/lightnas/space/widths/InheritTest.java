package org.lightnas.space.widths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Networks;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class InheritTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 16, 16);
  private static final LayeredSpace SMALL = LightNasSpace.small(IMAGE, 10);
  private static final Architecture FOUND = SMALL.architecture(0, 1, 6, 3, 0, 1);
  private static final ChannelSpace WIDTHS = ChannelSpace.of(FOUND);

  /** float32, 20 layers, answers below 1. */
  private static final double TOLERANCE = 1e-5;

  private static ComputationGraph trained;

  /** As if trained: random batch norms, with statistics and all. */
  @BeforeAll
  static void makeOne() {
    trained = SMALL.network(FOUND, 1);
    RandomGenerator random = Seeds.random(1, "norms", 0);
    trained
        .paramTable()
        .forEach(
            (name, values) -> {
              boolean variance = name.endsWith("_var");
              if (variance || name.matches(".*_(gamma|beta|mean)")) {
                for (long i = 0; i < values.length(); i++) {
                  values.putScalar(i, variance ? 0.5 + random.nextDouble() : random.nextGaussian());
                }
              }
            });
  }

  @AfterAll
  static void free() {
    Networks.close(trained);
  }

  private static double furthest(ComputationGraph one, ComputationGraph other) {
    INDArray images = Nd4j.rand(4, 3, 16, 16);
    return one.outputSingle(images).sub(other.outputSingle(images)).amaxNumber().doubleValue();
  }

  @Test
  void theFoundWidthsInheritEverything() {
    ComputationGraph same = WIDTHS.inherit(trained, WIDTHS.start(), 9);
    assertThat(TrainedGraph.of(same).values().keySet())
        .isEqualTo(TrainedGraph.of(trained).values().keySet());
    TrainedGraph.of(same)
        .values()
        .forEach(
            (name, values) -> assertThat(values).isEqualTo(TrainedGraph.of(trained).value(name)));
  }

  @Test
  void aWiderNetworkComputesWhatTheTrainedOneDoes() {
    for (double factor : new double[] {1.25, 1.5}) {
      ComputationGraph wider = WIDTHS.inherit(trained, WIDTHS.scaled(factor), 9);
      assertThat(wider.numParams()).isGreaterThan(trained.numParams());
      assertThat(furthest(wider, trained)).isLessThan(TOLERANCE);
    }
  }

  @Test
  void newChannelsAreFreshAndReadByNobody() {
    Architecture wider = WIDTHS.start().with("block1.k3e3.expand", "c56");
    ComputationGraph network = WIDTHS.inherit(trained, wider, 9);
    ComputationGraph fresh = WIDTHS.network(wider, 9);
    double[] expand = TrainedGraph.of(network).value("block1/k3e3/expand/W");
    double[] untrained = TrainedGraph.of(fresh).value("block1/k3e3/expand/W");
    double[] project = TrainedGraph.of(network).value("block1/k3e3/project/W");
    double[] old = TrainedGraph.of(trained).value("block1/k3e3/expand/W");
    for (int in = 0; in < 16; in++) {
      for (int mid = 0; mid < 56; mid++) {
        assertThat(expand[in * 56 + mid])
            .isEqualTo(mid < 48 ? old[in * 48 + mid] : untrained[in * 56 + mid]);
      }
    }
    for (int mid = 48; mid < 56; mid++) {
      for (int out = 0; out < 16; out++) {
        assertThat(project[mid * 16 + out]).isZero();
      }
    }
  }

  /**
   * Channels whose batch norms scale by 0 change nothing, so a network without them is the same.
   */
  @Test
  void aNarrowerNetworkKeepsTheChannelsThatMatter() {
    ComputationGraph sparse = trained.clone();
    // All but 24 of 48, scattered.
    int[] dead = IntStream.range(0, 48).filter(c -> c % 2 == 0).toArray();
    for (String norm : new String[] {"expand-bn", "depthwise-bn"}) {
      for (int c : dead) {
        sparse.getParam("block1/k3e3/" + norm + "_gamma").putScalar(c, 0);
        sparse.getParam("block1/k3e3/" + norm + "_beta").putScalar(c, 0);
      }
    }
    Architecture narrow = WIDTHS.start().with("block1.k3e3.expand", "c24");
    ComputationGraph network = WIDTHS.inherit(sparse, narrow, 9);
    assertThat(furthest(network, sparse)).isLessThan(TOLERANCE);
    assertThat(furthest(network, trained)).isGreaterThan(100 * TOLERANCE);
  }

  /** The same for a stage: what passes by shortcuts. */
  @Test
  void aNarrowerStageKeepsTheChannelsThatMatter() {
    ComputationGraph sparse = trained.clone();
    for (Map.Entry<String, INDArray> entry : sparse.paramTable().entrySet()) {
      if (entry.getKey().matches("(stem/0/conv|block1/k3e3/project)-bn_(gamma|beta)")) {
        for (int c = 0; c < 8; c++) {
          entry.getValue().putScalar(c, 0);
        }
      }
    }
    Architecture narrow = WIDTHS.start().with("stem.0.conv", "c8");
    ComputationGraph network = WIDTHS.inherit(sparse, narrow, 9);
    assertThat(furthest(network, sparse)).isLessThan(TOLERANCE);
  }

  @Test
  void anUntrainedNetworkLeavesItsLeadingChannels() {
    ComputationGraph start = SMALL.network(FOUND, 2);
    ComputationGraph narrow = WIDTHS.inherit(start, WIDTHS.scaled(0.5), 9);
    double[] whole = TrainedGraph.of(start).value("head/0/conv/W");
    double[] part = TrainedGraph.of(narrow).value("head/0/conv/W");
    for (int in = 0; in < 16; in++) {
      for (int out = 0; out < 64; out++) {
        assertThat(part[in * 64 + out]).isCloseTo(whole[in * 128 + out], within(0.0));
      }
    }
  }

  @Test
  void inheritsAtAnotherResolution() {
    ChannelSpace space = ChannelSpace.builder(FOUND).resolutions(24).build();
    ComputationGraph large = space.inherit(trained, space.start().with("resolution", "r24"), 1);
    assertThat(large.params()).isEqualTo(trained.params());
    assertThat(large.outputSingle(Nd4j.rand(1, 3, 24, 24)).length()).isEqualTo(10);
  }

  @Test
  void refusesAnotherNetwork() {
    ComputationGraph other = SMALL.network(FOUND.with(0, 1), 1);
    assertThatThrownBy(() -> WIDTHS.inherit(other, WIDTHS.start(), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The network that weights are to be inherited from is not one of architecture %s of"
                + " space 'lightnas-small': other layers, or other widths.\nMaybe train found().",
            FOUND.id());

    assertThatThrownBy(() -> WIDTHS.inherit(trained, FOUND, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("belongs to space 'lightnas-small', not to");
  }
}
