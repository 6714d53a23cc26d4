package org.lightnas.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One tensor of a network with its own optimiser state, so that a step changes only what it
 * touched. Owned by {@link Weights}. Its gradient lies in memory that a plan lends it.
 */
public sealed class Weight permits Slice {

  private final Parameter parameter;
  private final INDArray value;
  private final List<INDArray> state = new ArrayList<>();
  private final Map<Object, Derived> derived = new HashMap<>();
  private @Nullable Area gradient;
  private @Nullable INDArray ownGradient;
  private long updates;
  private long version;

  /** What kernels make of a weight's values in a layout of their own. */
  interface Derived extends AutoCloseable {

    @Override
    void close();
  }

  Weight(Parameter parameter, INDArray value) {
    this.parameter = parameter;
    this.value = value;
  }

  /** What it is. */
  public Parameter parameter() {
    return parameter;
  }

  /** The values, in the layout of the {@link Parameter}. */
  public INDArray value() {
    return value;
  }

  /**
   * Where the last backward pass left the gradient, until the next pass of any plan of that engine.
   */
  public INDArray gradient() {
    return gradientArea().array();
  }

  Area gradientArea() {
    if (gradient == null) {
      if (parameter.trained()) {
        // For kernels that are run without a plan.
        ownGradient = Nd4j.create(value.dataType(), value.shape());
      }
      gradient = Area.of(ownGradient == null ? value : ownGradient);
    }
    return gradient;
  }

  /** Says where the next gradient goes; the place belongs to the caller. */
  void lendGradient(Area place) {
    gradient = place;
  }

  /** How often an optimiser has changed it. */
  public long updates() {
    return updates;
  }

  void countUpdate() {
    updates++;
    version++;
  }

  /** Overwrites the values by those of an array of the same shape. */
  public void assign(INDArray values) {
    value.assign(values);
    changed();
  }

  /** Overwrites the values, in C order. */
  void assign(double[] values) {
    Host.write(value, values);
    changed();
  }

  /** Must be called by whoever changes the values, so that copies in other layouts are renewed. */
  public void changed() {
    version++;
  }

  /** Differs whenever the values may differ. */
  long version() {
    return version;
  }

  /** The one thing derived from this weight under this key; it is closed with the weight. */
  Derived derived(Object key, Supplier<? extends Derived> make) {
    Derived present = derived.get(key);
    if (present == null) {
      present = make.get();
      derived.put(key, present);
    }
    return present;
  }

  /** The i-th tensor of optimiser state, zero at first. */
  INDArray state(int i) {
    while (state.size() <= i) {
      state.add(Nd4j.create(value.dataType(), value.shape()));
    }
    return state.get(i);
  }

  /** How many tensors of state there are. */
  int states() {
    return state.size();
  }

  /** Goes on counting updates from here. */
  void startFrom(long count) {
    updates = count;
  }

  /** Before its values are read: a part of another weight looks whether that has changed. */
  void renew() {}

  /** Before an optimiser changes it. */
  void beginUpdate() {}

  /** After an optimiser has changed it. */
  void endUpdate() {}

  long bytes() {
    return (1L + state.size()) * value.length() * value.dataType().width();
  }

  void close() {
    value.close();
    if (ownGradient != null) {
      ownGradient.close();
    }
    state.forEach(INDArray::close);
    derived.values().forEach(Derived::close);
  }

  /** Copies of the optimiser's tensors, row-major, in the layout of the {@link Parameter}. */
  public List<double[]> optimizerState() {
    return state.stream().map(Host::read).toList();
  }

  /**
   * Puts the optimiser where it was after so many updates, by what {@link #optimizerState} gave.
   */
  public void restoreOptimizer(List<double[]> tensors, long updatesThen) {
    for (int i = 0; i < tensors.size(); i++) {
      Host.write(state(i), tensors.get(i));
    }
    for (int i = tensors.size(); i < state.size(); i++) {
      Host.clear(state.get(i));
    }
    updates = updatesThen;
  }
}
