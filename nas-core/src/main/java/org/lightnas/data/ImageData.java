package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.Reproducible;
import org.lightnas.internal.JavaCode;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Images with labels, in a part to train on and a part to test on. Values are {@code [0, 1]} for
 * everything this class reads or draws itself; networks take them as they are, without a hidden
 * normalisation (every network of the zoo begins with a convolution and batch norm, which learns
 * its own).
 *
 * @since 0.1.0
 */
public final class ImageData implements Reproducible {

  private final String name;
  private final ImageSet train;
  private final ImageSet test;
  private final @Nullable String code;

  private ImageData(String name, ImageSet train, ImageSet test, @Nullable String code) {
    checkArgument(
        train.shape().equals(test.shape()) && train.classes() == test.classes(),
        "The training part of '%s' holds %s images of %s classes, the test part %s of %s.",
        name,
        train.shape(),
        train.classes(),
        test.shape(),
        test.classes());
    this.name = name;
    this.train = train;
    this.test = test;
    this.code = code;
  }

  /**
   * Fashion-MNIST (or MNIST) in its IDX files, plain or compressed: {@code
   * train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte}, {@code t10k-images-idx3-ubyte},
   * {@code t10k-labels-idx1-ubyte}, or each with {@code .gz} added. Grey images, 10 classes.
   *
   * @param dir the folder of the files; other files in it are ignored
   * @throws java.io.UncheckedIOException if a file is missing or cannot be read
   * @throws ImageFormatException if a file is damaged
   */
  public static ImageData fashionMnist(Path dir) {
    return fashionMnist(dir, new ImageFolder(dir));
  }

  private static ImageData fashionMnist(Path dir, ImageFolder folder) {
    Path trainImages = folder.idx(ImageFolder.TRAIN_IMAGES);
    Path trainLabels = folder.idx(ImageFolder.TRAIN_LABELS);
    Path testImages = folder.idx(ImageFolder.TEST_IMAGES);
    Path testLabels = folder.idx(ImageFolder.TEST_LABELS);
    ImageSet train = IdxReader.read(trainImages, trainLabels, 10);
    return made(
        "fashion-mnist",
        train,
        IdxReader.read(testImages, testLabels, train),
        "fashionMnist",
        List.of(dir));
  }

  /**
   * CIFAR-10 in its binary files, plain or compressed: the official {@code data_batch_1.bin} to
   * {@code data_batch_5.bin} and {@code test_batch.bin}, or, where none of the first five is there,
   * any {@code train*.bin} in the order of their names; likewise any {@code test*.bin}. Each may
   * have {@code .gz} added. Colour images 3x32x32, 10 classes.
   *
   * @param dir the folder of the files; other files in it are ignored
   * @throws java.io.UncheckedIOException if a file is missing or cannot be read
   * @throws ImageFormatException if a file is damaged
   */
  public static ImageData cifar10(Path dir) {
    return cifar10(dir, new ImageFolder(dir));
  }

  private static ImageData cifar10(Path dir, ImageFolder folder) {
    List<Path> train = folder.cifarTrain();
    List<Path> test = folder.cifarTest();
    return made(
        "cifar10", CifarReader.read(train), CifarReader.read(test), "cifar10", List.of(dir));
  }

  /**
   * Whichever of {@link #fashionMnist} and {@link #cifar10} is in a folder.
   *
   * @param dir the folder of the files
   * @throws java.io.UncheckedIOException if there is neither, or a file is missing or unreadable
   * @throws IllegalArgumentException if there are both
   * @throws ImageFormatException if a file is damaged
   */
  public static ImageData open(Path dir) {
    ImageFolder folder = new ImageFolder(dir);
    checkArgument(
        !(folder.hasIdx() && folder.hasCifar()),
        "Folder '%s' holds files of both Fashion-MNIST and CIFAR-10.\nMaybe call fashionMnist or"
            + " cifar10 to choose.",
        dir);
    if (folder.hasIdx()) {
      return fashionMnist(dir, folder);
    }
    if (folder.hasCifar()) {
      return cifar10(dir, folder);
    }
    throw folder.missing(
        "files of Fashion-MNIST ('train-images-idx3-ubyte', ...) or CIFAR-10"
            + " ('data_batch_1.bin', 'train*.bin', ...)");
  }

