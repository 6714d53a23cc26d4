package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.Entrant.Excess;
import org.lightnas.predict.Selection.Compared;
import org.lightnas.predict.Selection.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One comparison of families on one profile; {@link Predictors#best} says how it is done. */
final class CrossValidation {

  private static final Logger log = LoggerFactory.getLogger(CrossValidation.class);

  private static final int MIN_SAMPLES = 4;

  /** From so many samples on, a fold more or less matters little. */
  private static final int MANY = 100;

  /** So many standard errors a family must be better to be preferred to a simpler one. */
  private static final double CLEARLY = 1;

  /** So many it must be better after every fold to be tried further. */
  private static final double PROMISING = 0.5;

  private static final int ENOUGH_TO_DROP = 8;

  /** On fewer samples with dead parts chance decides whether these count. */
  private static final int ENOUGH_DEAD = 3;

  private final Profile profile;
  private final List<PredictorFamily> families;
  private final List<Entrant> entrants = new ArrayList<>();
  private final int folds;
  private final int[] foldOf;

  CrossValidation(Profile profile, List<PredictorFamily> families) {
    this.profile = profile;
    this.families = List.copyOf(families);
    int n = profile.samples().size();
    checkArgument(!families.isEmpty(), "There is no family of predictors to choose from.");
    checkArgument(
        n >= MIN_SAMPLES,
        "Families are compared on at least %s samples, but the profile of space '%s' has %s.\n"
            + "Maybe measure more.",
        MIN_SAMPLES,
        profile.space().name(),
        n);
    for (int i = 0; i < families.size(); i++) {
      String name = families.get(i).name();
      checkArgument(
          families.subList(0, i).stream().noneMatch(f -> f.name().equals(name)),
          "Two families are named '%s'.\nMaybe give one another name.",
          name);
    }
    folds = n < MANY ? Math.min(10, n) : 5;
    foldOf = assign(n);
  }

  /** Folds by the architectures, so that measuring order, which may hold drift, plays no part. */
  private int[] assign(int n) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    order.sort(Comparator.comparing(i -> profile.samples().get(i).architecture().id()));
    Collections.shuffle(order, new Random(Seeds.derive(1, "cross-validation", n)));
    int[] assigned = new int[n];
    for (int i = 0; i < n; i++) {
      assigned[order.get(i)] = i % folds;
    }
    return assigned;
  }

  Selection select() {
    long deadParts =
        profile.samples().stream()
            .map(Profile.Sample::architecture)
            .filter(a -> !a.equals(profile.space().reachable(a)))
            .count();
    Entrant champion = null;
    boolean reachable = false;
    for (PredictorFamily family : families) {
      if (champion == null) {
        champion = challenge(null, family, false);
        if (deadParts >= ENOUGH_DEAD) {
          Entrant better = challenge(champion, family.reachable(), false);
          reachable = better != champion;
          champion = better;
        }
      } else {
        champion = challenge(champion, reachable ? family.reachable() : family, true);
      }
    }
    if (champion == null) {
      IllegalArgumentException first = Objects.requireNonNull(entrants.get(0).failure());
      throw new IllegalArgumentException(
          "No family can be fitted to " + profile + ": " + first.getMessage(), first);
    }
    Entrant chosen = champion;
    PredictorReport report = report(chosen);
    Selection selection =
        new Selection(
            chosen.family().name(),
            Judged.of(chosen.family().fit(profile), report),
            report,
            entrants.stream().map(e -> describe(e, chosen)).toList());
    log.info("{} is taken for {}", selection.family(), profile);
    return selection;
  }

  /**
   * The family, if it is clearly better than the champion; otherwise the champion.
   *
   * @param impatient whether to drop it once it is not ahead
   */
  private @Nullable Entrant challenge(
      @Nullable Entrant champion, PredictorFamily family, boolean impatient) {
    Entrant entrant = new Entrant(family, foldOf.length);
    entrants.add(entrant);
    for (int fold = 0; fold < folds; fold++) {
      try {
        predict(entrant, fold);
      } catch (IllegalArgumentException e) {
        entrant.fail(e);
        return champion;
      }
      if (champion != null && impatient && fold < folds - 1) {
        Excess excess = entrant.over(champion);
        if (excess.samples() >= ENOUGH_TO_DROP && !isBetter(excess, PROMISING)) {
          entrant.drop();
          return champion;
        }
      }
    }
    return champion == null || isBetter(entrant.over(champion), CLEARLY) ? entrant : champion;
  }

  private static boolean isBetter(Excess excess, double errors) {
    return excess.mean() < -errors * excess.noise();
  }

  private void predict(Entrant entrant, int fold) {
    List<Profile.Sample> samples = profile.samples();
    List<Profile.Sample> training =
        IntStream.range(0, foldOf.length)
            .filter(i -> foldOf[i] != fold)
            .mapToObj(samples::get)
            .toList();
    Predictor fitted =
        entrant.family().fit(new Profile(profile.space(), profile.fingerprint(), training));
    for (int i = 0; i < foldOf.length; i++) {
      if (foldOf[i] == fold) {
        entrant.predicted(
            i,
            samples.get(i).measurement().millis(),
            fitted.predict(samples.get(i).architecture()));
      }
    }
  }

  private PredictorReport report(Entrant chosen) {
    return new PredictorReport(
        folds,
        IntStream.range(0, foldOf.length)
            .mapToObj(
                i ->
                    new PredictorReport.Pair(
                        profile.samples().get(i).measurement().millis(), chosen.predicted(i)))
            .toList());
  }

  private static Compared describe(Entrant entrant, Entrant chosen) {
    String name = entrant.family().name();
    IllegalArgumentException failure = entrant.failure();
    if (failure != null) {
      String reason = String.valueOf(failure.getMessage());
      return new Compared(name, Outcome.FAILED, 0, Double.NaN, Double.NaN, Double.NaN, reason);
    }
    Excess excess = entrant.over(chosen);
    Outcome outcome =
        entrant == chosen
            ? Outcome.CHOSEN
            : entrant.dropped() ? Outcome.DROPPED : Outcome.NOT_CHOSEN;
    return new Compared(
        name, outcome, excess.samples(), entrant.error(), excess.mean(), excess.noise(), "");
  }
}
