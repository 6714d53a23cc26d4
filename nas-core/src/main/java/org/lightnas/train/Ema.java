package org.lightnas.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.lightnas.engine.Weight;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Parameter;
import org.nd4j.linalg.api.blas.Level1;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Exponential moving average of all tensors of a network, running statistics included (Polyak and
 * Juditsky 1992): {@code a = d_t a + (1 - d_t) w} with {@code d_t = min(d, (1 + t) / (10 + t))}, so
 * that the weights of the beginning are soon forgotten. Owns native memory, as much as the weights,
 * until closed.
 */
final class Ema implements AutoCloseable {

  private final Weights weights;
  private final LayerGraph graph;
  private final double decay;
  private final Map<Weight, INDArray> averages = new LinkedHashMap<>();

  /** Begins with the weights as they are. */
  Ema(Weights weights, LayerGraph graph, double decay) {
    this.weights = weights;
    this.graph = graph;
    this.decay = decay;
    for (Parameter parameter : graph.parameters()) {
      Weight weight = weights.get(parameter.name());
      averages.computeIfAbsent(weight, w -> w.value().dup('c'));
    }
  }

  /** Takes the weights in after step {@code t}, counted from 0. */
  void update(long t) {
    double kept = Math.min(decay, (1.0 + t) / (10.0 + t));
    Level1 blas = Nd4j.getBlasWrapper().level1();
    averages.forEach(
        (weight, average) -> {
          blas.scal(average.length(), kept, average);
          blas.axpy(average.length(), 1 - kept, weight.value(), average);
        });
  }

  /** Overwrites the weights by their averages. */
  void show() {
    averages.forEach(Weight::assign);
  }

  /** Copies the averages; the weights end as they were. */
  Map<String, double[]> values() {
    Map<String, double[]> kept = weights.values(graph);
    show();
    Map<String, double[]> values = weights.values(graph);
    weights.load(kept);
    return values;
  }

  /** Replaces the averages; the weights end as they were. */
  void load(Map<String, double[]> values) {
    Map<String, double[]> kept = weights.values(graph);
    weights.load(values);
    averages.forEach((weight, average) -> average.assign(weight.value()));
    weights.load(kept);
  }

  @Override
  public void close() {
    averages.values().forEach(INDArray::close);
  }
}