  /** {@link #generated(int, int, long)} with 6,000 and 2,000 images and seed 1. */
  public static ImageData generated() {
    return generated(6_000, 2_000, 1);
  }

  /**
   * Drawn images 3x24x24 of 10 classes, five shapes and five textures, for tests and demonstrations
   * that must run without a download. Place, size, turn and colours are random, so that what is
   * drawn has to be recognised and cannot be read from single pixels. Class {@code i % 10} is drawn
   * at place {@code i}, so every set is balanced as well as its size allows; a larger set begins
   * with the smaller one of the same seed.
   *
   * @param train images to train on, at least 1
   * @param test images to test on, at least 1
   * @param seed determines every image; the two parts draw independently
   * @throws IllegalArgumentException if there are too few or too many images
   */
  public static ImageData generated(int train, int test, long seed) {
    return made(
        "generated",
        GeneratedImages.draw(train, seed, "train images"),
        GeneratedImages.draw(test, seed, "test images"),
        "generated",
        List.of(train, test, seed));
  }

  /** Images that a method of this class makes of arguments. */
  private static ImageData made(
      String name, ImageSet train, ImageSet test, String method, List<Object> arguments) {
    String call = JavaCode.all(arguments).map(a -> method + "(" + a + ")").orElseThrow();
    return of(name, train, test, ImageData.class.getName() + "." + call);
  }

  /**
   * Copies everything two DL4J iterators deliver: features {@code [N, C, H, W]} of any number type,
   * taken over as float32 without rescaling; labels one-hot {@code [N, classes]}. Iterators that
   * can be reset are reset before and after.
   *
   * @param name a short name for messages and reports
   * @param train the images to train on
   * @param test the images to test on
   * @throws ImageFormatException naming the batch and the image, for values that are not finite,
   *     another rank, changing shapes, labels that are not one-hot, or no images at all
   * @throws IllegalArgumentException if the two do not go together
   */
  public static ImageData of(String name, DataSetIterator train, DataSetIterator test) {
    return of(
        name,
        IteratorReader.read("Training images of '" + name + "'", train),
        IteratorReader.read("Test images of '" + name + "'", test));
  }

  /**
   * Two parts under one name.
   *
   * @throws IllegalArgumentException if their shapes or numbers of classes differ
   */
  public static ImageData of(String name, ImageSet train, ImageSet test) {
    return of(name, train, test, null);
  }

  /** Package-private: two parts, and the Java that makes them. */
  static ImageData of(String name, ImageSet train, ImageSet test, @Nullable String code) {
    return new ImageData(name, train, test, code);
  }

  /**
   * The same images in another size; see {@link ImageSet#resized}. The name stays.
   *
   * @throws IllegalArgumentException if the channels differ
   */
  public ImageData resized(FeatureShape size) {
    if (size.equals(shape())) {
      return this;
    }
    String resizing = JavaCode.of(size).map(made -> ".resized(" + made + ")").orElseThrow();
    return of(name, train.resized(size), test.resized(size), code == null ? null : code + resizing);
  }

  /** How they were read or drawn, in Java; empty for those put together of parts or iterators. */
  @Override
  public Optional<String> code() {
    return Optional.ofNullable(code);
  }

  /** A short name for messages and reports. */
  public String name() {
    return name;
  }

  /** The images to train on. */
  public ImageSet train() {
    return train;
  }

  /** The images kept for the final judgement. */
  public ImageSet test() {
    return test;
  }

  /** The shape of every image. */
  public FeatureShape shape() {
    return train.shape();
  }

  /** The number of classes. */
  public int classes() {
    return train.classes();
  }
}
