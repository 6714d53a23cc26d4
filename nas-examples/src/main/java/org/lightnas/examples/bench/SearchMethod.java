package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lightnas.metric.Constraint;
import org.lightnas.search.Estimator;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SurgeNas;
import org.lightnas.search.population.HscoNas;
import org.lightnas.search.population.HscoResult;
import org.lightnas.space.Architecture;
import org.lightnas.space.TrainableSpace;

/**
 * A way to search that experiments compare; the only place that calls searchers.
 *
 * @param name {@code lightnas}, {@code surgenas}, {@code hsconas}, or {@code random} for a random
 *     architecture that uses the bound as well
 * @param preset of the method's settings: {@code default}, for LightNAS and SurgeNAS {@code gates},
 *     single paths' gates instead of compared paths, for SurgeNAS {@code mapped}, with identity
 *     mappings, and for LightNAS {@code faithful}, the published search with batches of 64 and as
 *     many steps
 * @param steps of a search; given as 0, the default. Those of SurgeNAS are those of a LightNAS of
 *     the same cost, whose logits learn from the same: it takes as many of its own, of K paths
 *     each, as cost the same in passes
 * @param variant marks results of a searcher whose code was changed, which no file can see; empty
 *     for none
 */
record SearchMethod(String name, String preset, int steps, String variant) {

  private static final String LIGHTNAS = "lightnas";
  private static final String SURGENAS = "surgenas";
  private static final String HSCONAS = "hsconas";
  private static final String RANDOM = "random";
  private static final String DEFAULT = "default";
  private static final String GATES = "gates";
  private static final String FAITHFUL = "faithful";
  private static final String MAPPED = "mapped";

  /** A step of a search on two cores, for estimates. */
  private static final double SECONDS_PER_STEP = 0.12;

  /** Of LightNAS, told outright: results are kept by it. */
  private static final int DEFAULT_STEPS = 3_000;

  /** The same for HSCoNAS: its steps, and about two thousand scores. */
  private static final double HSCO_SECONDS_PER_STEP = 0.25;

  private static final double HSCO_SECONDS = 2_400;
  private static final int HSCO_STEPS = 4_000;

  /** Operations are compared on the same architectures, so that few of these tell them apart. */
  private static final int HSCO_SAMPLES = 20;

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  SearchMethod {
    checkArgument(
        List.of(LIGHTNAS, SURGENAS, HSCONAS, RANDOM).contains(name),
        "There is no method '%s'.\nMaybe give -Dmethod=lightnas,surgenas,hsconas,random.",
        name);
    checkArgument(
        preset.equals(DEFAULT)
            || (name.equals(LIGHTNAS) && preset.equals(FAITHFUL))
            || (name.equals(SURGENAS) && preset.equals(MAPPED))
            || (List.of(LIGHTNAS, SURGENAS).contains(name) && preset.equals(GATES)),
        "Method '%s' has no preset '%s'.\nMaybe give -Dpreset=default, for"
            + " -Dmethod=lightnas,surgenas -Dpreset=gates, for -Dmethod=lightnas"
            + " -Dpreset=faithful, and for -Dmethod=surgenas -Dpreset=mapped.",
        name,
        preset);
    if (steps == 0) {
      steps = defaultSteps(name);
    }
    checkArgument(
        name.equals(RANDOM) || steps >= 2,
        "A search needs at least 2 steps, but -Dsteps is %s.",
        steps);
  }

  private static int defaultSteps(String name) {
    return name.equals(RANDOM) ? 0 : name.equals(HSCONAS) ? HSCO_STEPS : DEFAULT_STEPS;
  }

  /**
   * What {@code -Dmethod}, {@code -Dpreset}, {@code -Dsteps} and {@code -Dvariant} ask for: every
   * method with every preset. A random architecture has no settings.
   */
  static List<SearchMethod> ofProperties() {
    List<SearchMethod> methods = new ArrayList<>();
    for (String name : Options.list("method", "lightnas,random")) {
      if (name.equals(RANDOM)) {
        methods.add(new SearchMethod(RANDOM, DEFAULT, 0, ""));
        continue;
      }
      for (String preset : Options.list("preset", DEFAULT)) {
        methods.add(
            new SearchMethod(
                name, preset, Options.whole("steps", 0, 0), Options.text("variant", "")));
      }
    }
    return List.copyOf(methods);
  }

  /**
   * What a search gave.
   *
   * @param settings of the searcher, by name
   */
  record Found(Architecture architecture, Map<String, String> settings) {}

  /**
   * The name, with what is not default and with the steps, whose default may change: the key of its
   * results.
   */
  String label() {
    List<String> others = new ArrayList<>();
    if (!preset.equals(DEFAULT)) {
      others.add(preset);
    }
    if (steps > 0) {
      others.add(steps + " steps");
    }
    if (!variant.isEmpty()) {
      others.add(variant);
    }
    return others.isEmpty() ? name : name + " (" + String.join(", ", others) + ")";
  }

  /** A guess. */
  double expectedSeconds() {
    if (name.equals(HSCONAS)) {
      return HSCO_SECONDS + HSCO_SECONDS_PER_STEP * steps;
    }
    return SECONDS_PER_STEP * steps;
  }

  /**
   * Searches.
   *
   * @throws org.lightnas.NasException as the searcher, or if no random architecture fits
   */
  Found search(TrainableSpace space, Constraint bound, long seed) {
    if (name.equals(RANDOM)) {
      return new Found(Rivals.within(bound, seed), Map.of());
    }
    if (name.equals(HSCONAS)) {
      HscoResult result = hsconas(seed).build().search(space, bound);
      return new Found(result.architecture(), result.settings());
    }
    if (name.equals(SURGENAS)) {
      Estimator estimator = preset.equals(GATES) ? Estimator.GATES : Estimator.PATHS;
      SearchResult result =
          SurgeNas.builder()
              .steps(SurgeNas.stepsAsDear(steps, space.space(), estimator))
              .estimator(estimator)
              .identityMapping(preset.equals(MAPPED))
              .seed(seed)
              .build()
              .search(space, bound);
      return new Found(result.architecture(), result.settings());
    }
    LightNas.Builder searcher =
        preset.equals(FAITHFUL) ? LightNas.faithful().batchSize(64) : LightNas.builder();
    searcher.steps(steps).seed(seed);
    if (preset.equals(GATES)) {
      searcher.estimator(Estimator.GATES);
    }
    SearchResult result = searcher.build().search(space, bound);
    return new Found(result.architecture(), result.settings());
  }

  /** HSCoNAS with these steps. */
  HscoNas.Builder hsconas(long seed) {
    return HscoNas.builder()
        .steps(steps)
        .fineTuning(Math.max(1, steps * 15 / 100))
        .samples(HSCO_SAMPLES)
        .seed(seed);
  }
}
