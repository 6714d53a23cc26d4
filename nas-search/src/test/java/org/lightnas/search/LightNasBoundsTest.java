package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.NasException;
import org.lightnas.Progress;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Verdict;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;

/** Bounds of other kinds, several at once, and what is said about them. */
class LightNasBoundsTest {

  private static final ImageData IMAGES = Tiny.images(192, 6);

  private static SearchResult search(Constraint first, Constraint... more) {
    return Tiny.search().steps(16).build().search(Tiny.SPACE.on(IMAGES), first, more);
  }

  private static double range(Predictor predictor, double share) {
    Constraint any = Constraint.atMost(1, predictor);
    double least = predictor.predict(Extremes.cheapest(any));
    double most = predictor.predict(Extremes.costliest(any));
    return least + share * (most - least);
  }

  @Test
  void keepsBoundsOnCountsThatNeedNoDevice() {
    for (CostPredictor predictor :
        List.of(
            CostPredictor.macs(Tiny.SPACE),
            CostPredictor.parameters(Tiny.SPACE),
            CostPredictor.activations(Tiny.SPACE))) {
      Constraint bound = Constraint.atMost(range(predictor, 0.6), predictor);
      SearchResult found = search(bound);
      assertThat(found.satisfied()).as("%s", found).isTrue();
      assertThat(predictor.predict(found.architecture())).isLessThanOrEqualTo(bound.bound());
    }
    Constraint macs = Constraint.atMost(1e5, CostPredictor.macs(Tiny.SPACE));
    SearchResult found = search(macs);
    assertThat((double) Cost.of(found.architecture()).macs()).isLessThanOrEqualTo(1e5);
  }

  /** A fixture: what a skip saves in energy is not what it saves in time. */
  @Test
  void keepsABoundOnEnergy() {
    Predictor energy =
        Predictor.of(
            Tiny.SPACE, Metric.ENERGY, a -> 10 + 3 * a.pick(0) + 2 * a.pick(1) - a.pick(2));
    SearchResult found = search(Constraint.atMost(13, energy));
    assertThat(energy.predict(found.architecture())).isLessThanOrEqualTo(13);
    assertThat(found.verdict().toString()).startsWith("asked ≤ 13.000 mJ, predicted ");
  }

  @Test
  void keepsSeveralBoundsAtOnceWithAMultiplierForEach() {
    Predictor parameters = CostPredictor.parameters(Tiny.SPACE);
    Constraint time = Constraint.atMost(6, Tiny.TABLE);
    Constraint size = Constraint.atMost(range(parameters, 0.4), parameters);
    SearchResult found = search(time, size);
    assertThat(found.verdicts()).hasSize(2).allMatch(Verdict::satisfied);
    assertThat(found.history()).allMatch(step -> step.pressures().size() == 2);
    assertThat(found.history()).allMatch(s -> s.pressures().get(1).multiplier() >= 0);
    assertThat(found.settings())
        .containsEntry("aims at the bound on latency", "no")
        .containsEntry("aims at the bound on parameters", "no")
        .containsEntry("projection", "proved best");
    assertThat(found.toString()).contains(" ms", "; asked ≤ ", " parameters");
    assertThat(found.page().html())
        .contains("Towards the bound on latency", "Towards the bound on parameters");
  }

