package org.lightnas.examples.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What happens to the bytes of a file: flipped bits, cuts, insertions, blocks that are doubled,
 * lost or moved, forged sizes in headers; in texts also other numbers, names that lead elsewhere,
 * deep nesting.
 */
final class ByteMutations {

  private static final int[] SIZES = {
    0, 1, -1, 2, 255, 256, 65535, 1 << 16, 1 << 24, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 30
  };

  /** Where headers are. */
  private static final int HEAD = 64;

  /** Longer files only take longer. */
  private static final int MOST = 1 << 20;

  private final List<String> texts;

  /**
   * Of files beside which there is one that no reader may touch.
   *
   * @param forbidden absolute path of that file
   */
  ByteMutations(String forbidden) {
    texts =
        List.of(
            "NaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "-1",
            "0",
            "-0.0",
            "1e308",
            "4e-324",
            "99999999999999999999",
            "2147483648",
            "0x1p3",
            "null",
            "",
            "\u0000",
            "\u2028",
            "\"",
            "#",
            ",",
            forbidden,
            "../canary.txt",
            "../../canary.txt",
            "..\\canary.txt",
            "[".repeat(3000),
            "{\"a\":".repeat(1500),
            "(".repeat(20_000) + ")x",
            "9".repeat(20_000));
  }

  /** A name or number that does harm where it is believed. */
  String text(SplittableRandom random) {
    return texts.get(random.nextInt(texts.size()));
  }

  /** One to four changes. */
  byte[] apply(byte[] bytes, boolean text, SplittableRandom random) {
    byte[] changed = bytes.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      byte[] next = text && random.nextBoolean() ? inText(changed, random) : once(changed, random);
      changed = next.length > MOST ? Arrays.copyOf(next, MOST) : next;
    }
    return changed;
  }

  private byte[] once(byte[] bytes, SplittableRandom random) {
    if (bytes.length < 2) {
      return new byte[random.nextInt(8)];
    }
    int at = random.nextInt(random.nextBoolean() ? bytes.length : Math.min(HEAD, bytes.length));
    int length = 1 + random.nextInt(Math.min(200, bytes.length));
    int end = Math.min(bytes.length, at + length);
    return switch (random.nextInt(9)) {
      case 0, 1 -> flipped(bytes, at, random);
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> spliced(bytes, at, at, noise(length, random));
      case 4 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      case 5 -> spliced(bytes, at, end, new byte[0]);
      case 6 -> moved(bytes, at, end, random);
      default -> sized(bytes, at, random);
    };
  }

  private static byte[] flipped(byte[] bytes, int at, SplittableRandom random) {
    byte[] changed = bytes.clone();
    changed[at] ^= (byte) (1 << random.nextInt(8));
    return changed;
  }

  private static byte[] noise(int length, SplittableRandom random) {
    byte[] noise = new byte[length];
    if (random.nextBoolean()) {
      random.nextBytes(noise);
    }
    return noise;
  }

  private static byte[] moved(byte[] bytes, int at, int end, SplittableRandom random) {
    byte[] block = Arrays.copyOfRange(bytes, at, end);
    byte[] rest = spliced(bytes, at, end, new byte[0]);
    int to = random.nextInt(rest.length + 1);
    return spliced(rest, to, to, block);
  }

  /** A forged size or count, in either order of bytes. */
  private static byte[] sized(byte[] bytes, int at, SplittableRandom random) {
    int value = SIZES[random.nextInt(SIZES.length)] + random.nextInt(2);
    ByteBuffer word = ByteBuffer.allocate(Integer.BYTES);
    word.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN).putInt(value);
    int width = random.nextBoolean() ? Integer.BYTES : Short.BYTES;
    int from = word.order() == ByteOrder.BIG_ENDIAN ? Integer.BYTES - width : 0;
    int end = Math.min(bytes.length, at + width);
    return spliced(bytes, at, end, Arrays.copyOfRange(word.array(), from, from + end - at));
  }

  static byte[] spliced(byte[] bytes, int from, int to, byte[] piece) {
    return ByteBuffer.allocate(bytes.length - (to - from) + piece.length)
        .put(bytes, 0, from)
        .put(piece)
        .put(bytes, to, bytes.length - to)
        .array();
  }

  /** Replaces a word, a number or a line. */
  private byte[] inText(byte[] bytes, SplittableRandom random) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (text.isEmpty()) {
      return bytes;
    }
    int at = random.nextInt(text.length());
    boolean line = random.nextInt(4) == 0;
    int from = at;
    while (from > 0 && within(text.charAt(from - 1), line)) {
      from--;
    }
    int to = at;
    while (to < text.length() && within(text.charAt(to), line)) {
      to++;
    }
    String piece = text.substring(from, to);
    String now =
        switch (random.nextInt(5)) {
          case 0 -> piece + "\n" + piece;
          case 1 -> "";
          case 2 -> piece.replaceAll("\\d", Integer.toString(random.nextInt(10)));
          default -> text(random);
        };
    return spliced(bytes, from, to, now.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean within(char letter, boolean line) {
    return line
        ? letter != '\n'
        : Character.isLetterOrDigit(letter) || letter == '.' || letter == '-' || letter == '_';
  }
}
