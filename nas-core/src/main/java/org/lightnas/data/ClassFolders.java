package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.internal.JavaCode;

/**
 * Images of any size in folders, one folder for each class:
 *
 * <pre>
 * flowers/train/daisy/1.jpg       ImageData flowers =
 * flowers/train/rose/7.png            ClassFolders.of(new FeatureShape(3, 64, 64))
 * flowers/test/daisy/2.jpg                .read("flowers", Path.of("flowers/train"), Path.of("flowers/test"));
 * </pre>
 *
 * <p>Classes are numbered in the order of the names of the training folders. Read is what ImageIO
 * reads (JPEG, PNG, GIF, BMP, and what plug-ins on the class path add) by the ending of its name;
 * other files, and those whose names begin with a dot, are passed over. An image is made just large
 * enough to cover the shape asked for, bilinear with antialiasing, and its middle is cut out.
 * Colours become grey by their luma (ITU-R 601) where one channel is asked for, and grey is
 * repeated where three are. Transparency and the camera's orientation (EXIF) are not looked at.
 *
 * <p>Immutable. Files are decoded on all processors; the result does not depend on how many there
 * are.
 *
 * @since 0.1.0
 */
public final class ClassFolders {

  private static final Set<String> ENDINGS =
      Arrays.stream(ImageIO.getReaderFileSuffixes())
          .map(ending -> ending.toLowerCase(Locale.ROOT))
          .collect(Collectors.toUnmodifiableSet());

  private final FeatureShape shape;
  private final @Nullable Consumer<ImageFormatException> skipped;

  private ClassFolders(FeatureShape shape, @Nullable Consumer<ImageFormatException> skipped) {
    this.shape = shape;
    this.skipped = skipped;
  }

  /**
   * Reads images into one shape.
   *
   * @param shape of 1 channel (grey) or 3 (red, green, blue)
   * @throws IllegalArgumentException if it has another number of channels
   */
  public static ClassFolders of(FeatureShape shape) {
    checkArgument(
        shape.channels() == 1 || shape.channels() == 3,
        "Images have 1 channel or 3, but %s were asked for.",
        shape.channels());
    return new ClassFolders(shape, null);
  }

  /**
   * Leaves out images that cannot be decoded, instead of failing at the first: {@code
   * skipping(damaged::add)} lists them.
   *
   * @param listener is told each of them, in the order of the files
   */
  public ClassFolders skipping(Consumer<ImageFormatException> listener) {
    return new ClassFolders(shape, listener);
  }

  /**
   * Reads the images to train on and those to test on.
   *
   * @param name a short name for messages and reports
   * @param train holds a folder for each class
   * @param test holds folders of the same names; classes may be missing
   * @throws ImageFormatException naming an image that cannot be decoded, unless they are skipped
   * @throws UncheckedIOException if a folder or file cannot be read
   * @throws IllegalArgumentException if there are not two classes with images at least, the test
   *     folder has a class that the other has not, or there are more images than fit into memory
   */
  public ImageData read(String name, Path train, Path test) {
    List<String> classes = classes(train);
    for (String tested : foldersOf(test)) {
      checkArgument(
          classes.contains(tested),
          "Folder '%s' holds images of class '%s', but those to train on are of %s.\n"
              + "Maybe the folder is named otherwise there.",
          test,
          tested,
          classes);
    }
    return ImageData.of(name, set(train, classes), set(test, classes), code(name, train, test));
  }

  /**
   * Reads images and keeps a share of each class to test on.
   *
   * @param all holds a folder for each class
   * @param testShare between 0 and 1, both excluded
   * @param seed decides which images these are
   * @throws ImageFormatException as {@link #read(String, Path, Path)}, and likewise the others
   * @throws IllegalArgumentException if the share is out of range
   */
  public ImageData read(String name, Path all, double testShare, long seed) {
    checkArgument(
        testShare > 0 && testShare < 1,
        "The share of images to test on must be between 0 and 1, but is %s.",
        testShare);
    List<ImageSet> parts = set(all, classes(all)).split(1 - testShare, seed);
    return ImageData.of(name, parts.get(0), parts.get(1), code(name, all, testShare, seed));
  }

  private String code(Object... read) {
    return ClassFolders.class.getName()
        + ".of("
        + JavaCode.of(shape).orElseThrow()
        + ")"
        + (skipped == null ? "" : ".skipping(damaged -> {})")
        + JavaCode.all(List.of(read)).map(arguments -> ".read(" + arguments + ")").orElseThrow();
  }

  /**
   * The names of the classes, by their numbers.
   *
   * @throws UncheckedIOException if the folder cannot be listed
   * @throws IllegalArgumentException if there are not two at least
   */
  public static List<String> classes(Path folder) {
    List<String> classes = foldersOf(folder);
    checkArgument(
        classes.size() >= 2,
        "Folder '%s' must hold a folder of images for each of two classes at least, but holds %s.\n"
            + "Maybe name the folder above it.",
        folder,
        classes);
    return classes;
  }

  private static List<String> foldersOf(Path folder) {
    return list(folder, Files::isDirectory).stream().map(ClassFolders::name).toList();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** In the order of names, which is the same on every platform. */
  private static List<Path> list(Path folder, Predicate<Path> wanted) {
    return ImageFolder.list(folder, wanted.and(path -> !name(path).startsWith("."))).stream()
        .sorted(Comparator.comparing(ClassFolders::name))
        .toList();
  }

  private static boolean isImage(Path file) {
    String name = name(file);
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return ENDINGS.contains(ending) && Files.isRegularFile(file);
  }

  private record Labelled(Path file, int label) {}

  private ImageSet set(Path folder, List<String> classes) {
    List<Labelled> files = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      Path held = folder.resolve(classes.get(c));
      if (Files.isDirectory(held)) {
        int label = c;
        list(held, ClassFolders::isImage).forEach(file -> files.add(new Labelled(file, label)));
      }
    }
    int each = (int) shape.size();
    checkArgument(
        (long) files.size() * each <= Integer.MAX_VALUE - 8,
        "The %s images in '%s' are too many for %s: a set holds 2 GiB at most.\n"
            + "Maybe ask for smaller images.",
        files.size(),
        folder,
        shape);
    PhotoReader reader = new PhotoReader(shape);
    List<PhotoReader.Decoded> decoded =
        files.parallelStream().map(labelled -> reader.read(labelled.file())).toList();
    byte[] pixels = new byte[files.size() * each];
    int[] labels = new int[files.size()];
    int n = 0;
    for (int i = 0; i < files.size(); i++) {
      byte[] image = decoded.get(i).image();
      if (image == null) {
        continue;
      }
      System.arraycopy(image, 0, pixels, n * each, each);
      labels[n++] = files.get(i).label();
    }
    tell(decoded);
    checkArgument(
        n > 0, "There is no image in the folders %s of '%s' that can be read.", classes, folder);
    return new ImageSet(
        shape,
        classes.size(),
        n == files.size() ? pixels : Arrays.copyOf(pixels, n * each),
        Arrays.copyOf(labels, n));
  }

  private void tell(List<PhotoReader.Decoded> decoded) {
    for (PhotoReader.Decoded each : decoded) {
      ImageFormatException damage = each.damage();
      if (damage != null) {
        if (skipped == null) {
          throw damage;
        }
        skipped.accept(damage);
      }
    }
  }
}
