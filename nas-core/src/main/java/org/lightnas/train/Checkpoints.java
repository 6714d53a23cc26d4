package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Weights;
import org.lightnas.graph.Fingerprint;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.internal.AtomicFile;
import org.lightnas.internal.StateFile;

/**
 * The two files of a training: {@code last.ckpt}, from which the run goes on, and {@code best.zip},
 * the best network so far as DL4J saves networks.
 */
final class Checkpoints {

  private final Path last;
  private final Path best;
  private final Map<String, String> run;
  private final ComputationGraph network;
  private final LayerGraph graph;

  /**
   * The numbers of a training's state.
   *
   * @param step steps done
   * @param lossSum of the steps of the epoch begun
   * @param correct of the images of the epoch begun
   * @param bestEpoch whose network did best on the validation images; 0 if there is none
   * @param bestAccuracy of that network, in percent
   */
  record Position(long step, double lossSum, long correct, int bestEpoch, double bestAccuracy) {

    /** Checks what a file says. */
    Position {
      checkArgument(
          step >= 0
              && Double.isFinite(lossSum)
              && correct >= 0
              && bestEpoch >= 0
              && bestAccuracy >= 0
              && bestAccuracy <= 100,
          "it is at step %s with a loss of %s, %s correct, the best epoch %s with an accuracy of %s",
          step,
          lossSum,
          correct,
          bestEpoch,
          bestAccuracy);
    }
  }

  /**
   * Of one run, known by its recipe, the network as it begins and the images.
   *
   * @param network receives the values to be saved as a network
   */
  static Checkpoints of(
      Path folder,
      Recipe recipe,
      ComputationGraph network,
      LayerGraph graph,
      Weights weights,
      ImageData images) {
    Map<String, String> run = recipe.facts();
    run.put("network", Fingerprint.of(network, graph, weights.values(graph)));
    run.put("images", images.train().fingerprint());
    return new Checkpoints(folder, run, network, graph);
  }

  private Checkpoints(
      Path folder, Map<String, String> run, ComputationGraph network, LayerGraph graph) {
    this.last = folder.resolve("last.ckpt");
    this.best = folder.resolve("best.zip");
    this.run = run;
    this.network = network;
    this.graph = graph;
  }

  /** The file from which the run goes on. */
  Path last() {
    return last;
  }

  /**
   * Reads where this run was.
   *
   * @return null if it is new
   * @throws CheckpointException if the file cannot be used, or is of another run
   */
  @Nullable StateFile<Position> resume() {
    if (!Files.exists(last)) {
      return null;
    }
    StateFile<Position> found = StateFile.read(last, Position.class);
    found.requireRun(run, "training");
    return found;
  }

  /**
   * Writes where the run is.
   *
   * @throws CheckpointException if the disk does not take it
   */
  void writeLast(Position position, Map<String, double[]> tensors) {
    new StateFile<>(last, run, position, tensors).write();
  }

  /**
   * Writes the best network so far.
   *
   * @throws CheckpointException if the disk does not take it
   */
  void writeBest(Map<String, double[]> values) {
    NetworkValues.write(network, graph, values);
    try {
      AtomicFile.write(best, out -> ModelSerializer.writeModel(network, out, false));
    } catch (IOException e) {
      throw StateFile.unwritable(best, e);
    }
  }
}
