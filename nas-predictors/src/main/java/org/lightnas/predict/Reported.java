package org.lightnas.predict;

import java.util.Optional;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;

/** Predictors of this library: they carry the report of the comparison that they were chosen in. */
interface Reported extends Predictor {

  /** How well its kind did on samples that it was not fitted on; empty where that was not tried. */
  Optional<PredictorReport> report();

  /** The same predictor with this report. */
  Predictor withReport(PredictorReport report);

  @Override
  default Optional<Quality> quality() {
    return report().map(PredictorReport::quality);
  }
}
