package org.lightnas.engine;

import static com.google.common.base.Preconditions.checkState;

import java.util.Set;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Backends;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs networks, one at a time, in one arena of native memory that all their activations and
 * gradients share. Owns the arena and the kernels' threads until closed. Not thread-safe; two
 * engines are independent.
 */
public final class Engine implements AutoCloseable {

  /** Bytes of a cache line. */
  private static final long LINE = 64;

  private final DataType type;
  private final Kernels kernels;
  private INDArray arena;

  /** Of the arena's first element that starts a cache line. */
  private long base;

  private int generation;
  private boolean closed;

  private Engine(DataType type, Kernels kernels) {
    this.type = type;
    this.kernels = kernels;
    this.arena = Nd4j.createUninitialized(type, LINE / type.width());
  }

  /**
   * An engine in float32, on the fastest kernels there are; the system property {@code
   * lightnas.kernels} forces {@code onednn} or {@code nd4j}.
   */
  public static Engine create() {
    Backends.require();
    return on(KernelChoice.kernels());
  }

  /** An engine in float32 on these kernels, which it then owns. */
  static Engine on(Kernels kernels) {
    return new Engine(DataType.FLOAT, kernels);
  }

  /**
   * An engine in float64, slow: for gradient checks, and for what leaves the range of float32. The
   * images given to it are still float32.
   */
  public static Engine inDouble() {
    Backends.require();
    return new Engine(DataType.DOUBLE, new Nd4jKernels());
  }

  /** Which kernels run, for logs and provenance. */
  public String kernels() {
    return kernels.name();
  }

  /** The element type of weights and activations. */
  public DataType type() {
    return type;
  }

  /** Bytes of the arena: the activation memory of the largest plan so far. */
  public long arenaBytes() {
    return (arena.length() - LINE / type.width()) * type.width();
  }

  /**
   * Prepares a network for training.
   *
   * @param weights holds all its tensors, and outlives the plan
   * @param batch images per pass
   * @param gates nodes whose {@code <dL/dy, y>} is wanted; empty if none
   * @throws org.lightnas.NasException if the network does not end in softmax classification
   */
  public Plan training(LayerGraph graph, Weights weights, int batch, Set<String> gates) {
    return new PlanCompiler(graph, weights, batch, gates, true).compile(this);
  }

  /** Prepares a network for inference only, in less memory. Parameters as for training. */
  public Plan inference(LayerGraph graph, Weights weights, int batch) {
    return new PlanCompiler(graph, weights, batch, Set.of(), false).compile(this);
  }

  Kernels port() {
    enter();
    return kernels;
  }

  /**
   * Before anything is prepared or run. What is freed must not be run: the native side would not
   * notice. Sums are added up in another order on another number of threads.
   */
  private void enter() {
    checkState(
        !closed,
        "This engine is closed, so no plan of it can be made or run any more.\nMaybe close it after"
            + " its last plan has run.");
    Backends.useThreads();
  }

  /** Grows the arena to so many elements; plans bound to the old one bind anew when next run. */
  void reserve(long elements) {
    enter();
    if (base + elements > arena.length()) {
      arena.close();
      arena = Nd4j.createUninitialized(type, elements + LINE / type.width());
      base = -Host.address(arena) / type.width() & (LINE / type.width() - 1);
      generation++;
    }
  }

  /** Changes whenever views into the arena become stale. */
  int generation() {
    return generation;
  }

  /** A place in the arena, as long as the generation lasts. */
  Area area(long offset, long... shape) {
    return new Area(arena, base + offset, shape);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    kernels.close();
    arena.close();
    generation++;
  }
}
