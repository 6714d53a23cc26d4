package org.lightnas.data;

import static java.util.Objects.requireNonNull;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which image files a folder holds, and under which of their names. */
final class ImageFolder {

  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private static final List<String> IDX =
      List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS);
  private static final List<String> CIFAR_TRAIN =
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin");
  private static final String CIFAR_TEST = "test_batch.bin";
  private static final String GZ = ".gz";
  private static final int NAMES_SHOWN = 20;

  private final Path folder;
  private final TreeSet<String> names;

  /**
   * Lists the plain files of a folder.
   *
   * @throws UncheckedIOException if it cannot be listed
   */
  ImageFolder(Path folder) {
    this.folder = folder;
    names =
        list(folder, Files::isRegularFile).stream()
            .map(file -> String.valueOf(file.getFileName()))
            .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * What is wanted of a folder.
   *
   * @throws UncheckedIOException naming it, if it cannot be listed
   */
  static List<Path> list(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> held = Files.list(folder)) {
      return held.filter(wanted).toList();
    } catch (IOException e) {
      throw unlisted(folder, e);
    } catch (UncheckedIOException e) {
      throw unlisted(folder, requireNonNull(e.getCause()));
    }
  }

  private static UncheckedIOException unlisted(Path folder, IOException e) {
    return new UncheckedIOException(
        "Cannot list image folder '" + folder + "': " + e + ".\nMaybe check its name.", e);
  }

  /** Whether there is anything of Fashion-MNIST. */
  boolean hasIdx() {
    return IDX.stream().anyMatch(name -> find(name) != null);
  }

  /** Whether there is anything of CIFAR-10. */
  boolean hasCifar() {
    return !(officialTrain().isEmpty() && like("train").isEmpty() && like("test").isEmpty());
  }

  /** The file of that name, or else the one with {@code .gz} added. */
  Path idx(String name) {
    Path file = find(name);
    if (file == null) {
      throw missing("the Fashion-MNIST file '" + name + "' (or '" + name + GZ + "')");
    }
    return file;
  }

  /** All five official files if there is one of them, {@code train*.bin} otherwise. */
  List<Path> cifarTrain() {
    List<Path> official = officialTrain();
    if (official.isEmpty()) {
      return required("train");
    }
    for (String name : CIFAR_TRAIN) {
      if (find(name) == null) {
        throw missing("the CIFAR-10 file '" + name + "' (or '" + name + GZ + "')");
      }
    }
    return official;
  }

  /** The official file, or else {@code test*.bin}. */
  List<Path> cifarTest() {
    Path official = find(CIFAR_TEST);
    return official == null ? required("test") : List.of(official);
  }

  /** Lists what was looked for and what is there. */
  UncheckedIOException missing(String wanted) {
    String held =
        names.stream().limit(NAMES_SHOWN).map(n -> "'" + n + "'").collect(Collectors.joining(", "));
    String more =
        names.size() > NAMES_SHOWN
            ? String.format(Locale.ROOT, " and %d more", names.size() - NAMES_SHOWN)
            : "";
    String message =
        "Folder '"
            + folder
            + "' does not hold "
            + wanted
            + "; it holds "
            + (names.isEmpty() ? "no files" : "[" + held + "]" + more)
            + ".\nMaybe name the folder that holds the files themselves, not its parent.";
    return new UncheckedIOException(message, new FileNotFoundException(folder.toString()));
  }

  private List<Path> required(String prefix) {
    List<Path> files = like(prefix);
    if (files.isEmpty()) {
      String official = prefix.equals("train") ? "data_batch_1..5.bin" : CIFAR_TEST;
      throw missing("CIFAR-10 files '" + official + "' or '" + prefix + "*.bin' (or .bin.gz)");
    }
    return files;
  }

  private List<Path> officialTrain() {
    List<Path> found = new ArrayList<>();
    for (String name : CIFAR_TRAIN) {
      Path file = find(name);
      if (file != null) {
        found.add(file);
      }
    }
    return found;
  }

  /** In the order of names; a file that lies there plain and packed counts once. */
  private List<Path> like(String prefix) {
    return names.stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.endsWith(GZ) ? name.substring(0, name.length() - GZ.length()) : name)
        .filter(name -> name.endsWith(".bin"))
        .distinct()
        .map(this::find)
        .toList();
  }

  private @Nullable Path find(String name) {
    if (names.contains(name)) {
      return folder.resolve(name);
    }
    return names.contains(name + GZ) ? folder.resolve(name + GZ) : null;
  }
}
