package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Parameter;
import org.lightnas.internal.Seeds;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ShuffleUnit;
import org.lightnas.space.op.ShuffleXception;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Narrow networks have the leading parts of what wide ones have. */
class SliceTest {

  private static final FeatureShape INPUT = new FeatureShape(4, 6, 6);
  private static final Optimizer SGD = new Optimizer.Sgd(0.9);
  private static final Optimizer ADAM = new Optimizer.Adam(0.9, 0.99);
  private static final int BATCH = 6;

  private static final LayeredSpace SPACE =
      LayeredSpace.named("widths", INPUT, 3)
          .choice("a", new ShuffleUnit(3, 0.5, 12, 2), new ShuffleUnit(3, 1, 12, 2))
          .choice("b", new ShuffleXception(0.4, 12, 1), new ShuffleXception(1, 12, 1))
          .build();

  private static final LayerGraph WIDE = LayerGraph.of(SPACE, SPACE.architecture(1, 1));
  private static final LayerGraph NARROW = LayerGraph.of(SPACE, SPACE.architecture(0, 0));
  private static final LayerGraph MIXED = LayerGraph.of(SPACE, SPACE.architecture(1, 0));

  @Provide
  Arbitrary<long[]> shapes() {
    return Arbitraries.longs().between(1, 4).array(long[].class).ofMinSize(1).ofMaxSize(4);
  }

  @Property(tries = 300)
  void isTheMiddleOfKernelsAndLeadsAlongOtherAxes(
      @ForAll("shapes") long[] part, @ForAll long seed, @ForAll boolean visible) {
    RandomGenerator random = Seeds.random(seed, "slice", 0);
    long[] all = Arrays.stream(part).map(size -> size + random.nextInt(3)).toArray();
    DataType type = visible ? DataType.FLOAT : DataType.DOUBLE;
    Weight whole = new Weight(parameter(all), Nd4j.rand(type, all));
    double[] before = whole.value().dup('c').data().asDouble();
    Slice slice = new Slice(parameter(part), whole);
    slice.renew();
    for (int[] index : indices(part)) {
      assertThat(slice.value().getDouble(index))
          .isEqualTo(whole.value().getDouble(within(part, all, index)));
    }
    slice.value().addi(10);
    slice.endUpdate();
    double[] after = whole.value().dup('c').data().asDouble();
    int changed = 0;
    for (int i = 0; i < after.length; i++) {
      changed += after[i] == before[i] ? 0 : 1;
    }
    assertThat((long) changed).isEqualTo(slice.parameter().size());
    for (int[] index : indices(part)) {
      assertThat(whole.value().getDouble(within(part, all, index))).isGreaterThanOrEqualTo(10);
    }
    slice.close();
    whole.close();
  }

  /** Where a value of the part lies in the whole; tensors of four axes begin with the kernel's. */
  private static int[] within(long[] part, long[] all, int[] index) {
    int[] place = index.clone();
    for (int axis = 0; axis < 2 && part.length == 4; axis++) {
      place[axis] += (int) (all[axis] - part[axis]) / 2;
    }
    return place;
  }

  private static Parameter parameter(long... shape) {
    return new Parameter("a/W", Parameter.Role.WEIGHT, Arrays.stream(shape).boxed().toList());
  }

  private static List<int[]> indices(long[] shape) {
    List<int[]> all = new ArrayList<>(List.of(new int[0]));
    for (long size : shape) {
      List<int[]> longer = new ArrayList<>();
      for (int[] index : all) {
        for (int i = 0; i < size; i++) {
          int[] next = Arrays.copyOf(index, index.length + 1);
          next[index.length] = i;
          longer.add(next);
        }
      }
      all = longer;
    }
    return all;
  }

