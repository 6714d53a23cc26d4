package org.lightnas.engine;

import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;

/**
 * A batch norm with its tensors, one value per channel each.
 *
 * @param gamma null if the scale is fixed to {@code node.gamma()}
 * @param beta null if the shift is fixed to {@code node.beta()}
 * @param mean running mean
 * @param variance running variance
 */
record Norm(
    Node.BatchNorm node,
    @Nullable Weight gamma,
    @Nullable Weight beta,
    Weight mean,
    Weight variance) {}
