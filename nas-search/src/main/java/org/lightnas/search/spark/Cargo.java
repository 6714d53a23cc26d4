package org.lightnas.search.spark;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.SparkFiles;

/** Files as a value: names, with slashes between folders, and bytes. */
final class Cargo {

  private Cargo() {}

  /**
   * Reads files, and all that is in folders.
   *
   * @throws IllegalArgumentException if two have the same name
   * @throws UncheckedIOException if one is not there or cannot be read
   */
  static Map<String, byte[]> load(List<Path> paths) {
    Map<String, byte[]> files = new TreeMap<>();
    for (Path path : paths) {
      try (Stream<Path> found = Files.walk(path)) {
        for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
          String name =
              file.equals(path) ? String.valueOf(path.getFileName()) : name(path.relativize(file));
          checkArgument(
              files.put(name, Files.readAllBytes(file)) == null,
              "Two files to be broadcast are called '%s', one of them '%s'.\n"
                  + "Maybe put them into folders of one folder, and give that.",
              name,
              file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "'" + path + "' cannot be broadcast: " + e + ".\nMaybe the name is wrong.", e);
      }
    }
    return files;
  }

  private static String name(Path relative) {
    return StreamSupport.stream(relative.spliterator(), false)
        .map(Path::toString)
        .collect(Collectors.joining("/"));
  }

  /** Writes them into a new folder, where Spark clears up even if this process is killed. */
  static Path unload(Map<String, byte[]> files) throws IOException {
    return unload(files, Path.of(SparkFiles.getRootDirectory()));
  }

  static Path unload(Map<String, byte[]> files, Path parent) throws IOException {
    Path folder = Files.createTempDirectory(parent, "lightnas");
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path target = folder.resolve(file.getKey());
      MoreFiles.createParentDirectories(target);
      Files.write(target, file.getValue());
    }
    return folder;
  }

  /** Deletes a folder and all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
