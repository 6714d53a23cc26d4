package org.lightnas.predict;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.device.Device;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Foreign;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.SkipConnect;

/**
 * Latencies of operations by themselves: of a network of one operation, pooling and a classifier,
 * less that of a network of pooling and classifier only on maps of the size that the operation
 * makes. Remembers what was measured; used for one device.
 */
final class LoneOperations {

  private static final int CLASSES = 2;
  private static final long SEED = 1;

  private final Device device;
  private final Map<Alone, Double> known = new HashMap<>();

  private record Alone(Op op, FeatureShape in) {}

  LoneOperations(Device device) {
    this.device = device;
  }

  /** In ms, {@code [choice][candidate]}; by noise, cheap ones can come out below zero. */
  double[][] measure(LayeredSpace space) {
    FeatureShape shape = space.input();
    for (Op op : space.stem()) {
      shape = op.outputShape(shape);
    }
    List<Choice> choices = space.choices();
    double[][] millis = new double[choices.size()][];
    for (int l = 0; l < millis.length; l++) {
      Choice choice = choices.get(l);
      millis[l] = new double[choice.size()];
      FeatureShape out = ((Op) choice.candidates().get(0)).outputShape(shape);
      double rest = network(new SkipConnect(out.channels(), 1), out);
      for (int k = 0; k < millis[l].length; k++) {
        millis[l][k] = network((Op) choice.candidates().get(k), shape) - rest;
      }
      shape = out;
    }
    return millis;
  }

  private double network(Op op, FeatureShape in) {
    return known.computeIfAbsent(
        new Alone(op, in),
        alone -> {
          LayeredSpace one = LayeredSpace.named("alone", in, CLASSES).choice("op", op).build();
          ComputationGraph network = one.network(one.uniform(0), SEED);
          try {
            return device.measure(network).millis();
          } catch (RuntimeException e) {
            throw Foreign.failure("Device " + device + " failed on " + op + " alone", e);
          } finally {
            Networks.close(network);
          }
        });
  }
}
