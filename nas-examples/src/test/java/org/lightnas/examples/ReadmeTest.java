package org.lightnas.examples;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadmeTest {

  /** Surefire runs in the module's folder. */
  private static final Path ROOT = Path.of("..");

  private static final Path SOURCES = Path.of("src/main/java/org/lightnas/examples");

  @Test
  void theCodeInTheReadmeIsTheCodeThatRuns() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    int start = readme.indexOf("```java\n") + "```java\n".length();
    String shown = readme.substring(start, readme.indexOf("```", start));
    assertThat(compact(shown)).isEqualTo(compact(example()));
  }

  private static String example() throws IOException {
    String source = Files.readString(SOURCES.resolve("ReadmeExample.java"));
    return source.substring(
        source.indexOf("// README begins") + "// README begins".length(),
        source.indexOf("// README ends"));
  }

  /** Indentation and line breaks are the formatter's. */
  private static String compact(String code) {
    return code.lines()
        .map(String::strip)
        .filter(line -> !line.equals("@Override"))
        .collect(joining())
        .replace(" ", "");
  }

  /** What stands around an ellipsis must be found, too. */
  @Test
  void theCodeInTheGuidesIsPartOfWhatRuns() throws IOException {
    List<String> sources = new ArrayList<>();
    for (Path file : files(Path.of("src"), ".java")) {
      sources.add(compact(Files.readString(file)));
    }
    for (Path page : files(ROOT.resolve("docs"), ".md")) {
      Matcher blocks =
          Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
      while (blocks.find()) {
        List<String> parts =
            Splitter.on('…').splitToStream(blocks.group(1)).map(ReadmeTest::compact).toList();
        assertThat(sources.stream().anyMatch(source -> parts.stream().allMatch(source::contains)))
            .as("%s: %s", page, blocks.group(1))
            .isTrue();
      }
    }
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  @Test
  void everyLinkOfTheDocumentationLeadsSomewhere() throws IOException {
    List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
    pages.add(ROOT.resolve("README.md"));
    pages.add(ROOT.resolve("CONTRIBUTING.md"));
    for (Path page : pages) {
      Matcher links = Pattern.compile("]\\(([^)#:]+)\\)").matcher(Files.readString(page));
      while (links.find()) {
        assertThat(page.resolveSibling(links.group(1))).as(page.toString()).exists();
      }
    }
  }
}
