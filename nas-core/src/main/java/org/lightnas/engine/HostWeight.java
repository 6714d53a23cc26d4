package org.lightnas.engine;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** A weight as Java sees it where its memory is {@linkplain Host#visible visible}. */
final class HostWeight implements Weight.Derived {

  private final Weight weight;
  private final FloatBuffer value;
  private final List<FloatBuffer> state = new ArrayList<>();

  private HostWeight(Weight weight) {
    this.weight = weight;
    this.value = Host.floats(weight.value());
  }

  /** The one view of this weight. */
  static HostWeight of(Weight weight) {
    return (HostWeight) weight.derived(HostWeight.class, () -> new HostWeight(weight));
  }

  /** Whoever changes it calls {@link #changed}. */
  FloatBuffer value() {
    return value;
  }

  FloatBuffer gradient() {
    return weight.gradientArea().floats();
  }

  /** See {@link Weight#state}. */
  FloatBuffer state(int i) {
    while (state.size() <= i) {
      state.add(Host.floats(weight.state(state.size())));
    }
    return state.get(i);
  }

  void changed() {
    weight.changed();
  }

  /** The memory is the weight's own. */
  @Override
  public void close() {}
}
