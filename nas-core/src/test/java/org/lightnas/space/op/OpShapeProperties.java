package org.lightnas.space.op;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;

/** What an operation says it makes is what our reader and DL4J's own shape rules find. */
class OpShapeProperties {

  @Provide
  Arbitrary<Op> ops() {
    Arbitrary<Integer> kernels = Arbitraries.of(1, 3, 5, 7);
    Arbitrary<Integer> channels = Arbitraries.integers().between(1, 6);
    Arbitrary<Integer> strides = Arbitraries.integers().between(1, 3);
    Arbitrary<Integer> expansions = Arbitraries.integers().between(1, 3);
    return Arbitraries.oneOf(
        Combinators.combine(kernels, expansions, channels, strides).as(MbConv::new),
        Combinators.combine(kernels, channels, strides).as(ConvBnAct::new),
        Combinators.combine(kernels, channels, strides).as(ConvBnRelu::new),
        Combinators.combine(kernels, strides).as(MaxPool::new),
        Combinators.combine(channels, strides).as(BasicBlock::new),
        Combinators.combine(channels, strides).as(Bottleneck::new),
        Combinators.combine(channels, strides).as(SkipConnect::new));
  }

  @Provide
  Arbitrary<FeatureShape> shapes() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 6),
            Arbitraries.integers().between(1, 13),
            Arbitraries.integers().between(1, 13))
        .as(FeatureShape::new);
  }

  @Property(tries = 400)
  void declaredShapesAreThoseOfTheLayers(@ForAll("ops") Op op, @ForAll("shapes") FeatureShape in) {
    LayeredSpace space = LayeredSpace.named("one", in, 2).choice("a", op).build();
    ComputationGraphConfiguration configuration = space.toConfiguration(space.uniform(0));
    String last = configuration.getVertexInputs().get("pool").get(0);
    FeatureShape declared = op.outputShape(in);
    assertThat(LayerGraph.read(configuration, in).node(last).output()).isEqualTo(declared);
    assertThat(
            configuration
                .getLayerActivationTypes(
                    true, InputType.convolutional(in.height(), in.width(), in.channels()))
                .get(last))
        .isEqualTo(
            InputType.convolutional(declared.height(), declared.width(), declared.channels()));
  }
}
