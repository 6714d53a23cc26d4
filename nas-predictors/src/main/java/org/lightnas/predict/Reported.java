package org.lightnas.predict;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.metric.MeasuredPredictor;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.space.SearchSpace;

/** Predictors of this library: they carry the report of the comparison that they were chosen in. */
interface Reported extends MeasuredPredictor {

  /** How well its kind did on samples that it was not fitted on; empty where that was not tried. */
  Optional<PredictorReport> report();

  /** The same predictor with this report. */
  Predictor withReport(PredictorReport report);

  @Override
  default Optional<Quality> quality() {
    return report().map(PredictorReport::quality);
  }

  /**
   * {@inheritDoc} Of 60 networks, whatever this predictor was fitted on: a {@link WidthPredictor}.
   */
  @Override
  default Predictor forWidths(SearchSpace widths, Device device, @Nullable Path file) {
    try {
      if (file != null && Files.exists(file)) {
        return WidthPredictor.fit(Profile.read(file, widths));
      }
      Profile profile = Profile.measure(widths, device);
      if (file != null) {
        profile.write(file);
      }
      return WidthPredictor.fit(profile);
    } catch (IOException e) {
      throw new NasException(
          "The measurements of widths cannot be kept in '"
              + file
              + "': "
              + e.getMessage()
              + ".\nMaybe choose another folder, or make room on the disk.",
          e);
    }
  }
}
