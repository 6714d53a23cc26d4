package org.lightnas.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** The values of many images, one after the other; never written to once an image set has them. */
interface Pixels {

  /** The number of values. */
  int length();

  /** Copies {@code count} values from {@code from} on to {@code offset + k * stride}. */
  void copy(int from, int count, float[] target, int offset, int stride);

  /**
   * Copies {@code count} pixels of three colours, {@code plane} apart where they come from and side
   * by side where they go, each pixel behind or before the last one. Twice as fast as colour by
   * colour: of strides known beforehand the JIT compiler checks no bounds.
   *
   * @param from of the first pixel's first colour
   * @param offset where that goes
   */
  void copyColours(int from, int plane, int count, float[] target, int offset, boolean backwards);

  /** Adds values, as they are stored, to a fingerprint. */
  void digest(int from, int count, MessageDigest digest);

  /** Unsigned bytes that stand for {@code [0, 1]}. */
  record Bytes(byte[] values) implements Pixels {

    private static final float[] UNIT = new float[256];

    static {
      for (int i = 0; i < UNIT.length; i++) {
        UNIT[i] = i / 255f;
      }
    }

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public void copy(int from, int count, float[] target, int offset, int stride) {
      int at = offset;
      for (int k = from; k < from + count; k++) {
        target[at] = UNIT[values[k] & 0xFF];
        at += stride;
      }
    }

    @Override
    public void copyColours(
        int from, int plane, int count, float[] target, int offset, boolean backwards) {
      if (backwards) {
        for (int k = 0; k < count; k++) {
          target[offset - 3 * k] = UNIT[values[from + k] & 0xFF];
          target[offset - 3 * k + 1] = UNIT[values[from + plane + k] & 0xFF];
          target[offset - 3 * k + 2] = UNIT[values[from + 2 * plane + k] & 0xFF];
        }
      } else {
        for (int k = 0; k < count; k++) {
          target[offset + 3 * k] = UNIT[values[from + k] & 0xFF];
          target[offset + 3 * k + 1] = UNIT[values[from + plane + k] & 0xFF];
          target[offset + 3 * k + 2] = UNIT[values[from + 2 * plane + k] & 0xFF];
        }
      }
    }

    @Override
    public void digest(int from, int count, MessageDigest digest) {
      digest.update(values, from, count);
    }
  }

  /** Values as they came. */
  record Floats(float[] values) implements Pixels {

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public void copy(int from, int count, float[] target, int offset, int stride) {
      int at = offset;
      for (int k = from; k < from + count; k++) {
        target[at] = values[k];
        at += stride;
      }
    }

    @Override
    public void copyColours(
        int from, int plane, int count, float[] target, int offset, boolean backwards) {
      for (int colour = 0; colour < 3; colour++) {
        copy(from + colour * plane, count, target, offset + colour, backwards ? -3 : 3);
      }
    }

    @Override
    public void digest(int from, int count, MessageDigest digest) {
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * count);
      bytes.asFloatBuffer().put(values, from, count);
      digest.update(bytes);
    }
  }
}
