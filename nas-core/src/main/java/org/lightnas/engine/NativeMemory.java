package org.lightnas.engine;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;

/** Memory that starts on a cache line. Owns it until closed. */
final class NativeMemory implements AutoCloseable {

  private static final int LINE = 64;

  private final BytePointer memory;
  private final long address;
  private final long bytes;
  private final ByteBuffer all;
  private final FloatBuffer floats;

  NativeMemory(long bytes) {
    this.bytes = bytes;
    this.memory = new BytePointer(bytes + LINE);
    this.address = (memory.address() + LINE - 1) / LINE * LINE;
    BytePointer start = memory.getPointer(address - memory.address());
    this.all = start.capacity(bytes).asByteBuffer();
    this.floats = new FloatPointer(start).capacity(bytes / Float.BYTES).asBuffer();
  }

  /** Room for so many floats. */
  static NativeMemory floats(long count) {
    return new NativeMemory(count * Float.BYTES);
  }

  long address() {
    return address;
  }

  long bytes() {
    return bytes;
  }

  /** A view; whoever holds it holds this. */
  FloatBuffer asFloats() {
    return floats;
  }

  /** Overwrites the first bytes. */
  void write(byte[] source) {
    all.put(0, source);
  }

  @Override
  public void close() {
    memory.close();
  }
}
