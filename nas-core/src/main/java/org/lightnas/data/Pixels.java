package org.lightnas.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The values of images, one image after the other, each {@code [H, W, C]}: bytes as files hold
 * them, or floats. Batches stay as small as their images are until the engine has them.
 */
public sealed interface Pixels {

  /** The number of values. */
  int length();

  /** What a value stands for. */
  float at(int i);

  /** As many zeros of the same kind. */
  Pixels room(int count);

  /** Overwrites {@code count} values from {@code from} on with zeros. */
  void clear(int from, int count);

  /** Copies {@code count} values to others of the same kind. */
  void copy(int from, int count, Pixels target, int to);

  /** Copies {@code count} pixels of so many channels to others of the same kind, last one first. */
  void copyMirrored(int from, int count, int channels, Pixels target, int to);

  /**
   * Turns images from {@code [C, H, W]} to {@code [H, W, C]} where they lie; the other way round if
   * the two numbers change places.
   */
  void interleave(int channels, int area);

  /** Adds values, as they are stored, to a fingerprint. */
  void digest(MessageDigest digest);

  /**
   * Unsigned bytes that stand for {@code [0, 1]}.
   *
   * @param values not copied
   */
  record Bytes(byte[] values) implements Pixels {

    private static final VarHandle QUAD =
        MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public float at(int i) {
      return (values[i] & 0xFF) / 255f;
    }

    @Override
    public Pixels room(int count) {
      return new Bytes(new byte[count]);
    }

    @Override
    public void clear(int from, int count) {
      Arrays.fill(values, from, from + count, (byte) 0);
    }

    @Override
    public void copy(int from, int count, Pixels target, int to) {
      System.arraycopy(values, from, ((Bytes) target).values, to, count);
    }

    @Override
    public void copyMirrored(int from, int count, int channels, Pixels target, int to) {
      byte[] into = ((Bytes) target).values;
      int k = count - 1;
      if (channels == 3 && count > 2) {
        System.arraycopy(values, from + 3 * k, into, to, 3);
        // Between the ends four bytes at once: the next pixel overwrites the fourth.
        for (k--, to += 3; k > 0; k--, to += 3) {
          QUAD.set(into, to, (int) QUAD.get(values, from + 3 * k));
        }
      }
      for (; k >= 0; k--, to += channels) {
        System.arraycopy(values, from + channels * k, into, to, channels);
      }
    }

    @Override
    public void interleave(int channels, int area) {
      byte[] image = new byte[channels * area];
      for (int start = 0; start < values.length; start += image.length) {
        System.arraycopy(values, start, image, 0, image.length);
        for (int p = 0; p < area; p++) {
          for (int c = 0; c < channels; c++) {
            values[start + p * channels + c] = image[c * area + p];
          }
        }
      }
    }

    @Override
    public void digest(MessageDigest digest) {
      digest.update(values);
    }
  }

  /**
   * Values as they came.
   *
   * @param values not copied
   */
  record Floats(float[] values) implements Pixels {

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public float at(int i) {
      return values[i];
    }

    @Override
    public Pixels room(int count) {
      return new Floats(new float[count]);
    }

    @Override
    public void clear(int from, int count) {
      Arrays.fill(values, from, from + count, 0f);
    }

    @Override
    public void copy(int from, int count, Pixels target, int to) {
      System.arraycopy(values, from, ((Floats) target).values, to, count);
    }

    @Override
    public void copyMirrored(int from, int count, int channels, Pixels target, int to) {
      for (int k = 0; k < count; k++) {
        copy(from + channels * k, channels, target, to + channels * (count - 1 - k));
      }
    }

    @Override
    public void interleave(int channels, int area) {
      float[] image = new float[channels * area];
      for (int start = 0; start < values.length; start += image.length) {
        System.arraycopy(values, start, image, 0, image.length);
        for (int p = 0; p < area; p++) {
          for (int c = 0; c < channels; c++) {
            values[start + p * channels + c] = image[c * area + p];
          }
        }
      }
    }

    @Override
    public void digest(MessageDigest digest) {
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
      bytes.asFloatBuffer().put(values);
      digest.update(bytes);
    }
  }
}
