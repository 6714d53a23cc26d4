package org.lightnas.examples.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.data.ClassFolders;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageFormatException;
import org.lightnas.data.ImageSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** The code of docs/DATA.md. */
class DataGuideTest {

  @TempDir private Path root;

  private void write(String folder, int count) throws IOException {
    for (String name : new String[] {"daisy", "rose"}) {
      Path target = Files.createDirectories(root.resolve(folder).resolve(name));
      for (int i = 0; i < count; i++) {
        BufferedImage image = new BufferedImage(20 + i, 30, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(image, "png", target.resolve(i + ".png").toFile());
      }
    }
  }

  @Test
  void foldersOfClasses() throws IOException {
    write("train", 5);
    write("test", 2);
    ImageData flowers =
        ClassFolders.of(new FeatureShape(3, 64, 64))
            .read("flowers", root.resolve("train"), root.resolve("test"));
    List<String> classes = ClassFolders.classes(root.resolve("train"));
    assertThat(classes).containsExactly("daisy", "rose");
    assertThat(flowers.train().size()).isEqualTo(10);
  }

  @Test
  void oneFolderAndDamagedFiles() throws IOException {
    write("all", 5);
    Path folder = root.resolve("all");
    Files.writeString(folder.resolve("rose/0.png"), "not an image");
    List<ImageFormatException> damaged = new ArrayList<>();
    ImageData parts =
        ClassFolders.of(new FeatureShape(1, 28, 28))
            .skipping(damaged::add)
            .read("parts", folder, 0.2, 42);
    assertThat(damaged).hasSize(1);
    assertThat(parts.test().size()).isEqualTo(2);
  }

  @Test
  void iterators() {
    ImageData generated = ImageData.generated(40, 20, 1);
    DataSetIterator train = generated.train().iterator(16);
    DataSetIterator test = generated.test().iterator(16);
    ImageData mine = ImageData.of("mine", train, test);
    assertThat(mine.train().size()).isEqualTo(40);
  }

  @Test
  void lessOfIt() {
    ImageData images = ImageData.generated(100, 20, 1);
    List<ImageSet> parts = images.train().split(0.8, 42);
    ImageData tuning = ImageData.of("tuning", parts.get(0), parts.get(1));
    ImageData small = ImageData.of("small", images.train().take(50), images.test());
    assertThat(tuning.test().size()).isEqualTo(20);
    assertThat(small.train().size()).isEqualTo(50);
  }
}
