package org.lightnas.search.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lightnas.search.Searcher;

/** Who does not use this package needs neither Spark nor nas-predictors. */
class OptionalTest {

  private static Path home() throws URISyntaxException {
    return Path.of(Searcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  @Test
  void onlyThisPackageRefersToWhatIsOptional() throws Exception {
    List<Path> referring = referring(home(), "org/apache/spark/");
    referring.addAll(referring(home(), "org/lightnas/predict/"));
    assertThat(referring).isNotEmpty();
    assertThat(referring)
        .allSatisfy(file -> assertThat(file.getParent()).endsWithRaw(Path.of("search/spark")));
  }

  /** Types of Scala's library differ between its versions, and Spark is built for several. */
  @Test
  void onlySparksJavaApiIsUsed() throws Exception {
    assertThat(referring(home(), "scala/")).isEmpty();
  }

  /** Class files name what they refer to in plain ASCII. */
  private static List<Path> referring(Path home, String name) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .filter(file -> ascii(file).contains(name))
          .collect(Collectors.toList());
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