  /**
   * Steps of networks of several widths, each compared with a step of that network alone from the
   * same values and the same state of the optimiser; what it does not have stays.
   */
  @Test
  @Tag("slow")
  void stepsChangeTheSharedPartAsTheyWouldChangeANetworkOfItsOwn() {
    for (Optimizer optimizer : List.of(SGD, ADAM)) {
      for (boolean floats : new boolean[] {true, false}) {
        try (Engine engine = floats ? Engine.on(new Nd4jKernels()) : Engine.inDouble();
            Weights shared = new Weights(engine.type())) {
          shared.ensure(WIDE, 1);
          for (LayerGraph graph : List.of(WIDE, NARROW, MIXED, NARROW, WIDE)) {
            shared.ensure(graph, 1);
            Map<String, double[]> before = shared.snapshot();
            Map<String, double[]> expected = alone(engine, optimizer, graph, shared);
            step(engine, optimizer, graph, shared);
            assertThat(shared.values(graph)).containsExactlyInAnyOrderEntriesOf(expected);
            for (Parameter parameter : WIDE.parameters()) {
              long changed = changed(before, shared.snapshot(), parameter.name());
              assertThat(changed)
                  .as(parameter.name())
                  .isLessThanOrEqualTo(sizeIn(graph, parameter.name()));
            }
          }
        }
      }
    }
  }

  /** The network's values after the same step in weights of its own. */
  private static Map<String, double[]> alone(
      Engine engine, Optimizer optimizer, LayerGraph graph, Weights shared) {
    try (Weights own = new Weights(engine.type())) {
      own.ensure(graph, 2);
      own.load(shared.values(graph));
      for (Parameter parameter : graph.parameters()) {
        Weight part = shared.of(parameter);
        part.beginUpdate();
        own.get(parameter.name()).restoreOptimizer(part.optimizerState(), part.updates());
      }
      step(engine, optimizer, graph, own);
      return own.values(graph);
    }
  }

  private static void step(Engine engine, Optimizer optimizer, LayerGraph graph, Weights weights) {
    Plan plan = engine.training(graph, weights, BATCH, Set.of());
    plan.forward(images(), Pass.shared(0));
    plan.loss(new int[] {0, 1, 2, 0, 1, 2}, 0.1);
    plan.backward();
    Gradients.apply(plan.touched(), optimizer, 0.05, 0.01, 5);
  }

  private static float[] images() {
    float[] images = new float[(int) (BATCH * INPUT.size())];
    RandomGenerator random = Seeds.random(3, "images", 0);
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
    }
    return images;
  }

  private static long changed(
      Map<String, double[]> before, Map<String, double[]> after, String name) {
    double[] a = before.get("value/" + name);
    double[] b = after.get("value/" + name);
    long changed = 0;
    for (int i = 0; i < a.length; i++) {
      changed += a[i] == b[i] ? 0 : 1;
    }
    return changed;
  }

  private static long sizeIn(LayerGraph graph, String name) {
    return graph.parameters().stream()
        .filter(parameter -> parameter.name().equals(name))
        .mapToLong(Parameter::size)
        .sum();
  }

  /** Statistics of a narrow batch norm are not those of the wide one's first channels. */
  @Test
  void statisticsBelongToTheWidth() {
    try (Engine engine = Engine.create();
        Weights shared = new Weights(engine.type())) {
      shared.ensure(WIDE, 1);
      shared.ensure(NARROW, 1);
      Map<String, double[]> wide = shared.values(WIDE);
      Plan narrow = engine.training(NARROW, shared, BATCH, Set.of());
      narrow.forward(images(), Pass.estimating(0));
      Map<String, double[]> after = new HashMap<>(shared.values(WIDE));
      String inner = "a/shuffle3/main1-bn/mean";
      assertThat(after.get(inner)).isEqualTo(wide.get(inner)).containsOnly(0);
      assertThat(shared.values(NARROW).get(inner)).hasSize(3).doesNotContain(0);
      // Where both have all channels they share these, too.
      String outer = "a/shuffle3/main3-bn/mean";
      assertThat(after.get(outer)).isNotEqualTo(wide.get(outer));
      // A plan for inference folds what was estimated, and folds anew when it is estimated again.
      Plan deployed = engine.inference(NARROW, shared, BATCH);
      deployed.forward(images(), Pass.inference());
      double[] first = deployed.logits();
      step(engine, SGD, WIDE, shared);
      deployed.forward(images(), Pass.inference());
      assertThat(deployed.logits()).isNotEqualTo(first);
    }
  }

  @Test
  void theWidestMustComeFirst() {
    try (Weights shared = new Weights(DataType.FLOAT)) {
      shared.ensure(NARROW, 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> shared.ensure(WIDE, 1))
          .withMessageStartingWith("Tensor 'a/shuffle3/main1/W' is needed as [1, 1, 4, 6], but")
          .withMessageContaining("another candidate made it [1, 1, 4, 3].\nMaybe give the two");
    }
  }
}
