package org.lightnas.search;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Batches;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.TrainableSpace;

/**
 * As {@link SurgeNas}: weights and logits learn from all training images at once, by ordered paths
 * whose gradients are summed.
 *
 * @param faithful with the rates and temperatures of LightNAS as published
 * @param estimator what logits learn from
 * @param paths compared per pass, the first ordered one among them
 * @param identityMapping whether choices have a fading shortcut
 * @param lambda the multiplier of every bound; null to learn it
 */
record OneLevelProcedure(
    boolean faithful,
    Estimator estimator,
    int paths,
    boolean identityMapping,
    @Nullable Double lambda)
    implements Procedure {

  static OneLevelProcedure robust() {
    return new OneLevelProcedure(false, Estimator.PATHS, 7, false, null);
  }

  static OneLevelProcedure reconstructed(double lambda) {
    return new OneLevelProcedure(true, Estimator.GATES, 1, true, lambda);
  }

  @Override
  public String start() {
    return SurgeNas.class.getName()
        + (faithful ? ".faithful(" + requireNonNull(lambda) + ")" : ".builder()");
  }

  @Override
  public SearchSettings usual() {
    return faithful
        ? SearchSettings.published(reconstructed(requireNonNull(lambda)))
        : SurgeNas.defaults();
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("searcher", faithful ? "SurgeNAS, reconstructed" : "SurgeNAS");
    facts.put("estimator", estimator.name().toLowerCase(Locale.ROOT));
    if (estimator == Estimator.PATHS) {
      facts.put("paths compared", Integer.toString(paths));
    }
    facts.put("identity mapping", identityMapping ? "yes" : "no");
    facts.put("lambda", lambda == null ? "learned" : Double.toString(lambda));
    return facts;
  }

  @Override
  public Timetable timetable(int warmup, int more, int perEpoch) {
    return new Timetable(warmup, more, Timetable.TOGETHER);
  }

  @Override
  public Batches forWeights(TrainableSpace trainable, SearchSettings settings) {
    return Procedure.batches(trainable.images().train(), settings, "weight batches");
  }

  @Override
  public Supernet.Abilities abilities() {
    return new Supernet.Abilities(
        estimator != Estimator.PATHS, !faithful, true, identityMapping, false);
  }

  @Override
  public boolean learnsMultipliers() {
    return lambda == null;
  }

  @Override
  public LogitSearch logits(
      List<Constraint> constraints, List<Boolean> aims, int passes, long seed) {
    return LogitSearch.of(constraints, aims, lambda, faithful, estimator, paths, passes, seed);
  }

  @Override
  public double seconds(Timetable timetable, ChoiceSpace space, double train, double loss) {
    double looks = estimator == Estimator.PATHS ? (paths - 1) * loss : 0;
    return timetable.total() * Logits.most(space) * train + timetable.pairs() * looks;
  }

  @Override
  public Passes passes(
      TrainableSpace trainable,
      SearchSettings settings,
      Supernet supernet,
      LogitSearch logits,
      BiConsumer<Phase, Architecture> heard) {
    Batches batches = forWeights(trainable, settings);
    Timetable timetable = settings.timetable(batches.perEpoch());
    return new OrderedPasses(
        supernet,
        logits,
        batches,
        IdentityShare.of(timetable, batches.perEpoch()),
        settings.seed(),
        heard);
  }
}
