package org.lightnas.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.internal.AtomicFile;

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
   * Of one run.
   *
   * @param run what decides the result, by name
   * @param network receives the values to be saved as a network
   */
  Checkpoints(Path folder, Map<String, String> run, ComputationGraph network, LayerGraph graph) {
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
  @Nullable Checkpoint resume() {
    if (!Files.exists(last)) {
      return null;
    }
    Checkpoint found = Checkpoint.read(last);
    Set<String> names = new LinkedHashSet<>(run.keySet());
    names.addAll(found.run().keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String then = found.run().getOrDefault(name, "unknown");
      String now = run.getOrDefault(name, "unknown");
      if (!then.equals(now)) {
        differences.add(name + " was " + then + " and is " + now);
      }
    }
    if (!differences.isEmpty()) {
      throw new CheckpointException(
          last,
          "is of another training: " + String.join(", ", differences) + ".",
          "choose another folder, or train as then.",
          null);
    }
    return found;
  }

  /**
   * Writes where the run is.
   *
   * @throws CheckpointException if the disk does not take it
   */
  void writeLast(Checkpoint.Position position, Map<String, double[]> tensors) {
    new Checkpoint(last, run, position, tensors).write();
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
      throw Checkpoint.unwritable(best, e);
    }
  }
}
