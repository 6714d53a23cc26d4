package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;

class StateFileTest {

  private static final String REMEDY = "\nMaybe delete it to begin anew, or put back a copy.";

  /** What the first version wrote; must be readable for ever. */
  private static final String FORMAT_1 =
      "4c696768744e4153" // LightNAS
          + "00000001" // format
          + "000000a9" // length of the header
          + hex(
              "{\"run\":{\"epochs\":\"3\",\"seed\":\"42\"},"
                  + "\"position\":{\"step\":7,\"lossSum\":0.1,\"correct\":12,\"bestEpoch\":1,"
                  + "\"bestAccuracy\":62.5},"
                  + "\"tensors\":{\"value/a/W\":2,\"value/µ\":0,\"best/a/W\":1}}")
          + "3f800000" // 1
          + "c0490fdb" // -3.1415927
          + "00000001" // the smallest number above 0
          + "00000000a534d2a0"; // CRC-32

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void choose() {
    file = folder.resolve("last.ckpt");
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private record Position(
      long step, double lossSum, long correct, int bestEpoch, double bestAccuracy) {}

  private StateFile<Position> sample() {
    Map<String, String> run = new LinkedHashMap<>();
    run.put("epochs", "3");
    run.put("seed", "42");
    Map<String, double[]> tensors = new LinkedHashMap<>();
    tensors.put("value/a/W", new double[] {1, (float) -Math.PI});
    tensors.put("value/µ", new double[0]);
    tensors.put("best/a/W", new double[] {Float.MIN_VALUE});
    return new StateFile<>(file, run, new Position(7, 0.1, 12, 1, 62.5), tensors);
  }

  private static byte[] golden() {
    return HexFormat.of().parseHex(FORMAT_1);
  }

  /** Puts the right checksum at the end. */
  private static byte[] sealed(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, bytes.length - Long.BYTES);
    ByteBuffer.wrap(bytes).putLong(bytes.length - Long.BYTES, crc.getValue());
    return bytes;
  }

