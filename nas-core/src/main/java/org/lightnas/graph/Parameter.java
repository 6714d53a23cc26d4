package org.lightnas.graph;

import java.util.List;

/**
 * One tensor of a network.
 *
 * @param name {@code vertex/key}, with DL4J's key; what weights are shared and stored by
 * @param role how training treats it
 * @param shape in the engine's layout: convolution {@code [kH, kW, in, out]}, depthwise {@code [kH,
 *     kW, C, multiplier]}, dense {@code [in, out]}, everything else a vector
 */
public record Parameter(String name, Role role, List<Long> shape) {

  /** How training treats a tensor. */
  public enum Role {
    /** Trained, with weight decay. */
    WEIGHT,
    /** Trained, without weight decay: biases, scales and shifts of batch norms. */
    OFFSET,
    /** Running mean or variance: updated by batch norm itself. */
    STATISTIC,
    /** All tensors of a layer that only DL4J understands, as its flat vector; no weight decay. */
    OPAQUE
  }

  /** Copies the shape. */
  public Parameter {
    shape = List.copyOf(shape);
  }

  static Parameter of(String vertex, String key, Role role, long... shape) {
    // A loop: every tensor of every path of a search comes by here.
    Long[] sizes = new Long[shape.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape[i];
    }
    return new Parameter(vertex + "/" + key, role, List.of(sizes));
  }

  /** The number of values. */
  public long size() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /** The shape as an array, as ND4J wants it. */
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** Whether this can be a part of another one: of the same kind, and along no axis longer. */
  public boolean isPartOf(Parameter whole) {
    boolean inside = role == whole.role && shape.size() == whole.shape.size();
    for (int axis = 0; inside && axis < shape.size(); axis++) {
      inside = shape.get(axis) <= whole.shape.get(axis);
    }
    return inside;
  }

  /** Whether an optimiser changes it. */
  public boolean trained() {
    return role != Role.STATISTIC;
  }
}
