package org.lightnas.predict;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Damage to files. */
final class Mutations {

  private static final byte[] LIKELY = "0159.-,#eENa \n\r|".getBytes(StandardCharsets.UTF_8);

  private Mutations() {}

  /** Replaces, inserts or removes bytes, or cuts the file, so many times. */
  static void apply(Path file, Random random, int changes) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      int at = random.nextInt(bytes.length);
      byte other =
          random.nextBoolean() ? LIKELY[random.nextInt(LIKELY.length)] : (byte) random.nextInt(256);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(bytes, 0, at);
      int kind = random.nextInt(10);
      if (kind < 4) {
        out.write(other);
        out.write(bytes, at + 1, bytes.length - at - 1);
      } else if (kind < 7) {
        out.write(other);
        out.write(bytes, at, bytes.length - at);
      } else if (kind < 9) {
        out.write(bytes, at + 1, bytes.length - at - 1);
      }
      bytes = out.toByteArray();
    }
    Files.write(file, bytes);
  }
}
