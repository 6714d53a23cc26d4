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
 *
 * @since 0.1.0
 */
public abstract sealed class Pixels {

  /** The number of values. */
  public abstract int length();

  /** What a value stands for. */
  public abstract float at(int i);

  /** As many zeros of the same kind. */
  abstract Pixels room(int count);

  /** Overwrites {@code count} values from {@code from} on with zeros. */
  abstract void clear(int from, int count);

  /** Copies {@code count} values to others of the same kind. */
  abstract void copy(int from, int count, Pixels target, int to);

  /** Copies {@code count} pixels of so many channels to others of the same kind, last one first. */
  void copyMirrored(int from, int count, int channels, Pixels target, int to) {
    for (int k = 0; k < count; k++) {
      copy(from + channels * k, channels, target, to + channels * (count - 1 - k));
    }
  }

  /**
   * Turns images from {@code [C, H, W]} to {@code [H, W, C]} where they lie; the other way round if
   * the two numbers change places.
   */
  void interleave(int channels, int area) {
    Pixels image = room(channels * area);
    for (int start = 0; start < length(); start += image.length()) {
      copy(start, image.length(), image, 0);
      for (int p = 0; p < area; p++) {
        for (int c = 0; c < channels; c++) {
          image.copy(c * area + p, 1, this, start + p * channels + c);
        }
      }
    }
  }

  /** Adds values, as they are stored, to a fingerprint. */
  abstract void digest(MessageDigest digest);

  /**
   * Unsigned bytes that stand for {@code [0, 1]}.
   *
   * @since 0.1.0
   */
  public static final class Bytes extends Pixels {

    private static final VarHandle EIGHT =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int PIXEL_BITS = 24;
    private static final long PIXEL = (1L << PIXEL_BITS) - 1;

    private final byte[] values;

    /**
     * Takes values over.
     *
     * @param values not copied
     */
    public Bytes(byte[] values) {
      this.values = values;
    }

    /** The values themselves, not a copy. */
    public byte[] values() {
      return values;
    }

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public float at(int i) {
      return (values[i] & 0xFF) / 255f;
    }

    @Override
    Pixels room(int count) {
      return new Bytes(new byte[count]);
    }

    @Override
    void clear(int from, int count) {
      Arrays.fill(values, from, from + count, (byte) 0);
    }

    @Override
    void copy(int from, int count, Pixels target, int to) {
      System.arraycopy(values, from, ((Bytes) target).values, to, count);
    }

    @Override
    void copyMirrored(int from, int count, int channels, Pixels target, int to) {
      if (channels != 3) {
        super.copyMirrored(from, count, channels, target, to);
        return;
      }
      byte[] into = ((Bytes) target).values;
      int left = count;
      if (left > 0) {
        System.arraycopy(values, from + 3 * --left, into, to, 3);
        to += 3;
      }
      // Between the ends two pixels at once: the next one overwrites what is written too far.
      for (; left > 2; left -= 2, to += 6) {
        long two = (long) EIGHT.get(values, from + 3 * (left - 2));
        EIGHT.set(into, to, ((two & PIXEL) << PIXEL_BITS) | ((two >>> PIXEL_BITS) & PIXEL));
      }
      for (; left > 0; to += 3) {
        System.arraycopy(values, from + 3 * --left, into, to, 3);
      }
    }

    @Override
    void digest(MessageDigest digest) {
      digest.update(values);
    }
  }

  /**
   * Values as they came.
   *
   * @since 0.1.0
   */
  public static final class Floats extends Pixels {

    private final float[] values;

    /**
     * Takes values over.
     *
     * @param values not copied
     */
    public Floats(float[] values) {
      this.values = values;
    }

    /** The values themselves, not a copy. */
    public float[] values() {
      return values;
    }

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public float at(int i) {
      return values[i];
    }

    @Override
    Pixels room(int count) {
      return new Floats(new float[count]);
    }

    @Override
    void clear(int from, int count) {
      Arrays.fill(values, from, from + count, 0f);
    }

    @Override
    void copy(int from, int count, Pixels target, int to) {
      System.arraycopy(values, from, ((Floats) target).values, to, count);
    }

    @Override
    void digest(MessageDigest digest) {
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
      bytes.asFloatBuffer().put(values);
      digest.update(bytes);
    }
  }
}
