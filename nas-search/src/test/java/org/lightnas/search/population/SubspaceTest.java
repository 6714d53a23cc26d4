package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;

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

  /** A table of the whole's latencies, or a machine elsewhere, knows architectures of the whole. */
  @Test
  void devicesMeasureAndListenersHearOfTheWhole() {
    List<Object> asked = new ArrayList<>();
    Device device =
        new Device() {
          @Override
          public String fingerprint() {
            return "elsewhere";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            throw new IllegalStateException("only architectures are known here");
          }

          @Override
          public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
            asked.addAll(List.of(space, architecture, seed));
            return new Measurement(2, 0, 6, 1, 1, 1);
          }

          @Override
          public Measurement confirm(Supplier<Measurement> sitting) {
            asked.add("confirm");
            return sitting.get();
          }
        };
    Device seen =
        Objects.requireNonNull(
            PART.narrowed(Constraint.atMost(9, TABLE).measuredOn(device)).device());
    Architecture part = PART.architecture(3, 1, 0);
    Architecture whole = WHOLE.architecture(3, 6, 4);
    assertThat(seen.confirm(() -> seen.measure(PART, part, 7)).millis()).isEqualTo(2);
    assertThat(asked).containsExactly("confirm", WHOLE, whole, 7L);
    assertThat(seen.fingerprint()).isEqualTo("elsewhere");
    assertThat(seen).hasToString(device.toString());
    ComputationGraph network = PART.network(part, 1);
    assertThatIllegalStateException().isThrownBy(() -> seen.measure(network));
    Networks.close(network);
    List<Object> heard = new ArrayList<>();
    ScoreListener listener =
        PART.widened(
            new ScoreListener() {
              @Override
              public void onScored(Scored scored, StopRule.Standing standing) {
                heard.add(scored);
              }

              @Override
              public void onBetter(Scored scored) {
                heard.add(scored);
              }

              @Override
              public void onCheckpoint(Path file) {
                heard.add(file);
              }
            });
    Scored scored = new Scored(part, 5, 1);
    listener.onScored(scored, new StopRule.Standing(1, 0, 5, Duration.ZERO));
    listener.onBetter(scored);
    listener.onCheckpoint(Path.of("file"));
    assertThat(heard)
        .containsExactly(new Scored(whole, 5, 1), new Scored(whole, 5, 1), Path.of("file"));
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
