package org.lightnas.predict;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** How well a kind of fit does on samples that it did not see. */
final class Folds {

  private static final int FOLDS = 10;

  private Folds() {}

  /**
   * Predicts every sample by a fit on the other folds; sample i is in fold {@code i mod folds}, and
   * samples come in random order.
   *
   * @param millis measured
   * @param fit takes the positions of the samples to learn from, and gives the prediction for any
   */
  static PredictorReport report(double[] millis, Function<int[], IntToDoubleFunction> fit) {
    int n = millis.length;
    int folds = Math.min(FOLDS, n);
    PredictorReport.Pair[] pairs = new PredictorReport.Pair[n];
    for (int fold = 0; fold < folds; fold++) {
      int held = fold;
      IntToDoubleFunction fitted =
          fit.apply(IntStream.range(0, n).filter(i -> i % folds != held).toArray());
      for (int i = fold; i < n; i += folds) {
        pairs[i] = new PredictorReport.Pair(millis[i], fitted.applyAsDouble(i));
      }
    }
    return new PredictorReport(folds, List.of(pairs));
  }
}
