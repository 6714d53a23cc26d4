package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.data.Pixels;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weight;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.zoo.NasBench201Space;

class IdentityMappingTest {

  private static final int BATCH = 16;

  private final int[] labels = new int[BATCH];
  private final Pixels nhwc = new Pixels.Floats(Tiny.batch(Tiny.images(48, 6), BATCH, labels));

  private static LayerGraph mapped(Architecture architecture, double eta) {
    LayerGraph graph = LayerGraph.of(Tiny.SPACE, architecture);
    return IdentityMapping.of(graph, Tiny.SPACE, eta, true);
  }

  private static List<String> kinds(LayerGraph graph, String prefix) {
    return graph.nodes().stream()
        .filter(node -> node.name().startsWith(prefix))
        .map(node -> node.getClass().getSimpleName() + " " + node.output())
        .toList();
  }

  @Test
  void isTheIdentityOrAConvolutionWithBatchNormThenTheMaximum() {
    LayerGraph graph = mapped(Tiny.SPACE.architecture(0, 1, 0), 0.25);
    assertThat(kinds(graph, "one/mapped/")).containsExactly("Scale 8x12x12", "Add 8x12x12");
    assertThat(kinds(graph, "two/mapped/"))
        .containsExactly(
            "Convolution 16x12x12",
            "BatchNorm 16x12x12",
            "Pool 16x6x6",
            "Scale 16x6x6",
            "Add 16x6x6");
    assertThat(graph.node("two/mapped/0/conv").inputs()).containsExactly("one/mapped/0/sum");
    assertThat(((Node.Scale) graph.node("one/mapped/0/eta")).factor()).isEqualTo(0.25);
    assertThat(graph.node("one/mapped/0/sum").inputs())
        .containsExactly("one/k3e2/add", "one/mapped/0/eta");
    // The residual inside the candidate stays what it was.
    assertThat(graph.node("one/k3e2/add").inputs())
        .isEqualTo(LayerGraph.of(Tiny.SPACE, Tiny.SPACE.uniform(0)).node("one/k3e2/add").inputs());
    assertThat(graph.readers("three/k3e1/add")).containsExactly("three/mapped/0/sum");
  }

  @Test
  void isSharedByTheCandidatesOfAChoice() {
    assertThat(mapped(Tiny.SPACE.uniform(0), 1).node("two/mapped/0/conv").parameters())
        .isEqualTo(mapped(Tiny.SPACE.uniform(2), 1).node("two/mapped/0/conv").parameters());
  }

  @Test
  void noShareIsNoMapping() {
    Architecture architecture = Tiny.SPACE.architecture(0, 1, 0);
    assertThat(mapped(architecture, 0)).isEqualTo(LayerGraph.of(Tiny.SPACE, architecture));
  }

  @Test
  void oddMapsAreHalvedByWindowsThatStickOut() {
    LayeredSpace space =
        LayeredSpace.named("odd", new FeatureShape(3, 9, 9), 3)
            .choice("a", new ConvBnAct(3, 8, 2), new SkipConnect(8, 2))
            .build();
    LayerGraph graph = IdentityMapping.of(LayerGraph.of(space, space.uniform(0)), space, 1, true);
    assertThat(graph.node("a/mapped/0/max").output()).isEqualTo(new FeatureShape(8, 5, 5));
    Node.Pool pool = (Node.Pool) graph.node("a/mapped/0/max");
    assertThat(pool.window().over(pool.in())).isEqualTo(pool.output());
  }

  /** Every edge of every cell has its own, beside whatever operation it carries. */
  @Test
  void standsWhereverAChoiceStands() {
    NasBench201Space cells = new NasBench201Space();
    Architecture cell = cells.architecture(0, 1, 2, 3, 4, 3);
    LayerGraph graph = IdentityMapping.of(LayerGraph.of(cells, cell), cells, 0.5, true);
    for (String edge : List.of("1_0", "2_0", "2_1", "3_0", "3_1", "3_2")) {
      assertThat(graph.nodes().stream().filter(n -> n.name().matches(edge + "/mapped/\\d+/sum")))
          .hasSize(15);
    }
    assertThat(graph.parameters()).isEqualTo(LayerGraph.of(cells, cell).parameters());
  }

