package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.nd4j.linalg.activations.Activation;

/** What a plan shows beside losses: maps at gates, derivatives of anything by the logits. */
class PlanOutputsTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("test", new FeatureShape(2, 4, 4), 3)
          .choice("a", new ConvBnAct(3, 5, 2))
          .build();
  private static final LayerGraph GRAPH = LayerGraph.of(SPACE, SPACE.uniform(0));
  private static final String RECTIFIER =
      GRAPH.nodes().stream()
          .filter(n -> n instanceof Node.Activate a && a.function() == Activation.RELU6)
          .map(Node::name)
          .findFirst()
          .orElseThrow();

  private static float[] images() {
    float[] images = new float[2 * 32];
    for (int i = 0; i < images.length; i++) {
      images[i] = (i * 37 % 64) / 64f;
    }
    return images;
  }

  @Test
  void derivativesByTheLogitsAreWhatIsGiven() {
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(GRAPH, 1);
      Plan plan = engine.training(GRAPH, weights, 2, Set.of(RECTIFIER));
      plan.forward(images(), Pass.shared(1));
      double[] maps = plan.gated(RECTIFIER);
      assertThat(maps).hasSize(2 * 2 * 2 * 5);
      assertThat(Arrays.stream(maps)).allSatisfy(v -> assertThat(v).isBetween(0.0, 6.0));
      double[] byLogits = {1, 2, 3, -1, 0, 5};
      plan.differentiate(byLogits);
      plan.backward();
      // The classifier's bias is added to the logits of both images.
      assertThat(gradient(plan, "classifier/b")).containsExactly(0, 2, 8);
      double[] expected = new double[15];
      for (int n = 0; n < 2; n++) {
        for (int c = 0; c < 5; c++) {
          double pooled = 0;
          for (int p = 0; p < 4; p++) {
            pooled += maps[(n * 4 + p) * 5 + c] / 4;
          }
          for (int k = 0; k < 3; k++) {
            expected[c * 3 + k] += pooled * byLogits[n * 3 + k];
          }
        }
      }
      assertThat(gradient(plan, "classifier/W")).containsExactly(expected, within(1e-5));
    }
  }

  private static double[] gradient(Plan plan, String name) {
    return plan.touched().stream()
        .filter(weight -> weight.parameter().name().equals(name))
        .findFirst()
        .orElseThrow()
        .gradient()
        .dup('c')
        .data()
        .asDouble();
  }

  @Test
  void refusesWhatItCannotShow() {
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(GRAPH, 1);
      Plan plan = engine.training(GRAPH, weights, 2, Set.of(RECTIFIER));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> plan.gated("pool"))
          .withMessage("'pool' is no gate of this plan: [%s].", RECTIFIER);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> plan.differentiate(new double[5]))
          .withMessage("A batch of 2 images has 6 logits, but 5 derivatives were given.");
      Plan deployed = engine.inference(GRAPH, weights, 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> deployed.differentiate(new double[6]))
          .withMessage(
              "This plan was made for inference and cannot run backward.\n"
                  + "Maybe use Engine.training.");
      assertThat(Arrays.asList(deployed.gates().toArray())).isEmpty();
    }
  }
}
