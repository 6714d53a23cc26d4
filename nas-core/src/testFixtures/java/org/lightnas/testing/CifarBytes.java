package org.lightnas.testing;

import java.io.ByteArrayOutputStream;
import java.util.random.RandomGenerator;
import org.lightnas.internal.Seeds;

/** Files of CIFAR-10's format whose classes differ in brightness. */
public final class CifarBytes {

  private CifarBytes() {}

  /** A label and three planes of 32 x 32 for each image; labels go round. */
  public static byte[] of(int images, long seed) {
    RandomGenerator random = Seeds.random(seed, "cifar", 0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < images; i++) {
      bytes.write(i % 10);
      for (int k = 0; k < 3 * 32 * 32; k++) {
        bytes.write(20 * (i % 10) + random.nextInt(60));
      }
    }
    return bytes.toByteArray();
  }
}
