package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;

final class IdxReaderTest {

  private static final String IMAGES = "images";
  private static final String LABELS = "labels";

  @TempDir Path folder;

  @BeforeEach
  void writeTwelveImages() {
    SampleFiles.write(folder, IMAGES, SampleFiles.idxImages(12, 5, 4));
    SampleFiles.write(folder, LABELS, SampleFiles.idxLabels(12));
  }

  private ImageSet read() {
    return IdxReader.read(folder.resolve(IMAGES), folder.resolve(LABELS), 10);
  }

  private ImageFormatException refusal(String culprit, long offset) {
    ImageFormatException refusal =
        assertThatExceptionOfType(ImageFormatException.class).isThrownBy(this::read).actual();
    assertThat(refusal.file()).isEqualTo(folder.resolve(culprit));
    assertThat(refusal.offset()).isEqualTo(offset);
    assertThat(refusal)
        .hasMessageStartingWith(
            "Image file '" + folder.resolve(culprit) + "', byte " + offset + ": expected ")
        .hasMessageContaining("\nMaybe ");
    return refusal;
  }

  private void change(String name, byte[] bytes, int at, int value) {
    SampleFiles.write(folder, name, ByteBuffer.wrap(bytes).putInt(at, value).array());
  }

  @Test
  void readsPixelsRowByRowAndLabelsInOrder() {
    ImageSet images = read();
    assertThat(images.size()).isEqualTo(12);
    assertThat(images.shape()).isEqualTo(new FeatureShape(1, 5, 4));
    assertThat(images.classes()).isEqualTo(10);
    assertThat(images.label(11)).isEqualTo(1);
    float[] pixels = new float[20];
    images.copyNhwc(2, pixels, 0);
    for (int k = 0; k < 20; k++) {
      assertThat(pixels[k]).isEqualTo((40 + k) / 255f);
    }
  }

  @Test
  void readsCompressedFilesWhateverTheirName() {
    String plain = read().fingerprint();
    SampleFiles.write(folder, IMAGES, SampleFiles.gzip(SampleFiles.idxImages(12, 5, 4)));
    assertThat(read().fingerprint()).isEqualTo(plain);
  }

  @Test
  void readsMoreThanTheFirstPiece() {
    SampleFiles.write(folder, IMAGES, SampleFiles.idxImages(12, 400, 300));
    assertThat(read().shape()).isEqualTo(new FeatureShape(1, 400, 300));
    float[] pixels = new float[120_000];
    read().copyNhwc(11, pixels, 0);
    assertThat(pixels[119_999]).isEqualTo((12 * 120_000 - 1) % 251 / 255f);
  }

  @Test
  void rejectsAnotherMagicNumberAndShowsBoth() {
    SampleFiles.write(folder, IMAGES, SampleFiles.idxLabels(12));
    assertThat(refusal(IMAGES, 0))
        .hasMessageContaining("magic number 0x00000803 of IDX images, but found 0x00000801.")
        .hasMessageContaining("Maybe it is a file of another kind");
  }

  @Test
  void rejectsImagesInPlaceOfLabels() {
    SampleFiles.write(folder, LABELS, SampleFiles.idxImages(12, 5, 4));
    assertThat(refusal(LABELS, 0)).hasMessageContaining("0x00000801 of IDX labels");
  }

  @Test
  void rejectsAnEmptyFile() {
    SampleFiles.write(folder, IMAGES, new byte[0]);
    assertThat(refusal(IMAGES, 0))
        .hasMessageContaining(
            "expected 4 bytes of magic number, but the file ends after 0 of them.");
  }

  @Test
  void rejectsAxesOfNoLength() {
    change(IMAGES, SampleFiles.idxImages(12, 5, 4), 8, 0);
    assertThat(refusal(IMAGES, 8)).hasMessageContaining("a positive height, but found 0.");
    change(IMAGES, SampleFiles.idxImages(12, 5, 4), 4, -3);
    assertThat(refusal(IMAGES, 4))
        .hasMessageContaining("a positive number of images, but found -3.")
        .hasMessageContaining("the header is damaged");
  }

  @Test
  void rejectsMissingPixels() {
    SampleFiles.write(folder, IMAGES, Arrays.copyOf(SampleFiles.idxImages(12, 5, 4), 250));
    assertThat(refusal(IMAGES, 250))
        .hasMessageContaining("expected 240 bytes of pixels, but the file ends after 234 of them.")
        .hasMessageContaining("Maybe the download was cut off; fetch the file again.");
  }

  @Test
  void rejectsTrailingBytes() {
    SampleFiles.write(folder, IMAGES, Arrays.copyOf(SampleFiles.idxImages(12, 5, 4), 257));
    assertThat(refusal(IMAGES, 256))
        .hasMessageContaining("expected the end of the file after 12 images of 5 x 4, but more")
        .hasMessageContaining("Maybe the header was changed or two files were joined");
    writeTwelveImages();
    SampleFiles.write(folder, LABELS, Arrays.copyOf(SampleFiles.idxLabels(12), 21));
    assertThat(refusal(LABELS, 20)).hasMessageContaining("the end of the file after 12 labels");
  }

