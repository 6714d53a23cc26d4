package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;

/** Images say how they were made. */
class ImagesAsCodeTest {

  @TempDir private Path folder;

  private String path() {
    return "java.nio.file.Path.of(\"" + folder + "\")";
  }

  @Test
  void ofADrawing() {
    ImageData images = ImageData.generated(20, 10, 5);
    assertThat(images.code()).contains("org.lightnas.data.ImageData.generated(20, 10, 5L)");
    assertThat(images.resized(new FeatureShape(3, 12, 12)).code())
        .contains(
            "org.lightnas.data.ImageData.generated(20, 10, 5L)"
                + ".resized(new org.lightnas.FeatureShape(3, 12, 12))");
    assertThat(images.resized(images.shape()).code()).isEqualTo(images.code());
  }

  @Test
  void ofFiles() {
    SampleFiles.write(folder, "train.bin", SampleFiles.cifar(20, 0));
    SampleFiles.write(folder, "test.bin", SampleFiles.cifar(10, 0));
    String code = "org.lightnas.data.ImageData.cifar10(" + path() + ")";
    assertThat(ImageData.cifar10(folder).code()).contains(code);
    assertThat(ImageData.open(folder).code()).contains(code);
  }

  @Test
  void ofGreyFiles() {
    SampleFiles.write(folder, "train-images-idx3-ubyte", SampleFiles.idxImages(20, 8, 8));
    SampleFiles.write(folder, "train-labels-idx1-ubyte", SampleFiles.idxLabels(20));
    SampleFiles.write(folder, "t10k-images-idx3-ubyte", SampleFiles.idxImages(10, 8, 8));
    SampleFiles.write(folder, "t10k-labels-idx1-ubyte", SampleFiles.idxLabels(10));
    String code = "org.lightnas.data.ImageData.fashionMnist(" + path() + ")";
    assertThat(ImageData.fashionMnist(folder).code()).contains(code);
    assertThat(ImageData.open(folder).code()).contains(code);
  }

  @Test
  void ofFoldersOfClasses() throws IOException {
    for (String name : new String[] {"a/0.png", "a/1.png", "b/0.png", "b/1.png"}) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      ImageIO.write(new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    }
    ClassFolders folders = ClassFolders.of(new FeatureShape(1, 8, 8));
    String start = "org.lightnas.data.ClassFolders.of(new org.lightnas.FeatureShape(1, 8, 8))";
    assertThat(folders.read("x", folder, folder).code())
        .contains(start + ".read(\"x\", " + path() + ", " + path() + ")");
    assertThat(folders.skipping(damaged -> {}).read("x", folder, 0.5, 3).code())
        .contains(start + ".skipping(damaged -> {}).read(\"x\", " + path() + ", 0.5, 3L)");
  }

  @Test
  void notOfWhatTheyWerePutTogetherFrom() {
    ImageData images = ImageData.generated(20, 10, 5);
    assertThat(ImageData.of("less", images.train().take(10), images.test()).code()).isEmpty();
    assertThat(ImageData.of("it", images.train().iterator(5), images.test().iterator(5)).code())
        .isEmpty();
  }
}
