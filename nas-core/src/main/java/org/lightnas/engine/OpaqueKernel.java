package org.lightnas.engine;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;
import org.lightnas.internal.Foreign;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer run by DL4J itself, in NCHW and outside any workspace: correct, and slow. */
final class OpaqueKernel implements Kernel {

  private final Layer layer;
  private final String words;
  private final Slot x;
  private final Slot y;
  private long nanos;
  private final LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();

  OpaqueKernel(Node.Opaque node, Slot x, Slot y, @Nullable Weight parameters) {
    this.x = x;
    this.y = y;
    NeuralNetConfiguration configuration =
        new NeuralNetConfiguration.Builder().layer(node.layer().clone()).build();
    INDArray view = parameters == null ? null : parameters.value();
    this.words = "Layer '" + node.name() + "' (" + node.layer().getClass().getName() + ") failed ";
    try {
      this.layer =
          configuration
              .getLayer()
              .instantiate(configuration, List.of(), 0, view, false, x.value().dataType());
    } catch (RuntimeException e) {
      throw Foreign.failure(words + "to begin", e);
    }
    if (parameters != null) {
      layer.setBackpropGradientsViewArray(parameters.gradient());
    }
  }

  @Override
  public void forward(Pass pass) {
    try {
      activate(pass);
    } catch (RuntimeException e) {
      throw Foreign.failure(words + "forward", e);
    }
  }

  @Override
  public void backward() {
    try {
      backpropagate();
    } catch (RuntimeException e) {
      throw Foreign.failure(words + "backward", e);
    }
  }

  private void activate(Pass pass) {
    long start = System.nanoTime();
    // The layer keeps its input for the backward pass, so it gets a copy of its own.
    layer.setInput(channelsFirst(x.value()), workspaces);
    INDArray result = layer.activate(pass.training(), workspaces);
    y.value().assign(result.rank() == 4 ? result.permute(0, 2, 3, 1) : asMap(result, y));
    nanos += System.nanoTime() - start;
  }

  private void backpropagate() {
    long start = System.nanoTime();
    INDArray epsilon = channelsFirst(y.gradient());
    INDArray gradient = layer.backpropGradient(epsilon, workspaces).getSecond();
    x.gradient().assign(gradient.rank() == 4 ? gradient.permute(0, 2, 3, 1) : asMap(gradient, x));
    layer.clear();
    nanos += System.nanoTime() - start;
  }

  /** Time spent in DL4J so far. */
  long nanos() {
    return nanos;
  }

  private static INDArray asMap(INDArray vectors, Slot like) {
    return vectors.reshape('c', like.value().shape());
  }

  private static INDArray channelsFirst(INDArray map) {
    boolean vector = map.size(1) == 1 && map.size(2) == 1;
    return vector
        ? map.reshape('c', map.size(0), map.size(3)).dup('c')
        : map.permute(0, 3, 1, 2).dup('c');
  }
}
