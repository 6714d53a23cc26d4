package org.lightnas.metric;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;
import java.util.Optional;
import org.lightnas.PoorPredictorException;

/**
 * How good a predictor must be to decide anything. A predictor of unknown {@linkplain
 * Predictor#quality quality} passes: nothing speaks against it.
 *
 * @param leastSpearman least rank correlation, -1 to 1
 * @param mostMedianError greatest median of the relative errors, not negative: 0.1 is ten percent
 * @since 0.1.0
 */
public record QualityLimit(double leastSpearman, double mostMedianError) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a limit is out of its range
   */
  public QualityLimit {
    checkArgument(
        leastSpearman >= -1 && leastSpearman <= 1,
        "A least rank correlation must be from -1 to 1, but is %s.",
        leastSpearman);
    checkArgument(
        mostMedianError >= 0,
        "A greatest median error must be at least 0, but is %s.",
        mostMedianError);
  }

  /**
   * What searches ask for by default: a rank correlation of 0.8 and a median error of 10 %. Below
   * the first, which of two architectures is faster is told wrongly for one pair in five; beyond
   * the second, a bound means little.
   */
  public static QualityLimit standard() {
    return new QualityLimit(0.8, 0.1);
  }

  /** Lets every predictor pass. */
  public static QualityLimit none() {
    return new QualityLimit(-1, Double.POSITIVE_INFINITY);
  }

  /**
   * Passes a predictor or refuses it.
   *
   * @throws PoorPredictorException if its quality is known and worse than this, with both figures
   */
  public void require(Predictor predictor) {
    Optional<Quality> known = predictor.quality();
    if (equals(none()) || known.isEmpty()) {
      return;
    }
    Quality quality = known.get();
    // So that NaN, of a predictor that always says the same, is refused.
    if (!(quality.spearman() >= leastSpearman) || !(quality.medianError() <= mostMedianError)) {
      throw new PoorPredictorException(
          String.format(
              Locale.ROOT,
              "The %s is too poor to decide: %s, but Spearman %.3f and median error %.1f %% are"
                  + " asked for.\n"
                  + "Maybe measure more architectures, or on a quieter machine, or compare"
                  + " predictors; or ask for less with QualityLimit.",
              predictor,
              quality,
              leastSpearman,
              100 * mostMedianError));
    }
  }
}
