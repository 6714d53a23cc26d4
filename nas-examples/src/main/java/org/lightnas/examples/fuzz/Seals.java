package org.lightnas.examples.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;

/** The right sums under wrong contents, as somebody who means it would put there. */
final class Seals {

  private static final String CSV_SUM = "# crc32: ";
  private static final int PNG_HEAD = 8;
  private static final int STATE_HEAD = 16;

  private Seals() {}

  private static long crc(byte[] bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    return crc.getValue();
  }

  private static String hex(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return String.format(Locale.ROOT, "%08x", crc(bytes, 0, bytes.length));
  }

  /** A table or profile whose last line is the sum of the others. */
  static byte[] csv(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    StringBuilder lines = new StringBuilder();
    text.lines()
        .filter(line -> !line.startsWith(CSV_SUM))
        .forEach(l -> lines.append(l).append('\n'));
    return (lines + CSV_SUM + hex(lines.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** A predictor. */
  static byte[] predictor(ObjectNode root) {
    root.remove("crc32");
    root.put("crc32", hex(root.toString()));
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The manifest of a probe kit. */
  static byte[] manifest(ObjectNode root) {
    root.remove("content-sha256");
    root.put(
        "content-sha256",
        Hashing.sha256().hashString(root.toString(), StandardCharsets.UTF_8).toString());
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Results of a probe kit that name this manifest. */
  static byte[] results(byte[] results, byte[] manifest) {
    String sum = Hashing.sha256().hashBytes(manifest).toString();
    return new String(results, StandardCharsets.UTF_8)
        .replaceFirst("# manifest: [0-9a-f]*", "# manifest: " + sum)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** A checkpoint. */
  static byte[] state(byte[] bytes) {
    if (bytes.length < Long.BYTES) {
      return bytes;
    }
    int at = bytes.length - Long.BYTES;
    byte[] sealed = bytes.clone();
    ByteBuffer.wrap(sealed).putLong(at, crc(bytes, 0, at));
    return sealed;
  }

  /** The header of a checkpoint. */
  static byte[] header(byte[] state) {
    byte[] header = new byte[ByteBuffer.wrap(state).getInt(STATE_HEAD - Integer.BYTES)];
    ByteBuffer.wrap(state).get(STATE_HEAD, header);
    return header;
  }

  /** A checkpoint with another header. */
  static byte[] withHeader(byte[] state, byte[] header) {
    byte[] changed =
        ByteMutations.spliced(state, STATE_HEAD, STATE_HEAD + header(state).length, header);
    ByteBuffer.wrap(changed).putInt(STATE_HEAD - Integer.BYTES, header.length);
    return state(changed);
  }

  /** A PNG: chunks of length, kind, data and sum, as far as the lengths lead. */
  static byte[] png(byte[] bytes) {
    byte[] sealed = bytes.clone();
    ByteBuffer words = ByteBuffer.wrap(sealed);
    long at = PNG_HEAD;
    while (at + 12 <= sealed.length) {
      long length = words.getInt((int) at) & 0xFFFFFFFFL;
      if (at + 12 + length > sealed.length) {
        break;
      }
      words.putInt((int) (at + 8 + length), (int) crc(sealed, (int) at + 4, (int) length + 4));
      at += 12 + length;
    }
    return sealed;
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
}
