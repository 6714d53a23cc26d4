package org.lightnas.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.lightnas.graph.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A part of a tensor, by which a smaller network shares the weights of a larger one: the middle of
 * its kernels, and what leads along all other axes. Kernels want contiguous memory, so this is a
 * copy: it is renewed before a pass if the whole has changed, and what an optimiser makes of it is
 * written back. The optimiser's state belongs to the whole, too, so a step changes those values of
 * the whole that the narrow network has, and no others.
 */
final class Slice extends Weight {

  private final Weight whole;

  /** Neighbouring values, in this tensor and in the whole. */
  private final int run;

  /** Where each run starts in the whole. */
  private final int[] starts;

  /** The whole's version of which this is a copy. */
  private long copied = -1;

  /** A {@linkplain Parameter#isPartOf part} of a tensor. */
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
    long corner = 0;
    long behind = whole.parameter().size();
    for (int axis = 0; axis < part.length; axis++) {
      behind /= all[axis];
      corner += first(axis) * behind;
    }
    for (int r = 0; r < starts.length; r++) {
      long stride = whole.parameter().size();
      long rest = r;
      long start = corner;
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

  /** Where this part begins along an axis: kernels come first, {@code [kH, kW, …]}. */
  private long first(int axis) {
    long[] part = parameter().dimensions();
    boolean kernel = part.length == 4 && axis < 2;
    return kernel ? (whole.parameter().dimensions()[axis] - part[axis]) / 2 : 0;
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
      part.assign(all.get(place()));
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
      all.get(place()).assign(part);
    }
  }

  private INDArrayIndex[] place() {
    long[] part = parameter().dimensions();
    INDArrayIndex[] place = new INDArrayIndex[part.length];
    Arrays.setAll(place, axis -> NDArrayIndex.interval(first(axis), first(axis) + part[axis]));
    return place;
  }
}
