package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;

final class CifarReaderTest {

  @TempDir Path folder;

  private ImageFormatException refusal(byte[] bytes, long offset) {
    Path file = SampleFiles.write(folder, "train.bin", bytes);
    ImageFormatException refusal =
        assertThatExceptionOfType(ImageFormatException.class)
            .isThrownBy(() -> CifarReader.read(List.of(file)))
            .actual();
    assertThat(refusal.file()).isEqualTo(file);
    assertThat(refusal.offset()).isEqualTo(offset);
    return refusal;
  }

  @Test
  void joinsFilesAndPutsChannelsLast() {
    byte[] first = SampleFiles.cifar(300, 4);
    Path a = SampleFiles.write(folder, "a", first);
    Path b = SampleFiles.write(folder, "b", SampleFiles.gzip(SampleFiles.cifar(2, 7)));
    ImageSet images = CifarReader.read(List.of(a, b));
    assertThat(images.size()).isEqualTo(302);
    assertThat(images.shape()).isEqualTo(new FeatureShape(3, 32, 32));
    assertThat(images.label(0)).isEqualTo(4);
    assertThat(images.label(301)).isEqualTo(8);
    float[] pixels = new float[3072];
    images.copyNhwc(299, pixels, 0);
    for (int c = 0; c < 3; c++) {
      int stored = first[299 * SampleFiles.CIFAR_RECORD + 1 + c * 1024 + 37] & 0xFF;
      assertThat(pixels[37 * 3 + c]).isEqualTo(stored / 255f);
    }
  }

  @Test
  void rejectsAPartOfARecord() {
    assertThat(refusal(Arrays.copyOf(SampleFiles.cifar(3, 0), 7000), 6146))
        .hasMessageContaining(
            "byte 6146: expected 3073 bytes of record 2, but the file ends after 854 of them.\n"
                + "Maybe the download was cut off, or this is not the binary version of CIFAR-10.");
  }

  @Test
  void rejectsAnEmptyFile() {
    assertThat(refusal(new byte[0], 0))
        .hasMessageContaining("expected 3073 bytes of record 0, but the file ends after 0 of them");
  }

  @Test
  void rejectsALabelBeyondTheClassesAndNamesTheRecord() {
    byte[] bytes = SampleFiles.cifar(3, 0);
    bytes[SampleFiles.CIFAR_RECORD] = 10;
    assertThat(refusal(bytes, 3073))
        .hasMessageContaining("expected a label from 0 to 9 in record 1, but found 10.")
        .hasMessageContaining("Maybe the file is damaged, or not the binary version of CIFAR-10.");
  }

  @Test
  void countsRecordsFromTheStartOfEachFile() {
    Path good = SampleFiles.write(folder, "good.bin", SampleFiles.cifar(2, 0));
    Path cut = SampleFiles.write(folder, "cut.bin", Arrays.copyOf(SampleFiles.cifar(2, 0), 4000));
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> CifarReader.read(List.of(good, cut)))
        .withMessageContaining("cut.bin', byte 3073: expected 3073 bytes of record 1");
  }
}
