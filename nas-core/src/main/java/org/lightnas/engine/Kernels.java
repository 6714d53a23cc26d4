package org.lightnas.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Pixels;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;

/**
 * What the engine needs from a library of numerical kernels. All maps are {@code [N, H, W, C]}.
 * Each method binds one operation to its areas, which stay where they are for the life of the
 * kernel. A backward pass may read what its method names and what its forward pass left in the area
 * {@code kept}; nothing else is kept for it.
 */
interface Kernels extends AutoCloseable {

  /** For logs and provenance. */
  String name();

  /**
   * How many elements an operation keeps from its forward to its backward pass.
   *
   * @param node any; most keep nothing
   * @param function what a batch norm is joined with
   */
  long kept(Node node, Activation function, int batch);

  /**
   * Whether the gradient of the images is written like any other; otherwise operations on the
   * images get a slot that is not {@linkplain Slot#differentiated differentiated}.
   */
  boolean differentiatesImages();

  /** Overwrites a map with what the values of as many pixels stand for. */
  void images(Pixels nhwc, Area to);

  /** Backward reads x. */
  Kernel convolution(Node.Convolution node, Slot x, Slot y, Weight kernel, @Nullable Weight bias);

  /**
   * For inference only: a convolution on weights into which the batch norm after it is folded, and
   * then {@code function}, one of identity, ReLU, ReLU6.
   */
  Kernel folded(Node.Convolution node, Activation function, Slot x, Slot y, FoldedWeights weights);

  /** Backward reads x. */
  Kernel dense(Slot x, Slot y, Weight kernel, @Nullable Weight bias);

  /**
   * Batch norm and then {@code function}, one of identity, ReLU, ReLU6. Backward reads x and y. The
   * gradient of x may lie where that of y does, if that is y's {@linkplain Slot#own own}.
   */
  Kernel batchNorm(Norm norm, Activation function, Slot x, Slot y, Area kept);

  /** Backward reads x. */
  Kernel activation(Activation function, Slot x, Slot y);

  /** The forward pass of a sum; backward the engine hands the gradient on without a copy. */
  Kernel add(List<Slot> xs, Slot y);

  /** Backward reads all x. */
  Kernel multiply(List<Slot> xs, Slot y);

  /** Backward reads nothing. */
  Kernel scale(double factor, Slot x, Slot y);

  /** Backward reads nothing. */
  Kernel concat(List<Slot> xs, Slot y);

  /** Backward reads nothing. */
  Kernel subset(int from, Slot x, Slot y);

  /** Channel {@code i n + j} of x becomes channel {@code j groups + i}. Backward reads nothing. */
  Kernel shuffle(int groups, Slot x, Slot y);

  /** Backward reads x. */
  Kernel pool(Node.Pool node, Slot x, Slot y, Area kept);

  /** Backward reads x. */
  Kernel globalPool(boolean max, Slot x, Slot y, Area kept);

  /** Backward reads nothing. */
  Kernel flatten(Slot x, Slot y);

  /** Backward reads nothing. */
  Kernel dropout(double keep, String name, Slot x, Slot y, Area kept);

  /** A layer run by DL4J itself. Backward reads x. */
  Kernel opaque(Node.Opaque node, Slot x, Slot y, @Nullable Weight parameters);

  /** Adds one gradient to another of the same shape; {@code copy}: overwrites it instead. */
  Runnable accumulate(Area target, Area other, boolean copy);

  @Override
  void close();
}
