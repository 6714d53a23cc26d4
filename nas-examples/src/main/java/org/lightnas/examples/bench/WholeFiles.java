package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.lightnas.CheckpointException;
import org.lightnas.internal.StateFile;

/**
 * The files below a folder.
 *
 * @param whole to the last byte
 * @param broken under a final name, but not whole
 * @param aside written under another name, and never moved
 */
record WholeFiles(List<Path> whole, List<Path> broken, List<Path> aside) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** All files below a folder; none where it does not exist. */
  static WholeFiles in(Path folder) throws IOException {
    WholeFiles found = new WholeFiles(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    if (!Files.exists(folder)) {
      return found;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        String name = file.getFileName().toString();
        (name.startsWith(".") && name.endsWith(".tmp")
                ? found.aside
                : isWhole(file, name) ? found.whole : found.broken)
            .add(file);
      }
    }
    return found;
  }

  private static boolean isWhole(Path file, String name) {
    try {
      switch (name.substring(name.lastIndexOf('.') + 1)) {
        case "ckpt" -> StateFile.read(file, JsonNode.class);
        case "json" -> {
          return JSON.readTree(file.toFile()).isContainerNode();
        }
        case "csv" -> {
          String text = Files.readString(file);
          return text.endsWith("\n") && text.strip().matches("(?s).*\n# crc32: \\p{XDigit}+");
        }
        case "zip" -> readAll(file);
        default -> throw new IllegalStateException("It is unknown when " + file + " is whole.");
      }
      return true;
    } catch (IOException | CheckpointException e) {
      return false;
    }
  }

  /** Every entry ends in a checksum, which is looked at on the way. */
  private static void readAll(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          in.readAllBytes();
        }
      }
    }
  }
}
