package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Predictor;
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

  /** Standard errors within which two families are as good as each other. */
  private static final double NOISE = 1;

  /** Standard errors beyond which a family need not be tried further, and on how many samples. */
  private static final double HOPELESS = 3;

  private static final int ENOUGH_TO_DROP = 8;

  /**
   * Errors beyond so many times the least median count as this: a few networks that no family can
   * predict would otherwise drown what tells families apart.
   */
  private static final double CAP = 3;

  /** A prediction that is not positive counts as this share of the measurement. */
  private static final double LEAST_RATIO = 1e-3;

  private final Profile profile;
  private final List<Entrant> entrants = new ArrayList<>();
  private final int folds;
  private int rank;
  private double cap;
  private final int[] foldOf;

  /** A family and what it predicted so far. */
  private static final class Entrant {

    private final PredictorFamily family;
    private final int simplicity;
    private final double[] predicted;
    private final double[] errors;
    private boolean dropped;
    private @Nullable IllegalArgumentException failure;

    Entrant(PredictorFamily family, int simplicity, int samples) {
      this.family = family;
      this.simplicity = simplicity;
      predicted = new double[samples];
      errors = new double[samples];
      Arrays.fill(errors, Double.NaN);
    }

    boolean running() {
      return !dropped && failure == null;
    }
  }

  CrossValidation(Profile profile, List<PredictorFamily> families) {
    this.profile = profile;
    int n = profile.samples().size();
    checkArgument(!families.isEmpty(), "There is no family of predictors to choose from.");
    checkArgument(
        n >= MIN_SAMPLES,
        "Families are compared on at least %s samples, but the profile of space '%s' has %s.\n"
            + "Maybe measure more.",
        MIN_SAMPLES,
        profile.space().name(),
        n);
    boolean hasDeadParts =
        profile.samples().stream()
            .map(Profile.Sample::architecture)
            .anyMatch(a -> !a.equals(profile.space().reachable(a)));
    for (PredictorFamily family : families) {
      enter(family);
      if (hasDeadParts) {
        rank++;
        enter(family.reachable());
      }
      rank++;
    }
    folds = n < MANY ? Math.min(10, n) : 5;
    foldOf = assign(n);
  }

  private void enter(PredictorFamily family) {
    checkArgument(
        entrants.stream().noneMatch(e -> e.family.name().equals(family.name())),
        "Two families are named '%s'.\nMaybe give one another name.",
        family.name());
    entrants.add(new Entrant(family, rank, profile.samples().size()));
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
    for (int fold = 0; fold < folds; fold++) {
      for (Entrant entrant : entrants) {
        if (entrant.running()) {
          predict(entrant, fold);
        }
      }
      dropHopeless();
    }
    Entrant best =
        entrants.stream()
            .filter(Entrant::running)
            .min(Comparator.comparingDouble(e -> loss(e)))
            .orElseThrow(this::noneFits);
    Entrant chosen =
        entrants.stream()
            .filter(e -> e.running() && withinNoise(e, best))
            .min(
                Comparator.comparingInt((Entrant e) -> e.simplicity)
                    .thenComparingDouble(e -> loss(e)))
            .orElseThrow();
    PredictorReport report = report(chosen);
    Selection selection =
        new Selection(
            chosen.family.name(),
            Judged.of(chosen.family.fit(profile), report),
            report,
            entrants.stream().map(e -> describe(e, best, chosen)).toList());
    log.info("Of {} families, {} is taken for {}", entrants.size(), selection.family(), profile);
    return selection;
  }

  private void predict(Entrant entrant, int fold) {
    List<Profile.Sample> samples = profile.samples();
    List<Profile.Sample> training =
        IntStream.range(0, foldOf.length)
            .filter(i -> foldOf[i] != fold)
            .mapToObj(samples::get)
            .toList();
    try {
      Predictor fitted =
          entrant.family.fit(new Profile(profile.space(), profile.fingerprint(), training));
      for (int i = 0; i < foldOf.length; i++) {
        if (foldOf[i] == fold) {
          double measured = samples.get(i).measurement().millis();
          double predicted = fitted.predict(samples.get(i).architecture());
          entrant.predicted[i] = predicted;
          // Also for NaN.
          double ratio = predicted > LEAST_RATIO * measured ? predicted / measured : LEAST_RATIO;
          entrant.errors[i] = Math.abs(Math.log(ratio));
        }
      }
    } catch (IllegalArgumentException e) {
      entrant.failure = e;
    }
  }

  private void dropHopeless() {
    cap =
        CAP
            * entrants.stream()
                .filter(Entrant::running)
                .mapToDouble(e -> median(e.errors))
                .min()
                .orElse(0);
    Entrant leader =
        entrants.stream()
            .filter(Entrant::running)
            .min(Comparator.comparingDouble(e -> loss(e)))
            .orElse(null);
    for (Entrant entrant : entrants) {
      if (leader != null && entrant.running()) {
        Difference difference = new Difference(entrant.errors, leader.errors, cap);
        entrant.dropped =
            difference.samples >= ENOUGH_TO_DROP && difference.mean > HOPELESS * difference.error;
      }
    }
  }

  private boolean withinNoise(Entrant entrant, Entrant best) {
    return new Difference(entrant.errors, best.errors, cap).withinNoise();
  }

  private IllegalArgumentException noneFits() {
    IllegalArgumentException first = Objects.requireNonNull(entrants.get(0).failure);
    return new IllegalArgumentException(
        "No family can be fitted to " + profile + ": " + first.getMessage(), first);
  }

  private PredictorReport report(Entrant chosen) {
    return new PredictorReport(
        folds,
        IntStream.range(0, foldOf.length)
            .mapToObj(
                i ->
                    new PredictorReport.Pair(
                        profile.samples().get(i).measurement().millis(), chosen.predicted[i]))
            .toList());
  }

  private Compared describe(Entrant entrant, Entrant best, Entrant chosen) {
    IllegalArgumentException failure = entrant.failure;
    if (failure != null) {
      return new Compared(
          entrant.family.name(),
          Outcome.FAILED,
          0,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          String.valueOf(failure.getMessage()));
    }
    Difference difference = new Difference(entrant.errors, best.errors, cap);
    Outcome outcome =
        entrant == chosen
            ? Outcome.CHOSEN
            : entrant.dropped
                ? Outcome.DROPPED
                : difference.withinNoise() ? Outcome.WITHIN_NOISE : Outcome.WORSE;
    return new Compared(
        entrant.family.name(),
        outcome,
        difference.samples,
        median(entrant.errors),
        difference.mean,
        difference.error,
        "");
  }

  private double loss(Entrant entrant) {
    return mean(Arrays.stream(entrant.errors).map(e -> Math.min(e, cap)).toArray());
  }

  /** Of what is there. */
  private static double median(double[] errors) {
    return new Median().evaluate(Arrays.stream(errors).filter(e -> !Double.isNaN(e)).toArray());
  }

  /** Of what is there. */
  private static double mean(double[] errors) {
    return Arrays.stream(errors).filter(e -> !Double.isNaN(e)).average().orElse(Double.NaN);
  }

  /** Mean of the pairwise differences on the samples that both predicted, and its error. */
  private static final class Difference {

    private final int samples;
    private final double mean;
    private final double error;

    Difference(double[] errors, double[] best, double cap) {
      double[] differences =
          IntStream.range(0, errors.length)
              .mapToDouble(i -> Math.min(errors[i], cap) - Math.min(best[i], cap))
              .filter(d -> !Double.isNaN(d))
              .toArray();
      samples = differences.length;
      mean = CrossValidation.mean(differences);
      double squares = Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum();
      error = samples < 2 ? Double.POSITIVE_INFINITY : Math.sqrt(squares / (samples - 1) / samples);
    }

    boolean withinNoise() {
      return mean <= NOISE * error;
    }
  }
}
