package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lightnas.device.Device;
import org.lightnas.metric.QualityLimit;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.predict.OperationSum;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;

/**
 * The latencies of this machine that experiments share, so that their bounds are the same: of ONNX
 * Runtime on one thread, measured once for each results folder.
 */
final class SharedTable {

  /** What measuring takes, of 60 networks or of the operations of a space of many candidates. */
  static final double SECONDS = 100;

  /** Above so many candidates at a choice, 60 networks say too little about each. */
  static final int FEW = 20;

  /** That say what lies between operations which are measured alone. */
  private static final int NETWORKS = 30;

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
        LatencyTable measured = measured(space, device);
        // Searches would refuse it later, and so would all other experiments of this folder.
        QualityLimit.standard().require(measured);
        measured.write(file);
      }
    }
    return LatencyTable.read(file, space);
  }

  static LatencyTable measured(SearchSpace space, Device device) {
    int most = space.choices().stream().mapToInt(Choice::size).max().orElse(0);
    return most > FEW && space instanceof LayeredSpace layered
        ? OperationSum.profile(layered, device, NETWORKS).table()
        : LatencyTable.profile(space, device);
  }
}
