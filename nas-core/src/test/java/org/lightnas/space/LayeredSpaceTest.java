package org.lightnas.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.space.Spaces.Named;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

class LayeredSpaceTest {

  private static final FeatureShape INPUT = new FeatureShape(3, 24, 24);

  private static LayeredSpace pocket(String name, FeatureShape input, int classes) {
    return LayeredSpace.named(name, input, classes)
        .stem(new ConvBnAct(3, 8, 1))
        .choice("block1", new MbConv(3, 3, 16, 2), new MbConv(5, 6, 16, 2))
        .choice("block2", new MbConv(3, 3, 16, 1), new SkipConnect(16, 1))
        .head(new ConvBnAct(1, 32, 1))
        .build();
  }

  private static final LayeredSpace POCKET = pocket("pocket", INPUT, 10);

  @Test
  void isEqualByValue() {
    assertThat(POCKET)
        .isEqualTo(pocket("pocket", INPUT, 10))
        .hasSameHashCodeAs(pocket("pocket", INPUT, 10))
        .isNotEqualTo(pocket("pocket", INPUT, 9))
        .isNotEqualTo(pocket("pocket", new FeatureShape(3, 25, 24), 10));
    assertThat(POCKET.architecture(1, 1))
        .isEqualTo(pocket("pocket", INPUT, 10).architecture(1, 1))
        .isNotEqualTo(pocket("pocket", INPUT, 9).architecture(1, 1));
  }

  @Test
  void saysWhatItIs() {
    assertThat(POCKET).hasToString("pocket (3x24x24, 10 classes, 2 choices)");
    assertThat(POCKET.architecture(1, 1).id()).isEqualTo("k5e6-skip");
  }

  @Test
  void namesVerticesByChoiceAndOperation() {
    assertThat(POCKET.toConfiguration(POCKET.architecture(1, 1)).getVertices().keySet())
        .contains("classifier", "pool", "block1/k5e6/expand", "block2/skip/identity")
        .allMatch(vertex -> vertex.matches("(stem/0|block1/k5e6|block2/skip|head/0)/.+|[a-z]+"));
  }

  @Test
  void rejectsSpacesWithoutNameClassesOrChoices() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pocket(" ", INPUT, 10))
        .withMessage("A space needs a name.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pocket("pocket", INPUT, 1))
        .withMessage("Space 'pocket' needs at least 2 classes, but has 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayeredSpace.named("empty", INPUT, 10).build())
        .withMessage("Space 'empty' has no choice.");
  }

  /** Of a caller's own. */
  private record Odd(RuntimeException thrown) implements Op {

    @Override
    public String id() {
      return "odd";
    }

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      throw thrown;
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      throw thrown;
    }
  }

  @Test
  void namesTheOperationThatFailsAndItsPlace() {
    Op fine = new SkipConnect(3, 1);
    Op odd = new Odd(new ArithmeticException("/ by zero"));
    String words =
        "Operation 'odd' (" + Odd.class.getName() + ") of '%s' in space 's' failed on %s: ";
    LayeredSpace.Builder space = LayeredSpace.named("s", INPUT, 2);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> space.choice("a", fine, odd).build())
        .withMessageStartingWith(words.formatted("a", INPUT) + "java.lang.ArithmeticException")
        .withCauseInstanceOf(ArithmeticException.class);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> LayeredSpace.named("s", INPUT, 2).stem(odd).choice("a", fine).build())
        .withMessageStartingWith(words.formatted("stem", INPUT));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> LayeredSpace.named("s", INPUT, 2).choice("a", fine).head(odd).build())
        .withMessageStartingWith(words.formatted("head", INPUT));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> LayeredSpace.named("s", INPUT, 2).choice("a", fine).tail(odd).build())
        .withMessageStartingWith(words.formatted("tail", "3x1x1"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LayeredSpace.named("s", INPUT, 2)
                    .choice("a", new Odd(new IllegalArgumentException("too odd")))
                    .build())
        .withMessage(words.formatted("a", INPUT) + "too odd");
  }

  @Test
  void rejectsChoiceNamesThatAreTaken() {
    Op op = new SkipConnect(3, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LayeredSpace.named("twice", INPUT, 2).choice("a", op).choice("a", op).build())
        .withMessage(
            "Choice name 'a' of space 'twice' is taken already.\nMaybe number the choices.");
    for (String fixed : List.of("input", "stem", "head", "pool", "classifier")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LayeredSpace.named("fixed", INPUT, 2).choice(fixed, op).build())
          .withMessage(
              "Choice name '%s' of space 'fixed' is taken already.\nMaybe number the choices.",
              fixed);
    }
  }

  @Test
  void rejectsCandidatesThatMakeDifferentShapes() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LayeredSpace.named("uneven", INPUT, 2)
                    .choice("a", new MbConv(3, 3, 8, 1), new SkipConnect(8, 2))
                    .build())
        .withMessage(
            "Candidates of choice 'a' of space 'uneven' make different shapes of 3x24x24:"
                + " 'k3e3' 8x24x24, 'skip' 8x12x12.\n"
                + "Maybe give them the same channels and stride.");
  }

  @Test
  void rejectsCandidatesThatAreNoOps() {
    List<Choice> choices = List.of(new Choice("a", List.of(new Named("width16"))));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new LayeredSpace("plain", INPUT, 2, List.of(), choices, List.of(), List.of(), true))
        .withMessage(
            "Candidate 'width16' of choice 'a' is no Op, and a LayeredSpace can interpret Ops"
                + " only.\nMaybe implement SearchSpace.");
  }

  @Test
  void rejectsArchitecturesOfAnotherSpace() {
    Architecture foreign = pocket("other", INPUT, 10).architecture(0, 1);
    String message = "Architecture k3e3-skip belongs to space 'other', not to 'pocket'.";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> POCKET.toConfiguration(foreign))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> POCKET.network(foreign, 1))
        .withMessage(message);
  }

  @Test
  void goesTogetherOnlyWithImagesThatFit() {
    ImageData images = ImageData.generated(10, 10, 1);
    TrainableSpace bound = POCKET.on(images);
    assertThat(bound.space()).isSameAs(POCKET);
    assertThat(bound.images()).isSameAs(images);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pocket("large", new FeatureShape(3, 32, 32), 10).on(images))
        .withMessage(
            "Space 'large' takes images of 3x32x32, but 'generated' holds images of 3x24x24.\n"
                + "Maybe build the space with images.shape().");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pocket("few", INPUT, 4).on(images))
        .withMessage(
            "Space 'few' has 4 classes, but 'generated' has 10.\n"
                + "Maybe build the space with images.classes().");
  }
}
