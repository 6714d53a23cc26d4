package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.search.Attempt;
import org.lightnas.search.Found;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;

class ScoreResultTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("small", new FeatureShape(1, 8, 8), 2)
          .stem(new ConvBnAct(1, 4, 1))
          .choice("one", new ConvBnAct(3, 4, 1), new SkipConnect(4, 1))
          .choice("two", new ConvBnAct(3, 4, 1), new SkipConnect(4, 1))
          .build();

  /** Convolutions are good, and dear. */
  private static final Evaluator SCORE = Evaluator.of("convolutions", a -> 2 - Toy.sum(a));

  private static final Predictor LATENCY = Predictor.of(SPACE, Metric.LATENCY, a -> 3 - Toy.sum(a));

  /** Says what it is told to, one network after the other. */
  private static class Scripted implements Device {

    private final double[] millis;
    private int next;

    Scripted(double... millis) {
      this.millis = millis;
    }

    @Override
    public String fingerprint() {
      return "scripted";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      return new Measurement(millis[next++], 0.01, 20, 1, 1, 1);
    }
  }

  private static ScoreResult search(int finalists, double... measured) {
    return RandomSearch.builder(SCORE)
        .finalists(finalists)
        .build()
        .search(SPACE, Constraint.atMost(3, LATENCY).measuredOn(new Scripted(measured)));
  }

  @Test
  void measuresTheBestThatAreFastEnoughUntilOneKeepsTheBound() {
    ScoreResult found = search(5, 3.2, 2.9);
    assertThat(found.measured().stream().map(Attempt::satisfied)).containsExactly(false, true);
    assertThat(found.satisfied()).isTrue();
    assertThat(found.score()).isEqualTo(1);
    assertThat(found.best()).isEqualTo(found.leaders().get(1));
    assertThat(found.verdicts().get(0).measured()).isNotNull();
    assertThat(found.page().html()).contains("until one kept the bounds");
    // 1.5 ms more than was predicted: those of 2 ms would take 3.5.
    ScoreResult slow = search(5, 4.5, 2.5);
    assertThat(slow.measured()).hasSize(2);
    assertThat(slow.score()).isZero();
    assertThat(slow.satisfied()).isTrue();
  }

  @Test
  void takesFromTheFrontWhereTheLeadersAreAllTooSlow() {
    // Over a hundred of four picks score more than the fastest.
    LayeredSpace.Builder layers =
        LayeredSpace.named("deep", new FeatureShape(1, 8, 8), 2).stem(new ConvBnAct(1, 4, 1));
    for (int l = 0; l < 7; l++) {
      layers.choice("layer" + l, new ConvBnAct(3, 4, 1), new SkipConnect(4, 1));
    }
    LayeredSpace deep = layers.build();
    Predictor latency = Predictor.of(deep, Metric.LATENCY, a -> 8 - Toy.sum(a));
    Device table =
        new Scripted() {
          @Override
          public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
            // One network alone is as fast as was said.
            double millis = architecture.equals(deep.uniform(1)) ? 1 : 20;
            return new Measurement(millis, 0, 20, 1, 1, 1);
          }
        };
    ScoreResult found =
        RandomSearch.builder(Evaluator.of("convolutions", a -> 8 - Toy.sum(a)))
            .build()
            .search(deep, Constraint.atMost(8, latency).measuredOn(table));
    assertThat(found.leaders().stream().map(Scored::architecture)).doesNotContain(deep.uniform(1));
    assertThat(found.architecture()).isEqualTo(deep.uniform(1));
    assertThat(found.satisfied()).isTrue();
    assertThat(found.measured()).hasSize(3);
  }

  @Test
  void takesWhatExceedsTheBoundLeastWhereNoFinalistKeepsIt() {
    ScoreResult found = search(3, 3.3, 3.1, 3.2);
    assertThat(found.measured()).hasSize(3);
    assertThat(found.satisfied()).isFalse();
    assertThat(found.best()).isEqualTo(found.leaders().get(1));
    assertThat(search(5, 9, 8, 7, 6).measured()).hasSize(4);
  }

  @Test
  void refusesToMeasureWhatHasNoNetworks() {
    Toy toy = Toy.of(2, 2);
    Constraint bound = Constraint.atMost(2, toy.latency()).measuredOn(new Scripted(1));
    assertThatThrownBy(() -> RandomSearch.builder(Toy.sums()).build().search(toy, bound))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Space 'toy' describes choices only, so nothing of it can be measured.\n"
                + "Maybe leave measuredOn(device) away.");
  }

  @Test
  void itsJsonGivesTheArchitectureBackAndHoldsWhatWasFound(@TempDir Path folder)
      throws IOException {
    ScoreResult result =
        RandomSearch.builder(SCORE).build().search(SPACE, Constraint.atMost(2.5, LATENCY));
    Found found = result;
    Path file = folder.resolve("found.json");
    found.write(file);
    String json = Files.readString(file);
    assertThat(SPACE.read(json)).isEqualTo(found.architecture());
    JsonNode root = new ObjectMapper().readTree(json);
    assertThat(root.get("score").doubleValue()).isEqualTo(1);
    assertThat(root.get("scoreName").asText()).isEqualTo("convolutions");
    assertThat(root.get("tally").get("evaluations").intValue()).isEqualTo(3);
    assertThat(root.get("verdicts").get(0).get("predicted").doubleValue()).isEqualTo(2);
    assertThat(root.get("settings").get("searcher").asText()).isEqualTo("random search");
    assertThat(root.get("provenance").get("seed").asText()).isEqualTo("42");
    assertThat(result)
        .hasToString(
            result.architecture()
                + ": convolutions 1.0; asked ≤ 2.500 ms, predicted 2.000 ms: satisfied");
  }

  @Test
  void itsReportShowsTheRiseAndTheLeaders() {
    ScoreResult result =
        RandomSearch.builder(SCORE).build().search(SPACE, Constraint.atMost(2.5, LATENCY));
    String html = result.page().html();
    assertThat(html)
        .contains("<h1>Search in small</h1>")
        .contains("Best score so far")
        .contains("predicted latency [ms]")
        .contains("satisfied")
        .contains("3 evaluations (0 remembered); refused")
        .doesNotContain("Measured");
    result.leaders().forEach(leader -> assertThat(html).contains(leader.architecture().id()));
    assertThat(RandomSearch.builder(SCORE).build().search(SPACE).page().html())
        .contains("found at number");
  }

  @Test
  void copiesWhatItIsGiven() {
    ScoreResult base = RandomSearch.builder(SCORE).build().search(SPACE);
    List<Scored> leaders = new ArrayList<>(base.leaders());
    ScoreResult copy =
        new ScoreResult(
            base.best(),
            base.scoreName(),
            base.constraints(),
            base.verdicts(),
            base.measured(),
            leaders,
            base.improvements(),
            base.front(),
            base.tally(),
            base.settings(),
            base.provenance(),
            base.elapsed());
    leaders.clear();
    assertThat(copy).isEqualTo(base);
    assertThat(copy.leaders()).hasSize(4);
  }

  @Test
  void tablesAnswerForWhatTheyHold() {
    TabularEvaluator table =
        TabularEvaluator.of(
            "known", SPACE, Map.of(SPACE.uniform(0), 3.0, SPACE.architecture(0, 1), 5.0));
    assertThat(table.score(SPACE.architecture(0, 1))).isEqualTo(5);
    assertThat(table.mean(List.of(SPACE.uniform(0), SPACE.architecture(0, 1)))).isEqualTo(4);
    assertThat(table.name()).isEqualTo("known");
    assertThat(table.scores()).hasSize(2);
    assertThatThrownBy(() -> table.score(SPACE.uniform(1)))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "The table of 'known' has no score of architecture "
                + SPACE.uniform(1).id()
                + ", only of 2 others.\nMaybe search among those it has.");
    assertThatThrownBy(() -> table.score(Toy.of(2, 2).uniform(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("belongs to space 'toy', not to 'small'");
    assertThatThrownBy(() -> table.mean(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no mean of no scores.");
    assertThatThrownBy(() -> TabularEvaluator.of("none", SPACE, Map.of()))
        .hasMessage("The table of 'none' holds no score.");
    assertThatThrownBy(
            () -> TabularEvaluator.of("bad", SPACE, Map.of(SPACE.uniform(0), Double.NaN)))
        .hasMessage(
            "The table of 'bad' scores architecture "
                + SPACE.uniform(0).id()
                + " with NaN.\nMaybe leave it out.");
  }

  @Test
  void aDeviceThatFailsDoesNotTakeTheResultWithIt() {
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> search(1))
        .withMessageStartingWith("The search found {\"format\":1,")
        .withMessageContaining(", but it could not be measured: Device ");
  }

  /** So that a search does not go on with scores of another table. */
  @Test
  void aTableOfScoresSaysWhichItIs() {
    Architecture one = SPACE.uniform(0);
    Architecture two = SPACE.uniform(1);
    Map<String, String> settings =
        TabularEvaluator.of("a", SPACE, Map.of(one, 1.0, two, 2.0)).settings();
    assertThat(settings).hasSize(1);
    assertThat(TabularEvaluator.of("a", SPACE, Map.of(one, 2.0, two, 1.0)).settings())
        .isNotEqualTo(settings);
    assertThat(TabularEvaluator.of("a", SPACE, Map.of(two, 2.0, one, 1.0)).settings())
        .isEqualTo(settings);
  }
}
