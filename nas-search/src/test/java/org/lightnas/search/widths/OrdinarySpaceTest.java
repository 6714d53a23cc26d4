package org.lightnas.search.widths;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.population.EvolutionSearch;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TrainingEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.widths.ChannelSpace;
import org.lightnas.train.Trainer;

/** Searches by scores and evaluators take widths as they take operations. */
class OrdinarySpaceTest {

  private static final ImageData IMAGES = ImageData.generated(60, 20, 1);

  private static final LayeredSpace SPACE =
      LayeredSpace.named("found", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 16, 2))
          .choice("a", new MbConv(3, 3, 16, 1))
          .choice("b", new MbConv(5, 3, 24, 2))
          .head(new ConvBnAct(1, 64, 1))
          .build();

  private static final Architecture FOUND = SPACE.uniform(0);

  @Test
  void anEvolutionKeepsTheBoundAndFindsBetterWidths() {
    ChannelSpace widths = ChannelSpace.of(FOUND);
    CostPredictor parameters = CostPredictor.parameters(widths);
    // Operations are worth something, parameters cost: narrow where maps are small.
    ScoreResult found =
        EvolutionSearch.builder(Evaluator.of("MACs", a -> Cost.of(a).macs() / 1e6))
            .population(10)
            .stop(StopRule.evaluations(80))
            .build()
            .search(widths, Constraint.atMost(Cost.of(FOUND).parameters() * 1.0, parameters));
    assertThat(Cost.of(found.architecture()).parameters())
        .isLessThanOrEqualTo(Cost.of(FOUND).parameters());
    assertThat(Cost.of(found.architecture()).macs()).isGreaterThan(Cost.of(FOUND).macs());
  }

  @Test
  void trainingScoresResolutionsOnResizedImages() {
    ChannelSpace sizes = ChannelSpace.builder(FOUND).factors(0.5).resolutions(12, 16).build();
    Trainer trainer = Trainer.builder().epochs(1).batchSize(15).batchNormReestimation(1).build();
    TrainingEvaluator evaluator = TrainingEvaluator.of(sizes.on(IMAGES), trainer, 0.25);
    for (String resolution : new String[] {"r12", "r24"}) {
      assertThat(evaluator.score(sizes.start().with("resolution", resolution)))
          .isBetween(0.0, 100.0);
    }
  }
}