  private ThrowableAssertAlternative<CheckpointException> rejected(byte[] bytes)
      throws IOException {
    Files.write(file, bytes);
    return assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateFile.read(file, Position.class))
        .matches(e -> file.equals(e.file()));
  }

  private String of(String problem) {
    return "Checkpoint '" + file + "' " + problem;
  }

  @Test
  void writesAndReadsFormat1() throws IOException {
    sample().write();
    assertThat(Files.readAllBytes(file)).isEqualTo(golden());
    StateFile<Position> read = StateFile.read(file, Position.class);
    assertThat(read.run()).containsExactlyEntriesOf(sample().run());
    assertThat(read.position()).isEqualTo(sample().position());
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(sample().tensors().keySet());
    sample()
        .tensors()
        .forEach((name, data) -> assertThat(read.tensors().get(name)).isEqualTo(data));
  }

  @Test
  void noTruncatedFileIsRead() throws IOException {
    byte[] bytes = golden();
    for (int length = 0; length < bytes.length; length++) {
      rejected(Arrays.copyOf(bytes, length));
    }
    rejected(Arrays.copyOf(bytes, 7))
        .withMessage(
            of(
                "does not begin as a checkpoint does.\n"
                    + "Maybe it is another file; choose another folder."));
    rejected(Arrays.copyOf(bytes, 20))
        .withMessage(of("holds 20 bytes, too few for any: it is damaged." + REMEDY));
    rejected(Arrays.copyOf(bytes, bytes.length - 1))
        .withMessage(of("does not have the checksum it was written with: it is damaged." + REMEDY));
  }

  @Test
  void noFileWithAChangedByteIsRead() throws IOException {
    byte[] bytes = golden();
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] = (byte) (changed[i] ^ (1 << (i % 8)));
      rejected(changed);
    }
  }

  @Test
  void newerFormatsAreRefusedWithBothNumbers() throws IOException {
    byte[] bytes = golden();
    bytes[11] = 2;
    rejected(bytes)
        .withMessage(
            of(
                "is of format 2; this version of the library reads up to 1.\n"
                    + "Maybe use the version that wrote it."));
    bytes[11] = 0;
    rejected(sealed(bytes)).withMessage(of("is of format 0: it is damaged." + REMEDY));
  }

  private static byte[] withHeader(String header, int length) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(16 + text.length + 4 + Long.BYTES);
    bytes.put(golden(), 0, 12).putInt(length).put(text);
    return sealed(bytes.array());
  }

  private static byte[] withHeader(String header) {
    return withHeader(header, header.getBytes(StandardCharsets.UTF_8).length);
  }

  /** Their checksums are right, so somebody meant it. */
  @Test
  void forgedSizesAllocateNothing() throws IOException {
    for (int length : new int[] {-1, 100, Integer.MAX_VALUE}) {
      rejected(withHeader("{}", length))
          .withMessage(
              of("has no room for a header of " + length + " bytes: it is damaged." + REMEDY));
    }
    String position =
        "\"position\":{\"step\":7,\"lossSum\":0,\"correct\":1,\"bestEpoch\":0,\"bestAccuracy\":0}";
    for (String size : new String[] {"-1", "2", "2147483647", "9223372036854775807"}) {
      rejected(withHeader("{\"run\":{}," + position + ",\"tensors\":{\"w\":" + size + "}}"))
          .withMessage(
              of("has no room for the " + size + " values of 'w': it is damaged." + REMEDY));
    }
    rejected(withHeader("{\"run\":{}," + position + ",\"tensors\":{}}"))
        .withMessage(of("holds 4 bytes more than it names: it is damaged." + REMEDY));
    for (String header :
        new String[] {
          "",
          "[",
          "{}",
          "7",
          "{\"run\":[]," + position + ",\"tensors\":{}}",
          "{\"run\":{}," + position + ",\"tensors\":{\"w\":\"many\"}}",
          "{\"run\":{}," + position + ",\"tensors\":{\"w\":null}}",
          "{\"run\":{\"seed\":null}," + position + ",\"tensors\":{}}",
          "{\"run\":{}," + position.replace("7", "null") + ",\"tensors\":{}}",
          "[".repeat(5000),
          "{\"run\":{},\"position\":{\"step\":7},\"tensors\":{}}",
          "{\"run\":null," + position + ",\"tensors\":{}}"
        }) {
      rejected(withHeader(header))
          .withMessageMatching(
              "(?s).*(has a header that cannot be read \\(.+\\)|lacks a part of its header): it is"
                  + " damaged\\..*");
    }
  }

  @Test
  void aStateThatTheRunIsNeverInIsRefused() {
    sample().goOn(position -> assertThat(position).isEqualTo(sample().position()));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                sample()
                    .goOn(
                        position -> {
                          throw new IllegalArgumentException("step " + position.step());
                        }))
        .withMessage(
            of("holds a state that this run is never in (step 7): it is damaged." + REMEDY));
  }

  @Test
  void valuesThatAreNoNumbersAreRefused() throws IOException {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      byte[] bytes = golden();
      ByteBuffer.wrap(bytes).putFloat(bytes.length - Long.BYTES - Float.BYTES, value);
      rejected(sealed(bytes))
          .withMessage(
              of("holds " + value + " among the values of 'best/a/W': it is damaged." + REMEDY));
    }
  }

  @Test
  void whatNoVirtualMachineCouldHoldIsRefusedBeforeItIsRead() throws IOException {
    long most = Math.min(Runtime.getRuntime().maxMemory(), Integer.MAX_VALUE - 8);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateFile.read(file, Position.class))
        .withMessage(
            of(
                "holds 3221225472 bytes, but at most "
                    + most
                    + " can be read.\nMaybe it is another file, or Java needs a larger heap"
                    + " (-Xmx)."));
  }

  @Test
  void tensorsOfOtherSizesAreRefused() {
    assertThat(sample().has("value/a/W")).isTrue();
    assertThat(sample().has("value/b")).isFalse();
    assertThat(sample().take("value/a/W", 2)).containsExactly(1, (float) -Math.PI);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> sample().take("value/b", 3))
        .withMessage(of("holds no values of 'value/b' instead of 3: it is damaged." + REMEDY));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> sample().take("value/a/W", 3))
        .withMessage(of("holds 2 values of 'value/a/W' instead of 3: it is damaged." + REMEDY));
  }

  @Test
  void anotherRunIsRefusedWithAllThatDiffers() {
    sample().requireRun(sample().run(), "training");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> sample().requireRun(Map.of("seed", "42", "batch", "8"), "search"))
        .withMessageStartingWith(of("is of another search: "))
        .withMessageContaining("batch was unknown and is 8")
        .withMessageContaining("epochs was 3 and is unknown")
        .withMessageEndingWith("\nMaybe choose another folder, or ask for the same as then.");
  }

  @Test
  void positionsBeyondTheRunAreRefused() {
    sample().requireWithin(7, 7);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> sample().requireWithin(7, 6))
        .withMessage(of("stands at step 7 of 6: it is damaged." + REMEDY));
  }

  @Test
  void saysWhyItCannotBeReadOrWritten() throws IOException {
    Files.createDirectory(file);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateFile.read(file, Position.class))
        .withMessageStartingWith(of("cannot be read: "))
        .withMessageEndingWith("\nMaybe check the rights of the file.");
    Files.writeString(file.resolve("taken"), "");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> sample().write())
        .withMessageStartingWith(of("cannot be written: "))
        .withMessageEndingWith("\nMaybe choose another folder, or make room on the disk.");
  }

  @Test
  void whatWentTooFarDoesNotReplaceWhatWasGood() throws IOException {
    sample().write();
    byte[] good = Files.readAllBytes(file);
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e300}) {
      Map<String, double[]> tensors = Map.of("value/a/W", new double[] {1, bad});
      StateFile<Position> state =
          new StateFile<>(file, Map.of(), new Position(8, 0, 0, 0, 0), tensors);
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(state::write)
          .withMessage(
              "Checkpoint '%s' was not written, because 'value/a/W' holds %s.\n"
                  + "Maybe lower the learning rate.",
              file, bad);
      assertThat(Files.readAllBytes(file)).isEqualTo(good);
    }
  }
}
