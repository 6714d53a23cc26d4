package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;

final class ImageDataTest {

  @TempDir Path folder;

  private UncheckedIOException missing(Runnable call) {
    return assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(call::run).actual();
  }

  @Test
  void opensFashionMnist() {
    SampleFiles.writeFashion(folder);
    ImageData data = ImageData.open(folder);
    assertThat(data.name()).isEqualTo("fashion-mnist");
    assertThat(data.shape()).isEqualTo(new FeatureShape(1, 5, 4));
    assertThat(data.classes()).isEqualTo(10);
    assertThat(data.train().size()).isEqualTo(12);
    assertThat(data.test().size()).isEqualTo(7);
  }

  @Test
  void opensCifarUnderOfficialNamesAndIgnoresOthers() {
    for (int k = 1; k <= 5; k++) {
      SampleFiles.write(folder, "data_batch_" + k + ".bin", SampleFiles.cifar(2, k));
    }
    SampleFiles.write(folder, "test_batch.bin.gz", SampleFiles.gzip(SampleFiles.cifar(3, 0)));
    SampleFiles.write(folder, "train_extra.bin", SampleFiles.cifar(1, 0));
    SampleFiles.write(folder, "batches.meta.txt", new byte[1]);
    ImageData data = ImageData.open(folder);
    assertThat(data.name()).isEqualTo("cifar10");
    assertThat(data.train().size()).isEqualTo(10);
    assertThat(data.train().label(9)).isEqualTo(6);
    assertThat(data.test().size()).isEqualTo(3);
  }

  @Test
  void opensCifarUnderOtherNamesAndReadsEachFileOnce() {
    SampleFiles.write(folder, "train_b.bin", SampleFiles.cifar(2, 5));
    SampleFiles.write(folder, "train_a.bin.gz", SampleFiles.gzip(SampleFiles.cifar(1, 3)));
    SampleFiles.write(folder, "train_a.bin", SampleFiles.cifar(1, 3));
    SampleFiles.write(folder, "train_a.files.txt.gz", new byte[1]);
    SampleFiles.write(folder, "test.bin.gz", SampleFiles.gzip(SampleFiles.cifar(4, 0)));
    ImageData data = ImageData.cifar10(folder);
    assertThat(data.train().size()).isEqualTo(3);
    assertThat(data.train().label(0)).isEqualTo(3);
    assertThat(data.train().label(1)).isEqualTo(5);
    assertThat(data.test().size()).isEqualTo(4);
  }

  @Test
  void listsWhatWasLookedForAndWhatIsThere() throws IOException {
    assertThat(missing(() -> ImageData.open(folder)))
        .hasMessage(
            "Folder '"
                + folder
                + "' does not hold files of Fashion-MNIST ('train-images-idx3-ubyte', ...) or"
                + " CIFAR-10 ('data_batch_1.bin', 'train*.bin', ...); it holds no files.\nMaybe"
                + " name the folder that holds the files themselves, not its parent.");
    SampleFiles.writeFashion(folder);
    Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
    assertThat(missing(() -> ImageData.open(folder)))
        .hasMessageContaining(
            "does not hold the Fashion-MNIST file 't10k-labels-idx1-ubyte' (or"
                + " 't10k-labels-idx1-ubyte.gz'); it holds ['t10k-images-idx3-ubyte',"
                + " 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte'].\nMaybe ");
  }

  @Test
  void missesSingleCifarFiles() {
    SampleFiles.write(folder, "data_batch_2.bin", SampleFiles.cifar(2, 5));
    assertThat(missing(() -> ImageData.cifar10(folder)))
        .hasMessageContaining(
            "the CIFAR-10 file 'data_batch_1.bin' (or 'data_batch_1.bin.gz'); it holds"
                + " ['data_batch_2.bin']");
  }

  @Test
  void missesAnyTrainingOrTestFileOfCifar() throws IOException {
    SampleFiles.write(folder, "test.bin", SampleFiles.cifar(2, 5));
    assertThat(missing(() -> ImageData.open(folder)))
        .hasMessageContaining(
            "CIFAR-10 files 'data_batch_1..5.bin' or 'train*.bin' (or .bin.gz); it holds"
                + " ['test.bin']");
    Files.move(folder.resolve("test.bin"), folder.resolve("train.bin"));
    assertThat(missing(() -> ImageData.open(folder)))
        .hasMessageContaining(
            "CIFAR-10 files 'test_batch.bin' or 'test*.bin' (or .bin.gz); it holds ['train.bin']");
  }

  @Test
  void listsAtMostTwentyNames() {
    for (int k = 10; k < 35; k++) {
      SampleFiles.write(folder, "other" + k, new byte[0]);
    }
    assertThat(missing(() -> ImageData.open(folder)))
        .hasMessageContaining("'other29'] and 5 more.")
        .hasMessageNotContaining("other30");
  }

  @Test
  void rejectsAFolderWithBoth() {
    SampleFiles.writeFashion(folder);
    SampleFiles.write(folder, "train.bin", SampleFiles.cifar(2, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageData.open(folder))
        .withMessage(
            "Folder '%s' holds files of both Fashion-MNIST and CIFAR-10.\nMaybe call fashionMnist"
                + " or cifar10 to choose.",
            folder);
    assertThat(ImageData.fashionMnist(folder).train().size()).isEqualTo(12);
  }

  @Test
  void namesAFolderThatIsNotThere() {
    Path nowhere = folder.resolve("nowhere");
    assertThat(missing(() -> ImageData.open(nowhere)))
        .hasMessageStartingWith("Cannot list image folder '" + nowhere + "': ")
        .hasMessageEndingWith("\nMaybe check its name.");
  }

  @Test
  void refusesADamagedFileByName() {
    SampleFiles.writeFashion(folder);
    SampleFiles.write(folder, "t10k-images-idx3-ubyte", SampleFiles.idxImages(7, 4, 5));
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> ImageData.open(folder))
        .withMessageContaining("t10k-images-idx3-ubyte', byte 8: expected images of 1x5x4");
  }
}
