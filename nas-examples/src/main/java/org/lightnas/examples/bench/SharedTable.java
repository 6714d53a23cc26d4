package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lightnas.metric.QualityLimit;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.space.SearchSpace;

/**
 * The latencies of this machine that experiments share, so that their bounds are the same: of ONNX
 * Runtime on one thread, measured once for each results folder.
 */
final class SharedTable {

  /** What measuring takes, of 60 networks. */
  static final double SECONDS = 75;

  private final SearchSpace space;
  private final Path file;

  /** The table of the file {@code -Dtable}, or else of the results folder. */
  SharedTable(SearchSpace space, ResultsFolder folder) {
    this.space = space;
    String asked = Options.text("table", "");
    this.file =
        asked.isEmpty()
            ? folder.file("latency-" + space.name() + "-" + space.input() + ".csv")
            : Path.of(asked);
  }

  /** Whether it can be read; otherwise it is measured when asked for. */
  boolean exists() {
    return Files.exists(file);
  }

  /**
   * Reads the table, or measures it and puts it there.
   *
   * @throws IOException if it cannot be read or written
   * @throws org.lightnas.NasException if it is damaged or of another space, or the machine is too
   *     busy to be measured
   */
  LatencyTable get() throws IOException {
    if (!exists()) {
      try (OnnxDevice device = OnnxDevice.thisMachine()) {
        LatencyTable measured = LatencyTable.profile(space, device);
        // Searches would refuse it later, and so would all other experiments of this folder.
        QualityLimit.standard().require(measured);
        measured.write(file);
      }
    }
    return LatencyTable.read(file, space);
  }
}
