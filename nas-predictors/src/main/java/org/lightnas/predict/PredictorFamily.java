package org.lightnas.predict;

import org.lightnas.metric.Predictor;

/**
 * A kind of model, and how one is fitted. Families are compared by fitting them on parts of a
 * profile and predicting the rest, so what they fit must depend on the profile's architectures and
 * latencies only, not on the order of its samples.
 */
public interface PredictorFamily {

  /** A short name, for reports and files; distinct among the families that are compared. */
  String name();

  /**
   * Fits a predictor; the same profile gives the same predictor, bit for bit.
   *
   * @param profile what to learn from; its space is the predictor's
   * @throws IllegalArgumentException if the family needs more samples, saying how many
   */
  Predictor fit(Profile profile);
}
