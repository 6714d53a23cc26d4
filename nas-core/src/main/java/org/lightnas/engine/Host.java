package org.lightnas.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.lightnas.data.Pixels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies between Java arrays and ND4J arrays, without a temporary where memory is the host's. */
final class Host {

  private Host() {}

  /** Whether the array is float32 in memory that Java can see. */
  static boolean visible(INDArray array) {
    return array.dataType() == DataType.FLOAT && Nd4j.getEnvironment().isCPU();
  }

  /**
   * The memory of a contiguous, visible array, in its order. Valid as long as the array: whoever
   * holds the buffer holds the array too.
   */
  static FloatBuffer floats(INDArray array) {
    return start(array).capacity(array.length()).asBuffer();
  }

  private static FloatPointer start(INDArray array) {
    return ((FloatPointer) array.data().pointer()).getPointer(array.offset());
  }

  /** Where an array in the host's memory starts. Valid as long as the array. */
  static long address(INDArray array) {
    return array.data().pointer().address() + array.offset() * array.dataType().width();
  }

  /** Overwrites a contiguous array with zeros. */
  static void clear(INDArray array) {
    if (visible(array)) {
      Pointer.memset(start(array), 0, array.length() * Float.BYTES);
    } else {
      array.assign(0);
    }
  }

  /** Overwrites a contiguous array. */
  static void write(INDArray target, Pixels source) {
    if (!visible(target)) {
      float[] values = new float[source.length()];
      for (int i = 0; i < values.length; i++) {
        values[i] = source.at(i);
      }
      try (INDArray given = Nd4j.create(values, target.shape(), 'c')) {
        target.assign(given);
      }
    } else if (source instanceof Pixels.Floats floats) {
      floats(target).put(0, floats.values(), 0, source.length());
    } else {
      FloatBuffer values = floats(target);
      for (int i = 0; i < source.length(); i++) {
        values.put(i, source.at(i));
      }
    }
  }

  /** Overwrites a contiguous array. */
  static void write(INDArray target, double[] source) {
    if (visible(target)) {
      FloatBuffer values = floats(target);
      for (int i = 0; i < source.length; i++) {
        values.put(i, (float) source[i]);
      }
    } else {
      // Freed here: the collector does not see native memory fill up.
      try (INDArray given = Nd4j.create(source, target.shape(), 'c')) {
        target.assign(given);
      }
    }
  }

  /** Overwrites a contiguous array, element by element. */
  static void fill(INDArray target, DoubleSupplier values) {
    if (visible(target)) {
      FloatBuffer floats = floats(target);
      for (int i = 0; i < floats.limit(); i++) {
        floats.put(i, (float) values.getAsDouble());
      }
    } else {
      double[] all = new double[(int) target.length()];
      Arrays.setAll(all, i -> values.getAsDouble());
      write(target, all);
    }
  }

  /** Reads a contiguous array. */
  static double[] read(INDArray source) {
    if (!visible(source)) {
      try (INDArray copy = source.dup('c')) {
        return copy.data().asDouble();
      }
    }
    FloatBuffer values = floats(source);
    double[] result = new double[(int) source.length()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(i);
    }
    return result;
  }
}
