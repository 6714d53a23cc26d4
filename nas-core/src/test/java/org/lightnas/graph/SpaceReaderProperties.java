package org.lightnas.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.activations.Activation;

/** Whatever a reader has read before, it reads what {@link LayerGraph#of} reads. */
class SpaceReaderProperties {

  private static final FeatureShape INPUT = new FeatureShape(3, 8, 8);

  private interface Layers {
    String add(GraphBuilder graph, String name, String input, FeatureShape in);
  }

  /** An operation that keeps or gives 8 channels, equal by its id. */
  private record Custom(String id, FeatureShape out, Layers layers) implements Op {

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      return out;
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      return layers.add(graph, name, input, in);
    }
  }

  private static ConvolutionLayer convolution(int in, int out, Activation activation) {
    return new ConvolutionLayer.Builder(1, 1).nIn(in).nOut(out).activation(activation).build();
  }

  private static final FeatureShape MAP = new FeatureShape(8, 8, 8);

  private static Op pooling() {
    return new Custom(
        "pool",
        MAP,
        (graph, name, input, in) -> {
          graph.addLayer(
              name,
              new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                  .kernelSize(3, 3)
                  .stride(1, 1)
                  .padding(1, 1)
                  .build(),
              input);
          return name;
        });
  }

  /** Runs through DL4J itself. */
  private static Op foreign() {
    return new Custom(
        "lrn",
        MAP,
        (graph, name, input, in) -> {
          graph.addLayer(name + "/lrn", new LocalResponseNormalization.Builder().build(), input);
          return name + "/lrn";
        });
  }

  /** One vertex, three nodes. */
  private static Op severalNodes() {
    return new Custom(
        "drop",
        MAP,
        (graph, name, input, in) -> {
          ConvolutionLayer layer = convolution(8, 8, Activation.TANH);
          layer.setIDropout(new org.deeplearning4j.nn.conf.dropout.Dropout(0.5));
          graph.addLayer(name + "/c", layer, input);
          return name + "/c";
        });
  }

  /** Behind this one DL4J infers -6 channels and refuses to add anything to them. */
  private static Op miscounted() {
    return new Custom(
        "half",
        MAP,
        (graph, name, input, in) -> {
          graph.addLayer(name + "/c", convolution(8, 16, Activation.IDENTITY), input);
          graph.addVertex(name + "/half", new SubsetVertex(4, 11), name + "/c");
          return name + "/half";
        });
  }

  /** Its vertices are written before those that they read. */
  private static Op backwards() {
    return new Custom(
        "back",
        MAP,
        (graph, name, input, in) -> {
          graph.addVertex(
              name + "/sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), name + "/c", input);
          graph.addLayer(name + "/c", convolution(8, 8, Activation.IDENTITY), input);
          return name + "/sum";
        });
  }

  /** Reads the stem, too. */
  private static Op nosy() {
    return new Custom(
        "nosy",
        MAP,
        (graph, name, input, in) -> {
          graph.addVertex(
              name + "/sum",
              new ElementWiseVertex(ElementWiseVertex.Op.Add),
              "stem/0/conv-act",
              input);
          return name + "/sum";
        });
  }

  private static final List<Op> MENU =
      List.of(
          new MbConv(3, 2, 8, 1),
          new MbConv(5, 1, 8, 1),
          new SkipConnect(8, 1),
          new ConvBnAct(3, 8, 1),
          pooling(),
          foreign(),
          severalNodes(),
          miscounted());

  private static LayeredSpace space(Random random, List<Op> menu) {
    LayeredSpace.Builder builder =
        LayeredSpace.named("random", INPUT, 3).stem(new ConvBnAct(3, 8, 1));
    for (int l = 0; l < 3; l++) {
      List<Op> ops = new ArrayList<>(menu);
      Collections.shuffle(ops, random);
      builder.choice("c" + l, ops.subList(0, 1 + random.nextInt(3)).toArray(Op[]::new));
    }
    return (random.nextBoolean() ? builder.head(new ConvBnAct(1, 16, 1)) : builder).build();
  }

  private static void checkReadings(LayeredSpace space, Random random) {
    SpaceReader reader = new SpaceReader(space);
    for (int i = 0; i < 12; i++) {
      Architecture architecture = space.sample(random);
      assertThat(outcome(() -> reader.read(architecture)))
          .isEqualTo(outcome(() -> LayerGraph.of(space, architecture)));
    }
  }

  /** The network, or why there is none: not everything that shapes allow is possible in DL4J. */
  private static Object outcome(Supplier<LayerGraph> reading) {
    try {
      return reading.get();
    } catch (InvalidInputTypeException | NasException e) {
      return e.getMessage();
    }
  }

  @Property(tries = 60)
  void readsTheSameInRandomSpaces(@ForAll Random random) {
    checkReadings(space(random, MENU), random);
  }

  @Property(tries = 20)
  void readsTheSameWhereOperationsCannotBeCutOut(@ForAll Random random) {
    List<Op> menu = new ArrayList<>(MENU.subList(0, 3));
    menu.add(backwards());
    menu.add(nosy());
    checkReadings(space(random, menu), random);
  }

  @Property(tries = 10)
  void readsTheSameInTheZoo(@ForAll Random random) {
    checkReadings(LightNasSpace.small(new FeatureShape(3, 32, 32), 10), random);
  }

  /**
   * A map of one pixel and a vector have the same shape, but before a dense layer one is flattened,
   * the other is not.
   */
  @Property(tries = 20)
  void readsTheSameBehindMapsOfOnePixelAndVectors(@ForAll Random random) {
    FeatureShape out = FeatureShape.vector(8);
    Op vector =
        new Custom(
            "vector",
            out,
            (graph, name, input, in) -> {
              graph.addLayer(name, new GlobalPoolingLayer(PoolingType.AVG), input);
              return name;
            });
    Op pixel =
        new Custom(
            "pixel",
            out,
            (graph, name, input, in) -> {
              graph.addLayer(
                  name,
                  new ConvolutionLayer.Builder(8, 8)
                      .nIn(8)
                      .nOut(8)
                      .activation(Activation.IDENTITY)
                      .build(),
                  input);
              return name;
            });
    Op keep =
        new Custom(
            "keep",
            out,
            (graph, name, input, in) -> {
              graph.addLayer(name, new ActivationLayer(Activation.RELU), input);
              return name;
            });
    Op dense =
        new Custom(
            "dense",
            out,
            (graph, name, input, in) -> {
              graph.addLayer(
                  name,
                  new DenseLayer.Builder().nOut(8).activation(Activation.IDENTITY).build(),
                  input);
              return name;
            });
    LayeredSpace space =
        LayeredSpace.named("pixels", INPUT, 3)
            .stem(new ConvBnAct(3, 8, 1))
            .choice("shrink", vector, pixel)
            .choice("between", keep, dense)
            .choice("last", keep, dense)
            .build();
    checkReadings(space, random);
  }

  /** Candidates that count how often they write their layers. */
  @Example
  void everyPartIsReadOnce() {
    AtomicInteger written = new AtomicInteger();
    Op[] ops =
        IntStream.range(0, 3)
            .mapToObj(
                k ->
                    new Custom(
                        "k" + k,
                        MAP,
                        (graph, name, input, in) -> {
                          written.incrementAndGet();
                          return MENU.get(k).addTo(graph, name, input, in);
                        }))
            .toArray(Op[]::new);
    LayeredSpace space =
        LayeredSpace.named("counted", INPUT, 3)
            .stem(new ConvBnAct(3, 8, 1))
            .choice("a", ops)
            .choice("b", ops)
            .choice("c", ops)
            .build();
    SpaceReader reader = new SpaceReader(space);
    for (int k = 0; k < 3; k++) {
      reader.read(space.uniform(k));
    }
    int before = written.get();
    Architecture mixed = space.architecture(0, 2, 1);
    LayerGraph graph = reader.read(mixed);
    assertThat(written).hasValue(before);
    assertThat(graph).isEqualTo(LayerGraph.of(space, mixed));
    assertThat(graph.node("c/k1/depthwise").inputs()).containsExactly("b/k2/identity");
    assertThat(reader.read(mixed).node("c/k1/depthwise-bn"))
        .isSameAs(graph.node("c/k1/depthwise-bn"));
  }

  @Example
  void refusesArchitecturesOfOtherSpaces() {
    LayeredSpace space = LightNasSpace.small(INPUT, 10);
    SpaceReader reader = new SpaceReader(space);
    LayeredSpace other = LightNasSpace.small(INPUT, 11);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.read(other.uniform(0)))
        .withMessageContaining("belongs to space '" + other + "', not to '" + space + "'.");
  }
}