  @Test
  void twoBoundsThatExcludeEachOtherAreRefusedBeforeAnyTraining() {
    Predictor reverse = Predictor.of(Tiny.SPACE, Metric.ENERGY, a -> 12 - Tiny.TABLE.predict(a));
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                LightNas.searchOnce(
                    Tiny.SPACE.on(IMAGES),
                    Constraint.atMost(3, Tiny.TABLE),
                    Constraint.atMost(4, reverse)))
        .withMessageStartingWith(
            "No architecture of space 'tiny' was found that meets latency <= 3.000 ms and energy"
                + " <= 4.000 mJ at once");
  }

  @Test
  void refusesNoBoundAtAll() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tiny.search().build().search(Tiny.SPACE.on(IMAGES), List.of()))
        .withMessage("A search needs at least one bound, but got none.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LightNas.searchMany(Tiny.SPACE.on(IMAGES), List.of()))
        .withMessage("A search needs at least one bound, but got none.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchResults(List.of()))
        .withMessage("There is no result to keep.");
  }

  @Test
  void saysBeforehandWhatItWouldDo() {
    SearchPlan plan =
        Tiny.search().build().plan(Tiny.SPACE.on(IMAGES), Constraint.atMost(20, Tiny.TABLE));
    assertThat(plan.toString())
        .matches(
            "(?s)Search of space 'tiny'\n"
                + "  latency from 2\\.375 to 9\\.000 ms, asked ≤ 20\\.000 ms \\(slack: it decides"
                + " nothing\\)\n"
                + "  64 passes: 16 of weights to warm up, then 24 of weights and 24 of logits; about"
                + " \\d+ s\n"
                + "  weights .* MiB, activations .* MiB");
    assertThat(plan.reach().get(0).slack()).isTrue();
  }

  @Test
  void thePublishedSearchRunsWithItsOwnSupernet() {
    LayeredSpace other =
        new LayeredSpace(
            "tiny-supernet",
            Tiny.INPUT,
            Tiny.CLASSES,
            Tiny.SPACE.stem(),
            Tiny.SPACE.choices(),
            List.of(new ConvBnAct(1, 24, 1)),
            List.of(),
            true);
    SearchResult found =
        LightNas.faithful()
            .epochs(5)
            .batchSize(16)
            .supernet(other)
            .build()
            .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(6.5, Tiny.TABLE));
    assertThat(found.architecture().space()).isEqualTo(Tiny.SPACE);
    assertThat(Tiny.TABLE.predict(found.architecture())).isBetween(0.97 * 6.5, 6.5);
    assertThat(found.settings())
        .containsEntry("searcher", "LightNAS, as published")
        .containsEntry("estimator", "all gates")
        .containsEntry("epochs", "5")
        .containsEntry("supernet", "tiny-supernet");
    // An epoch of weights, then one of logits.
    assertThat(found.history().subList(4, 16)).hasSize(12);
    assertThat(found.history().get(3).phase()).isEqualTo(Phase.WEIGHTS);
    assertThat(found.history().get(8).phase()).isEqualTo(Phase.WEIGHTS);
    assertThat(found.history().get(9).phase()).isEqualTo(Phase.LOGITS);
    LayeredSpace blind = Tiny.BLIND;
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LightNas.faithful()
                    .supernet(blind)
                    .build()
                    .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(6.5, Tiny.TABLE)))
        .withMessage(
            "The supernet's space 'blind' has other choices, images or classes than 'tiny', which"
                + " is to be searched.\nMaybe it is for another input shape or number of classes.");
  }

  @Test
  void eachModeHasItsEstimators() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LightNas.builder().estimator(Estimator.ALL_GATES))
        .withMessage("The default search cannot learn from ALL_GATES.\nMaybe take GATES.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LightNas.faithful().estimator(Estimator.PATHS))
        .withMessage("The published search cannot learn from PATHS.\nMaybe take GATES.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LightNas.faithful().paths(3))
        .withMessage("The published search compares no paths.\nMaybe leave paths(3) away.");
  }

  @Test
  void warnsOfWeightsThatDoNotLearn() {
    List<String> warnings = new ArrayList<>();
    SearchListener ears =
        new SearchListener() {
          @Override
          public void onWarning(String warning) {
            warnings.add(warning);
          }
        };
    Tiny.search()
        .steps(20)
        .learningRate(1e-9)
        .listener(ears)
        .build()
        .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(6.5, Tiny.TABLE));
    assertThat(warnings)
        .anyMatch(text -> text.startsWith("The weights do not learn: their mean loss over"))
        .allMatch(text -> text.contains("\nMaybe "));
  }

  @Test
  void writesPassesAsCsv(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new/passes.csv");
    SearchResult found =
        Tiny.search()
            .steps(6)
            .listener(SearchListener.csv(file))
            .listener(SearchListener.log(3))
            .build()
            .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(6.5, Tiny.TABLE));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1 + found.history().size());
    assertThat(lines.get(0)).isEqualTo("step,phase,loss,entropy,expected0,multiplier0");
    SearchStep last = found.history().get(found.history().size() - 1);
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo(
            last.step()
                + ",logits,"
                + last.loss()
                + ","
                + last.entropy()
                + ","
                + last.expected()
                + ","
                + last.multiplier());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchListener.log(0))
        .withMessage("A line can come every 1 or more passes, not every 0.");
  }

  @Test
  void aDeviceThatCannotMeasureIsNoticedBeforeAnythingIsTrained() {
    Device closed =
        new Device() {
          @Override
          public String fingerprint() {
            return "closed";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            throw new IllegalStateException("The device is closed.");
          }

          @Override
          public String toString() {
            return "closed";
          }
        };
    List<SearchStep> heard = new ArrayList<>();
    SearchListener listener =
        new SearchListener() {
          @Override
          public void onStep(Progress progress, SearchStep step) {
            heard.add(step);
          }
        };
    Constraint bound = Constraint.atMost(6.5, Tiny.TABLE).measuredOn(closed);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(
            () -> Tiny.search().listener(listener).build().search(Tiny.SPACE.on(IMAGES), bound))
        .withMessageMatching(
            "(?s)Device closed, which is to measure what is found, failed on architecture \\S+:"
                + " .*The device is closed.*\nMaybe .*");
    assertThat(heard).isEmpty();
  }

  /** A pass that an interruption ends is told before, and a search that goes on leaves it out. */
  @Test
  void anInterruptedThreadWritesItsLastPassAsCsv(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("passes.csv");
    SearchListener csv = SearchListener.csv(file);
    SearchStep step = new SearchStep(0, Phase.WEIGHTS, 1, List.of(), 1);
    Thread.currentThread().interrupt();
    try {
      csv.onStep(new Progress("search", 1, 2, Duration.ZERO), step);
      csv.onStep(new Progress("search", 2, 2, Duration.ZERO), step);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(Files.readAllLines(file)).hasSize(3);
  }
}
