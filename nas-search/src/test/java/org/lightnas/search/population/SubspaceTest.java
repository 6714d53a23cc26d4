package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.LayeredSpace;

class SubspaceTest {

  private static final LayeredSpace WHOLE = Widths.space(new FeatureShape(3, 16, 16), 3);
  private static final LatencyTable TABLE = Widths.latency(WHOLE);
  private static final Subspace PART =
      Subspace.of(WHOLE).with(1, List.of(2, 6)).with(2, List.of(4));

  @Test
  void hasTheNetworksOfTheWhole() {
    assertThat(PART.choices().stream().map(c -> c.candidates().stream().map(Candidate::id)))
        .satisfiesExactly(
            ids -> assertThat(ids).hasSize(7),
            ids -> assertThat(ids).containsExactly("shuffle5w0.5", "skip"),
            ids -> assertThat(ids).containsExactly("xceptionw0.5"));
    Architecture part = PART.architecture(3, 1, 0);
    assertThat(PART.widened(part)).isEqualTo(WHOLE.architecture(3, 6, 4));
    assertThat(part.id()).isEqualTo(WHOLE.architecture(3, 6, 4).id());
    assertThat(LayerGraph.of(PART, part))
        .isEqualTo(LayerGraph.of(WHOLE, WHOLE.architecture(3, 6, 4)));
    assertThat(PART)
        .isEqualTo(new Subspace(WHOLE, PART.kept()))
        .hasSameHashCodeAs(new Subspace(WHOLE, PART.kept()))
        .isNotEqualTo(Subspace.of(WHOLE))
        .hasToString("part of two-widths (3x16x16, 3 classes, 3 choices)");
    assertThat(PART.links()).isEqualTo(WHOLE.links());
  }

  @Test
  void itsBoundsAreThoseOfTheWhole() {
    Constraint bound = PART.narrowed(Constraint.atMost(9, TABLE));
    Architecture part = PART.architecture(3, 1, 0);
    assertThat(bound.predict(part)).isEqualTo(1 + 4 + 0.5 + 3);
    assertThat(bound.bound()).isEqualTo(9);
    assertThat(bound.metric()).isEqualTo(Metric.LATENCY);
    // As any predictor works it out by itself.
    assertThat(bound.predictor().sensitivity(part))
        .isDeepEqualTo(
            Predictor.of(PART, Metric.LATENCY, bound.predictor()::predict).sensitivity(part));
    assertThat(bound.predictor()).hasToString(TABLE.toString());
    assertThat(bound.predictor().fingerprint()).isEqualTo(TABLE.fingerprint());
    assertThat(bound.predictor().quality()).isEqualTo(TABLE.quality());
  }
}
