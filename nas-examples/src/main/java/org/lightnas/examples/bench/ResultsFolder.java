package org.lightnas.examples.bench;

import com.google.common.base.Joiner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.lightnas.internal.Seeds;

/**
 * Where experiments keep what took them long: the folder of {@code -Dnas.results}, shared by all of
 * them and by the pieces of one.
 */
record ResultsFolder(Path path) {

  /**
   * The folder asked for, which is made when something is written to it. Without {@code
   * -Dnas.results} a new temporary one, which is named: everything is then computed again, and can
   * still be gone on from.
   */
  static ResultsFolder ofProperty() throws IOException {
    String asked = Options.text("nas.results", "");
    if (asked.isEmpty()) {
      Path temporary = Files.createTempDirectory("nas-results");
      Bench.say(
          "no -Dnas.results: everything is trained again; kept in -Dnas.results=%s", temporary);
      return new ResultsFolder(temporary);
    }
    Path path = Path.of(asked);
    Bench.say("results: %s", path.toAbsolutePath());
    return new ResultsFolder(path);
  }

  Path file(String name) {
    return path.resolve(name);
  }

  /**
   * The folder of a search that may be ended and gone on with.
   *
   * @param others all else that decides it, as texts that stay the same
   */
  Path search(String method, long seed, Object... others) {
    String all = method + "|" + Joiner.on('|').join(others);
    return file(
        String.format(
            Locale.ROOT,
            "search-%s-%d-%016x",
            method.replaceAll("\\W+", "-"),
            seed,
            Seeds.derive(seed, all, 0)));
  }
}
