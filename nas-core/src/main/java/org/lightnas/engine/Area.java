package org.lightnas.engine;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A place in native memory and the shape in which it is seen. The ND4J view of it is made when it
 * is first asked for, so that laying out a network costs next to nothing. Owns no memory.
 */
final class Area {

  private final INDArray memory;
  private final long offset;
  private final long[] shape;
  private @Nullable INDArray view;
  private @Nullable FloatBuffer floats;

  /** The elements from {@code offset} on, in C order. */
  Area(INDArray memory, long offset, long... shape) {
    this.memory = memory;
    this.offset = offset;
    this.shape = shape;
  }

  /** All of a contiguous array. */
  static Area of(INDArray array) {
    Area area = new Area(array, 0, array.shape());
    area.view = array;
    return area;
  }

  /** Size of one axis. */
  long size(int axis) {
    return shape[axis];
  }

  /** Elements. */
  long length() {
    long length = 1;
    for (long size : shape) {
      length *= size;
    }
    return length;
  }

  /** As an ND4J array that shares the memory. */
  INDArray array() {
    if (view == null) {
      view = Nd4j.create(memory.data(), shape, Nd4j.getStrides(shape, 'c'), offset, 'c');
    }
    return view;
  }

  /** Its floats, in memory that Java can see; valid as long as the memory. */
  FloatPointer pointer() {
    long from = memory.offset() + offset;
    return ((FloatPointer) memory.data().pointer()).getPointer(from).capacity(length());
  }

  /** The same as a buffer, made once. */
  FloatBuffer floats() {
    if (floats == null) {
      floats = pointer().asBuffer();
    }
    return floats;
  }

  /** Where it starts in memory that Java can see; valid as long as the memory. */
  long address() {
    return Host.address(memory) + offset * memory.dataType().width();
  }
}
