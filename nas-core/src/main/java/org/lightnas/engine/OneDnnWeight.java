package org.lightnas.engine;

import java.util.function.LongConsumer;

/**
 * A weight's values in a layout of oneDNN's choice, renewed when the weight has changed. Owned by
 * the weight.
 */
final class OneDnnWeight implements Weight.Derived {

  private final NativeMemory memory;
  private long version = -1;

  private OneDnnWeight(long bytes) {
    this.memory = new NativeMemory(bytes);
  }

  /**
   * The address of the weight's values, or of what was made of them, in another layout.
   *
   * @param key names the layout
   * @param version of the values
   * @param bytes its size
   * @param pack writes the present values to an address
   */
  static long address(Weight weight, Object key, long version, long bytes, LongConsumer pack) {
    OneDnnWeight packed = (OneDnnWeight) weight.derived(key, () -> new OneDnnWeight(bytes));
    if (packed.version != version) {
      pack.accept(packed.memory.address());
      packed.version = version;
    }
    return packed.memory.address();
  }

  @Override
  public long bytes() {
    return memory.bytes();
  }

  @Override
  public void close() {
    memory.close();
  }
}
