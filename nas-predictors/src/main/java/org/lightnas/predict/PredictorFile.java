package org.lightnas.predict;

import java.io.IOException;
import java.nio.file.Path;
import org.lightnas.metric.Predictor;

/** Predictors as JSON files. */
final class PredictorFile {

  private PredictorFile() {}

  static void write(Predictor predictor, Path file) throws IOException {
    throw new IOException("to come " + predictor + file);
  }
}
