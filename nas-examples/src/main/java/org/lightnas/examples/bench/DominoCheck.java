package org.lightnas.examples.bench;

import java.util.Comparator;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.compress.Compressed;
import org.lightnas.compress.Equivalence;
import org.lightnas.compress.MapEquivalence;
import org.lightnas.data.ImageSet;

/**
 * How far merging changed what a trained grafted network computes, relative to the largest answer.
 *
 * @param images real ones that it was tried on
 * @param dl4j the merged network from the grafted one, both in DL4J
 * @param onnx the merged network in ONNX Runtime from the grafted one in DL4J, at most: both errors
 *     added up
 * @param border of any merged map by itself, where pixels read padding
 * @param inside of any merged map by itself, elsewhere
 */
record DominoCheck(int images, double dl4j, double onnx, double border, double inside) {

  /** So many images are enough. */
  static final int IMAGES = 1000;

  /** What a network may differ by. */
  static final double LIMIT = 1e-5;

  /**
   * Of what Domino made.
   *
   * @param images which it was checked on when it was merged
   */
  static DominoCheck of(Compressed made, ImageSet images) {
    ImageSet some = images.take(Math.min(IMAGES, images.size()));
    ComputationGraph merged = made.network();
    Equivalence same = made.equivalence();
    return new DominoCheck(
        some.size(),
        same.relativeError(),
        same.then(OnnxEquivalence.compare(merged, merged, some)).relativeError(),
        largest(made, MapEquivalence::border),
        largest(made, MapEquivalence::interior));
  }

  private static double largest(Compressed made, Function<MapEquivalence, Equivalence> part) {
    return made.maps().stream()
        .map(part)
        .map(Equivalence::relativeError)
        .max(Comparator.naturalOrder())
        .orElse(0.0);
  }

  /** Whether all of it is within the limit; never where something is not a number. */
  boolean holds() {
    return dl4j <= LIMIT && onnx <= LIMIT && border <= LIMIT && inside <= LIMIT;
  }
}
