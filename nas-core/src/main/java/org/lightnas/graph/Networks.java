package org.lightnas.graph;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Backends;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.memory.MemoryManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Makes DL4J networks of architectures, and gives their memory back. */
public final class Networks {

  /** No sooner is garbage collected again: the heap may be large, and the garbage is not. */
  private static final long COLLECTED_MILLIS = 2000;

  private Networks() {}

  /** An untrained network of an architecture whose configuration says its input size. */
  public static ComputationGraph create(SearchSpace space, Architecture architecture, long seed) {
    architecture.requireSpace(space);
    ComputationGraphConfiguration configuration = space.toConfiguration(architecture);
    InputSize.mark(configuration, space.input(architecture));
    return initialise(configuration, seed);
  }

  /**
   * Frees a network's native memory. {@link ComputationGraph#close} leaves the parameters to the
   * garbage collector and therefore collects the whole heap, twice, for every network; and it frees
   * workspaces that a caller is in. Here parameters are freed at once. What initialising left
   * behind is collected too, but not for every network.
   */
  public static void close(ComputationGraph network) {
    free(network.params());
    free(network.getGradientsViewArray());
    ComputationGraphUpdater updater = network.getUpdater(false);
    if (updater != null) {
      free(updater.getStateViewArray());
    }
    MemoryWorkspaceManager workspaces = Nd4j.getWorkspaceManager();
    for (MemoryWorkspace workspace : workspaces.getAllWorkspacesForCurrentThread()) {
      if (!workspace.isScopeActive()) {
        workspaces.destroyWorkspace(workspace);
      }
    }
    MemoryManager memory = Nd4j.getMemoryManager();
    if (Math.abs(System.currentTimeMillis() - memory.getLastGcTime()) > COLLECTED_MILLIS) {
      memory.invokeGc();
    }
  }

  /** Unless it is of a workspace, which frees it itself. */
  static void free(@Nullable INDArray array) {
    if (array == null || array.wasClosed()) {
      return;
    }
    DataBuffer owner = array.data().originalDataBuffer();
    if (array.closeable()) {
      array.close();
    } else if (owner != null && owner.closeable() && owner.length() == array.length()) {
      // Parameters that DL4J initialised are a view of all of another array.
      owner.close();
    }
  }

  private static ComputationGraph initialise(
      ComputationGraphConfiguration configuration, long seed) {
    ComputationGraph network = seeded(configuration, seed);
    network.init();
    return network;
  }

  /** A network whose parameters its maker has yet to write. */
  static ComputationGraph blank(ComputationGraphConfiguration configuration) {
    ComputationGraph network = seeded(configuration, 0);
    long parameters =
        configuration.getVertices().values().stream().mapToLong(v -> v.numParams(false)).sum();
    // Values to begin with would be drawn for nothing, and leave as many behind.
    network.init(Nd4j.create(configuration.getDataType(), 1, parameters).detach(), false);
    return network;
  }

  private static ComputationGraph seeded(ComputationGraphConfiguration configuration, long seed) {
    Backends.require();
    // GraphBuilder.seed(long) would do this, but also loads ND4J and seeds its global generator
    // while a network is merely described.
    configuration.getDefaultConfiguration().setSeed(seed);
    for (GraphVertex vertex : configuration.getVertices().values()) {
      if (vertex instanceof LayerVertex layer) {
        layer.getLayerConf().setSeed(seed);
      }
    }
    return new ComputationGraph(configuration);
  }
}
