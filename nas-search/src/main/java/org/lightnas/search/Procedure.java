package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
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
 * What tells one search by logits from another: which passes there are, on which images, and what
 * each of them does. All else (schedules, state, checkpoints, projection, repair, reports) is the
 * same for all.
 */
sealed interface Procedure permits BilevelProcedure, OneLevelProcedure {

  /** The Java that a builder of such a search starts by. */
  String start();

  /** What that builder starts from. */
  SearchSettings usual();

  /** What is particular to it, by name, for reports and checkpoints. */
  Map<String, String> facts();

  /**
   * Which pass comes when.
   *
   * @param warmup passes in which weights learn alone
   * @param more passes after that in which weights learn
   * @param perEpoch batches that the images for weights have
   */
  Timetable timetable(int warmup, int more, int perEpoch);

  /** The images that weights learn from. */
  Batches forWeights(TrainableSpace trainable, SearchSettings settings);

  /** What the supernet must be able to do. */
  Supernet.Abilities abilities();

  /** Whether multipliers ascend; otherwise they are given. */
  boolean learnsMultipliers();

  /**
   * Logits that have learned nothing.
   *
   * @param passes how often they will learn
   */
  LogitSearch logits(List<Constraint> constraints, List<Boolean> aims, int passes, long seed);

  /**
   * How long all passes take.
   *
   * @param train seconds of one path forward and backward
   * @param loss seconds of one path forward
   */
  double seconds(Timetable timetable, ChoiceSpace space, double train, double loss);

  /**
   * What does the passes.
   *
   * @param heard is told every path before it is run
   */
  Passes passes(
      TrainableSpace trainable,
      SearchSettings settings,
      Supernet supernet,
      LogitSearch logits,
      BiConsumer<Phase, Architecture> heard);

  /** A number of paths that may be compared. */
  static int checkedPaths(int paths, boolean faithful) {
    checkArgument(
        !faithful, "The published search compares no paths.\nMaybe leave paths(%s) away.", paths);
    checkArgument(paths >= 2, "At least 2 paths can be compared, but not %s.", paths);
    return paths;
  }

  /** Batches of a part of the images; who draws them is said by a purpose. */
  static Batches batches(ImageSet images, SearchSettings settings, String purpose) {
    return new Batches(
        images,
        settings.batchSize(),
        // For logits too: batch norms work with statistics of a batch, which must be like those
        // that weights learned with.
        settings.augmentation(),
        Seeds.derive(settings.seed(), purpose, 0));
  }
}
