package org.lightnas.search.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lightnas.search.Searcher;

/** Who does not use this package needs neither Spark nor nas-predictors. */
class OptionalTest {

  @Test
  void onlyThisPackageRefersToWhatIsOptional() throws Exception {
    URI home = Searcher.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    List<Path> referring = referring(Path.of(home));
    assertThat(referring).isNotEmpty();
    assertThat(referring)
        .allSatisfy(file -> assertThat(file.getParent()).endsWithRaw(Path.of("search/spark")));
  }

  /** Class files name what they refer to in plain ASCII. */
  private static List<Path> referring(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .filter(
              file -> {
                String names = ascii(file);
                return names.contains("org/apache/spark/")
                    || names.contains("org/lightnas/predict/");
              })
          .toList();
    }
  }

  private static String ascii(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
