package org.lightnas.examples.fuzz;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.lightnas.FeatureShape;
import org.lightnas.data.ClassFolders;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;

/** Readers of images. */
final class ImageReaders {

  private static final FeatureShape SHAPE = new FeatureShape(3, 8, 8);
  private static final int IMAGES = 5;

  private ImageReaders() {}

  static List<HostileReader> all(Forgers forgers) {
    Map<String, byte[]> idx =
        Map.of(
            "train-images-idx3-ubyte", idx(0x803, IMAGES, 6, 4),
            "train-labels-idx1-ubyte", idx(0x801, IMAGES),
            "t10k-images-idx3-ubyte", Seals.gzip(idx(0x803, IMAGES, 6, 4)),
            "t10k-labels-idx1-ubyte", Seals.gzip(idx(0x801, IMAGES)));
    Map<String, byte[]> cifar =
        Map.of("train.bin", new byte[2 * 3073], "test.bin", Seals.gzip(new byte[3073]));
    return Stream.concat(
            Stream.of(
                new HostileReader(
                    "idx",
                    idx,
                    forgers.bytes(Seals::gzip),
                    folder -> require(ImageData.open(folder)),
                    true,
                    10),
                new HostileReader(
                    "cifar",
                    cifar,
                    forgers.bytes(Seals::gzip),
                    folder -> require(ImageData.cifar10(folder)),
                    true,
                    8)),
            Stream.of("png", "jpg", "gif", "bmp", "tif", "wbmp")
                .map(format -> folders(forgers, format)))
        .toList();
  }

  private static byte[] idx(int magic, int... axes) {
    int size = 1;
    for (int axis : axes) {
      size *= axis;
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * axes.length + size).putInt(magic);
    for (int axis : axes) {
      bytes.putInt(axis);
    }
    return bytes.array();
  }

  private static HostileReader folders(Forgers forgers, String format) {
    Map<String, byte[]> files = new HashMap<>();
    files.put("daisy/1." + format, photo(format, 9));
    files.put("rose/1." + format, photo(format, 40));
    UnaryOperator<byte[]> seal = format.equals("png") ? Seals::png : bytes -> bytes;
    return new HostileReader(
        "folders-" + format, files, forgers.bytes(seal), ImageReaders::readFolders, true, 5);
  }

  private static void readFolders(Path folder) {
    require(ClassFolders.of(SHAPE).read("photos", folder, 0.5, 1));
  }

  private static byte[] photo(String format, int width) {
    boolean lines = format.equals("wbmp");
    BufferedImage image =
        new BufferedImage(
            width, 12, lines ? BufferedImage.TYPE_BYTE_BINARY : BufferedImage.TYPE_INT_RGB);
    for (int k = 0; k < 12 * width; k++) {
      image.setRGB(k % width, k / width, 0x010305 * k);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      HostileReader.require(ImageIO.write(image, format, bytes), format);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static void require(ImageData data) {
    for (ImageSet set : List.of(data.train(), data.test())) {
      float[] image = new float[(int) set.shape().size()];
      for (int i = 0; i < set.size(); i++) {
        set.copyNhwc(i, image, 0);
        HostileReader.require(set.label(i) >= 0 && set.label(i) < set.classes(), set.label(i));
        for (float value : image) {
          HostileReader.require(value >= 0 && value <= 1, value);
        }
      }
    }
  }
}