  /** By finite differences, through candidates whose result is their input under another name. */
  @Test
  void itsGradientsAreThoseOfTheLoss() {
    for (int[] picks : new int[][] {{0, 1, 0}, {2, 2, 1}, {2, 0, 1}}) {
      LayerGraph graph = mapped(Tiny.SPACE.architecture(picks), 0.7);
      try (Engine engine = Engine.create();
          Weights weights = new Weights(engine.type())) {
        weights.ensure(graph, 5);
        Plan plan = engine.training(graph, weights, BATCH, Set.of());
        for (String name : List.of("stem/0/conv/W", "two/mapped/0/conv/W", "classifier/W")) {
          loss(plan);
          plan.backward();
          Weight weight = weights.get(name);
          double[] gradient = weight.gradient().dup('c').data().asDouble();
          double[] values = weight.value().dup('c').data().asDouble();
          double norm =
              Math.sqrt(
                  IntStream.range(0, gradient.length)
                      .mapToDouble(i -> gradient[i] * gradient[i])
                      .sum());
          // Along the gradient itself, where the derivative is its norm.
          double h = 5e-3;
          double up = loss(plan, weights, name, values, gradient, h / norm);
          double down = loss(plan, weights, name, values, gradient, -h / norm);
          weights.load(Map.of(name, values));
          // float32, and bends of ReLU6 in between.
          assertThat((up - down) / (2 * h)).as(name).isEqualTo(norm, within(0.05 * norm + 1e-3));
        }
      }
    }
  }

  private double loss(Plan plan) {
    plan.forward(nhwc, Pass.shared(0));
    return plan.loss(labels, 0.1).mean();
  }

  private double loss(
      Plan plan, Weights weights, String name, double[] values, double[] along, double step) {
    double[] moved = new double[values.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = values[i] + step * along[i];
    }
    weights.load(Map.of(name, moved));
    return loss(plan);
  }

  @Test
  void aChoiceThatReadsOrMakesSeveralMapsHasNone() {
    LayeredSpace larger =
        LayeredSpace.named("tiny", Tiny.INPUT, Tiny.CLASSES)
            .choice("pair", new MbConv(3, 2, 8, 1), new SkipConnect(8, 1))
            .build();
    LayerGraph plain = LayerGraph.of(larger, larger.uniform(0));
    FeatureShape shape = new FeatureShape(8, 12, 12);
    List<Node> twoResults =
        List.of(
            new Node.Input("in", shape),
            new Node.Scale("pair/a", List.of("in"), shape, 2),
            new Node.Scale("pair/b", List.of("pair/a"), shape, 3),
            new Node.Add("out", List.of("pair/a", "pair/b"), shape));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> IdentityMapping.of(new LayerGraph(twoResults, "out"), larger, 1, true))
        .withMessage(
            "Choice 'pair' of space 'tiny' makes several maps, [pair/a, pair/b], so it has no"
                + " identity.\nMaybe search with identityMapping(false).");
    List<Node> twoInputs =
        List.of(
            new Node.Input("in", shape),
            new Node.Scale("left", List.of("in"), shape, 2),
            new Node.Add("pair/a", List.of("in", "left"), shape),
            new Node.Scale("out", List.of("pair/a"), shape, 3));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> IdentityMapping.of(new LayerGraph(twoInputs, "out"), larger, 1, true))
        .withMessage(
            "Choice 'pair' of space 'tiny' reads several maps, [in, left], so it has no"
                + " identity.\nMaybe search with identityMapping(false).");
    assertThat(IdentityMapping.of(plain, larger, 0.5, true)).isNotEqualTo(plain);
  }

  @Test
  void aChoiceThatEnlargesMapsHasNone() {
    LayeredSpace space =
        LayeredSpace.named("grows", Tiny.INPUT, Tiny.CLASSES)
            .choice("up", new MbConv(3, 2, 8, 1), new SkipConnect(8, 1))
            .build();
    FeatureShape small = new FeatureShape(8, 6, 6);
    FeatureShape large = new FeatureShape(8, 12, 12);
    List<Node> nodes =
        List.of(
            new Node.Input("in", small),
            new Node.Scale("up/a", List.of("in"), large, 2),
            new Node.Scale("out", List.of("up/a"), large, 3));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> IdentityMapping.of(new LayerGraph(nodes, "out"), space, 1, true))
        .withMessage(
            "Choice 'up' of space 'grows' makes 8x12x12 of 8x6x6, which no windows side by side"
                + " do, so it has no identity.\nMaybe search with identityMapping(false).");
  }
}
