package org.lightnas.search;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageSet;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.TrainableSpace;

/**
 * As {@link LightNas}: weights and logits learn from a half of the training images each, by turns.
 *
 * @param faithful as LightNAS is published
 * @param estimator what logits learn from
 * @param paths compared per logit pass
 * @param sharedKernels whether operations of one family share weights
 */
record BilevelProcedure(boolean faithful, Estimator estimator, int paths, boolean sharedKernels)
    implements Procedure {

  static BilevelProcedure robust() {
    return new BilevelProcedure(false, Estimator.PATHS, 2, true);
  }

  static BilevelProcedure published() {
    return new BilevelProcedure(true, Estimator.ALL_GATES, 1, false);
  }

  BilevelProcedure with(Estimator other) {
    return new BilevelProcedure(faithful, other, paths, sharedKernels);
  }

  BilevelProcedure with(int otherPaths) {
    return new BilevelProcedure(faithful, estimator, otherPaths, sharedKernels);
  }

  BilevelProcedure sharing(boolean other) {
    return new BilevelProcedure(faithful, estimator, paths, other);
  }

  @Override
  public String start() {
    return LightNas.class.getName() + (faithful ? ".faithful()" : ".builder()");
  }

  @Override
  public SearchSettings usual() {
    return faithful ? SearchSettings.published(published()) : LightNas.defaults(LightNas.STEPS);
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("searcher", faithful ? "LightNAS, as published" : "LightNAS");
    facts.put("estimator", estimator.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (estimator == Estimator.PATHS) {
      facts.put("paths compared", Integer.toString(paths));
    }
    facts.put("weights shared by", sharedKernels ? "families of operations" : "equal operations");
    return facts;
  }

  @Override
  public Timetable timetable(int warmup, int more, int perEpoch) {
    return new Timetable(warmup, more, faithful ? perEpoch : 1);
  }

  private static List<ImageSet> halves(TrainableSpace trainable, SearchSettings settings) {
    return trainable.images().train().split(0.5, Seeds.derive(settings.seed(), "halves", 0));
  }

  @Override
  public Batches forWeights(TrainableSpace trainable, SearchSettings settings) {
    return Procedure.batches(halves(trainable, settings).get(0), settings, "weight batches");
  }

  @Override
  public Supernet.Abilities abilities() {
    return new Supernet.Abilities(
        estimator != Estimator.PATHS, !faithful, faithful, false, sharedKernels);
  }

  @Override
  public boolean learnsMultipliers() {
    return true;
  }

  @Override
  public LogitSearch logits(
      List<Constraint> constraints, List<Boolean> aims, int passes, long seed) {
    return LogitSearch.of(constraints, aims, null, faithful, estimator, paths, passes, seed);
  }

  private int pathsOfWarmUp(ChoiceSpace space) {
    return faithful ? Logits.most(space) : 1;
  }

  @Override
  public double seconds(Timetable timetable, ChoiceSpace space, double train, double loss) {
    double logits = estimator == Estimator.PATHS ? paths * loss : train;
    return timetable.warmup() * pathsOfWarmUp(space) * train + timetable.pairs() * (train + logits);
  }

  @Override
  public Passes passes(
      TrainableSpace trainable,
      SearchSettings settings,
      Supernet supernet,
      LogitSearch logits,
      BiConsumer<Phase, Architecture> heard) {
    return new BilevelPasses(
        supernet,
        logits,
        forWeights(trainable, settings),
        Procedure.batches(halves(trainable, settings).get(1), settings, "logit batches"),
        new FairPaths(trainable.space(), settings.seed()),
        pathsOfWarmUp(trainable.space()) > 1,
        settings.seed(),
        heard);
  }
}
