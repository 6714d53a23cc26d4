package org.lightnas.engine;

import java.nio.FloatBuffer;
import java.util.List;
import org.lightnas.graph.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The leading part of a tensor along all its axes, by which a narrower network shares the weights
 * of a wider one. Kernels want contiguous memory, so this is a copy: it is renewed before a pass if
 * the whole has changed, and what an optimiser makes of it is written back. The optimiser's state
 * belongs to the whole, too, so a step changes those values of the whole that the narrow network
 * has, and no others.
 */
final class Slice extends Weight {

  private final Weight whole;

  /** Neighbouring values, in this tensor and in the whole. */
  private final int run;

  /** Where each run starts in the whole. */
  private final int[] starts;

  /** The whole's version of which this is a copy. */
  private long copied = -1;

  /** The part of a tensor that {@link #fits}. */
  Slice(Parameter parameter, Weight whole) {
    super(parameter, Nd4j.create(whole.value().dataType(), parameter.dimensions()));
    this.whole = whole;
    long[] part = parameter.dimensions();
    long[] all = whole.parameter().dimensions();
    // Axes behind the last one that differs are whole, so they belong to a run.
    int last = part.length - 1;
    long neighbours = part[last];
    while (last > 0 && part[last] == all[last]) {
      neighbours *= part[--last];
    }
    this.run = Math.toIntExact(neighbours);
    this.starts = new int[Math.toIntExact(parameter.size() / neighbours)];
    for (int r = 0; r < starts.length; r++) {
      long stride = whole.parameter().size();
      long rest = r;
      long start = 0;
      long runs = starts.length;
      for (int axis = 0; axis < last; axis++) {
        stride /= all[axis];
        runs /= part[axis];
        start += rest / runs * stride;
        rest %= runs;
      }
      starts[r] = Math.toIntExact(start);
    }
  }

  /** Whether a tensor can be the leading part of another one. */
  static boolean fits(Parameter part, Parameter whole) {
    List<Long> few = part.shape();
    List<Long> many = whole.shape();
    boolean inside = few.size() == many.size() && part.role() == whole.role();
    for (int axis = 0; inside && axis < few.size(); axis++) {
      inside = few.get(axis) <= many.get(axis);
    }
    return inside;
  }

  @Override
  void renew() {
    if (copied != whole.version()) {
      read(value(), whole.value());
      copied = whole.version();
      changed();
    }
  }

  @Override
  void beginUpdate() {
    renew();
    for (int i = 0; i < whole.states(); i++) {
      read(state(i), whole.state(i));
    }
    startFrom(whole.updates());
  }

  @Override
  void endUpdate() {
    write(value(), whole.value());
    for (int i = 0; i < states(); i++) {
      write(state(i), whole.state(i));
    }
    whole.countUpdate();
    copied = whole.version();
  }

  private void read(INDArray part, INDArray all) {
    if (Host.visible(part)) {
      FloatBuffer to = Host.floats(part);
      FloatBuffer from = Host.floats(all);
      for (int r = 0; r < starts.length; r++) {
        to.put(r * run, from, starts[r], run);
      }
    } else {
      part.assign(all.get(leading()));
    }
  }

  private void write(INDArray part, INDArray all) {
    if (Host.visible(part)) {
      FloatBuffer from = Host.floats(part);
      FloatBuffer to = Host.floats(all);
      for (int r = 0; r < starts.length; r++) {
        to.put(starts[r], from, r * run, run);
      }
    } else {
      all.get(leading()).assign(part);
    }
  }

  private INDArrayIndex[] leading() {
    return parameter().shape().stream()
        .map(size -> NDArrayIndex.interval(0, size))
        .toArray(INDArrayIndex[]::new);
  }
}
