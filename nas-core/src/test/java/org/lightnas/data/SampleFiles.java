package org.lightnas.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Small valid files of the formats, as bytes to be changed or written. */
final class SampleFiles {

  static final int CIFAR_RECORD = 3073;

  private SampleFiles() {}

  /** IDX images with pixel k = k modulo 251. */
  static byte[] idxImages(int count, int height, int width) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + count * height * width);
    bytes.putInt(0x803).putInt(count).putInt(height).putInt(width);
    for (int k = 0; bytes.hasRemaining(); k++) {
      bytes.put((byte) (k % 251));
    }
    return bytes.array();
  }

  /** IDX labels 0, 1, ..., 9, 0, ... */
  static byte[] idxLabels(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      bytes.put((byte) (i % 10));
    }
    return bytes.array();
  }

  /** CIFAR-10 records with labels first, first + 1, ... modulo 10 and seeded pixels. */
  static byte[] cifar(int count, int first) {
    byte[] bytes = new byte[count * CIFAR_RECORD];
    new Random(first).nextBytes(bytes);
    for (int i = 0; i < count; i++) {
      bytes[i * CIFAR_RECORD] = (byte) ((first + i) % 10);
    }
    return bytes;
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  static Path write(Path folder, String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Twelve images to train on and seven to test on, each 5 x 4. */
  static void writeFashion(Path folder) {
    write(folder, "train-images-idx3-ubyte", idxImages(12, 5, 4));
    write(folder, "train-labels-idx1-ubyte", idxLabels(12));
    write(folder, "t10k-images-idx3-ubyte", idxImages(7, 5, 4));
    write(folder, "t10k-labels-idx1-ubyte", idxLabels(7));
  }
}