  @Test
  void rejectsALabelBeyondTheClasses() {
    byte[] labels = SampleFiles.idxLabels(12);
    labels[8 + 7] = (byte) 200;
    SampleFiles.write(folder, LABELS, labels);
    assertThat(refusal(LABELS, 15))
        .hasMessageContaining("a label from 0 to 9 for image 7, but found 200.")
        .hasMessageContaining("Maybe the file belongs to a data set with more classes.");
    labels[8 + 7] = 10;
    SampleFiles.write(folder, LABELS, labels);
    assertThat(refusal(LABELS, 15)).hasMessageContaining("but found 10.");
  }

  @Test
  void rejectsAnotherNumberOfLabelsAndNamesBothFiles() {
    SampleFiles.write(folder, LABELS, SampleFiles.idxLabels(11));
    assertThat(refusal(LABELS, 4))
        .hasMessageContaining(
            "expected 12 labels, one for each image of '"
                + folder.resolve(IMAGES)
                + "', but found 11.")
        .hasMessageContaining("Maybe the files come from different data sets.");
  }

  @Test
  void rejectsMorePixelsThanAnArrayHolds() {
    change(IMAGES, SampleFiles.idxImages(12, 5, 4), 4, Integer.MAX_VALUE);
    assertThat(refusal(IMAGES, 4))
        .hasMessageContaining(
            "at most 2147483647 pixels in all, but the header announces 2147483647 images of"
                + " 5 x 4.");
  }

  /** The heap of the tests is smaller than what these headers announce. */
  @Test
  void believesNoHeaderBeforeTheBytesArrive() throws IOException {
    byte[] forged = ByteBuffer.wrap(SampleFiles.idxImages(12, 5, 4)).putInt(4, 107_000_000).array();
    SampleFiles.write(folder, IMAGES, forged);
    assertThat(refusal(IMAGES, 256)).hasMessageContaining("expected 2140000000 bytes of pixels");
    SampleFiles.write(folder, IMAGES, SampleFiles.gzip(forged));
    assertThat(refusal(IMAGES, 256)).hasMessageContaining("expected 2140000000 bytes of pixels");
    try (GZIPOutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve(IMAGES)))) {
      out.write(forged);
      out.write(new byte[5_000_000]);
    }
    assertThat(refusal(IMAGES, 5_000_256)).hasMessageContaining("ends after 5000240 of them");
  }

  @Test
  void rejectsAnArchiveThatIsCutOff() {
    byte[] packed = SampleFiles.gzip(SampleFiles.idxImages(12, 5, 4));
    SampleFiles.write(folder, IMAGES, Arrays.copyOf(packed, packed.length - 20));
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(this::read)
        .withMessageContaining("the file starts as gzip does, but cannot be unpacked further (")
        .withMessageContaining("Maybe the download was cut off or damaged; fetch the file again.")
        .withCauseInstanceOf(IOException.class)
        .satisfies(e -> assertThat(e.file()).isEqualTo(folder.resolve(IMAGES)));
  }

  /** Java's reader goes a call deeper for each. */
  @Test
  void rejectsArchivesOfNothingInARow() throws IOException {
    byte[] nothing = SampleFiles.gzip(new byte[0]);
    try (OutputStream out = Files.newOutputStream(folder.resolve(IMAGES))) {
      for (int i = 0; i < 100_000; i++) {
        out.write(nothing);
      }
    }
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(this::read)
        .withMessageContaining("cannot be unpacked further (StackOverflowError).");
  }

  @Test
  void namesTheFileThatDoesNotFitIntoMemory() {
    Path path = SampleFiles.write(folder, "file", new byte[] {1});
    try (ImageFile file = ImageFile.open(path)) {
      // No array is as long as that, whatever the heap.
      assertThatExceptionOfType(ImageFormatException.class)
          .isThrownBy(() -> file.sized(new byte[1], Integer.MAX_VALUE))
          .withMessage(
              "Image file '"
                  + path
                  + "', byte 0: what is read so far and what comes do not fit into memory"
                  + " (2147483647 bytes are asked for).\nMaybe Java needs a larger heap (-Xmx), or"
                  + " the file is not what it seems.");
    }
  }

  @Test
  void rejectsAnArchiveWithADamagedHead() {
    SampleFiles.write(folder, IMAGES, new byte[] {0x1f, (byte) 0x8b, 99, 0, 0});
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(this::read)
        .withMessageContaining("byte 0: the file starts as gzip does")
        .withMessageContaining("Unsupported compression method");
  }

  @Test
  void rejectsATestPartOfAnotherShape() {
    ImageSet other = new ImageSet(new FeatureShape(1, 2, 2), 10, new byte[4], new int[1]);
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> IdxReader.read(folder.resolve(IMAGES), folder.resolve(LABELS), other))
        .withMessageContaining(
            "byte 8: expected images of 1x2x2 as in the training part, but found 1x5x4.\nMaybe"
                + " the files come from different data sets.");
  }

  @Test
  void reportsTroubleOfTheDiskAsSuchAndNamesTheFile() throws IOException {
    Files.delete(folder.resolve(IMAGES));
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(this::read)
        .withMessageContaining("Cannot read image file '" + folder.resolve(IMAGES) + "': ")
        .withMessageContaining("\nMaybe check its permissions.");
    Files.createDirectory(folder.resolve(IMAGES));
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(this::read)
        .withMessageContaining("Cannot read image file '" + folder.resolve(IMAGES) + "': ");
  }
}
