package org.lightnas.examples;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
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
    return code.lines().map(String::strip).collect(joining()).replace(" ", "");
  }

  @Test
  void everyLinkOfTheDocumentationLeadsSomewhere() throws IOException {
    for (String file : new String[] {"README.md", "CONTRIBUTING.md", "docs/EXTENDING.md"}) {
      Path page = ROOT.resolve(file);
      var links = Pattern.compile("]\\(([^)#:]+)\\)").matcher(Files.readString(page));
      while (links.find()) {
        assertThat(page.resolveSibling(links.group(1))).as(file).exists();
      }
    }
  }
}
