package org.lightnas.examples.bench;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.internal.Seeds;

/**
 * A data set as all experiments divide it, always in the same way. Searches and trainings see the
 * training images, decisions may be made by the validation images, and the test images are looked
 * at once for every network that is reported.
 *
 * @param name of the data set
 * @param train nine tenths of the training files' images
 * @param validation one tenth
 * @param test of the test files' images
 */
record ExperimentImages(String name, ImageSet train, ImageSet validation, ImageSet test) {

  /** Training and validation images together; a third as many are tested on. */
  static final int IMAGES = 12_000;

  private static final double TRAINED_ON = 0.9;
  private static final int TEST_SHARE = 3;
  private static final long SEED = 1;
  private static final int DIGITS = 16;

  /**
   * The data set that {@code -Ddataset} names, of the folder {@code -Dnas.data}; {@code -Dimages}
   * takes fewer.
   */
  static ExperimentImages ofProperties() {
    String name = Options.name("dataset", "cifar10", "fashion-mnist");
    String within = "images/" + name;
    Path folder = Options.data(within).resolve(within);
    ImageData data =
        name.equals("cifar10") ? ImageData.cifar10(folder) : ImageData.fashionMnist(folder);
    return of(data, Options.whole("images", IMAGES, 30));
  }

  /**
   * Divides a data set. Where it holds more than is taken, a part with the same share of each class
   * is drawn; where it holds fewer, all are taken. Fixed by the files: no seed moves it.
   *
   * @param images training and validation images together
   */
  static ExperimentImages of(ImageData data, int images) {
    ImageSet files = part(data.train(), images, "training files");
    List<ImageSet> parts = files.split(TRAINED_ON, seed("validation"));
    return new ExperimentImages(
        data.name(),
        parts.get(0),
        parts.get(1),
        part(data.test(), Math.max(1, images / TEST_SHARE), "test files"));
  }

  private static ImageSet part(ImageSet all, int images, String purpose) {
    return images >= all.size()
        ? all
        : all.split((double) images / all.size(), seed(purpose)).get(0);
  }

  private static long seed(String purpose) {
    return Seeds.derive(SEED, "experiment images, " + purpose, 0);
  }

  /** What trainers and searchers are given: the test images are not among it. */
  ImageData withoutTest() {
    return ImageData.of(name, train, validation);
  }

  /** The name, and digits that depend on every image and on which part it is in. */
  String fingerprint() {
    String all = train.fingerprint() + " " + validation.fingerprint() + " " + test.fingerprint();
    return name
        + " "
        + Hashing.sha256()
            .hashString(all, StandardCharsets.US_ASCII)
            .toString()
            .substring(0, DIGITS);
  }
}
