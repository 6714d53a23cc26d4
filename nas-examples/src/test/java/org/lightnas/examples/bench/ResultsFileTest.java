package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsFileTest {

  private static final String AGAIN =
      "\nMaybe the file was damaged or edited: delete the line, and what it said is computed"
          + " again.";
  private static final String HEADER = "{\"format\":1,\"kind\":\"scores\"}";
  private static final String ONE =
      "{\"name\":\"one\",\"seed\":1,\"score\":0.1,\"more\":{\"a\":\"b\"}}";

  /** Ignores what is called "foreign". */
  private static final class Format implements ResultsFile.Format<Score> {

    @Override
    public String kind() {
      return "scores";
    }

    @Override
    public Object key(Score score) {
      return score.name() + score.seed();
    }

    @Override
    public void write(Score score, ObjectNode line) {
      line.put("name", score.name()).put("seed", score.seed()).put("score", score.score());
      line.putObject("more").put("a", "b");
    }

    @Override
    public @Nullable Score read(ResultsFile.Line line) {
      String name = line.text("name");
      if (name.equals("foreign")) {
        return null;
      }
      if (name.equals("odd")) {
        throw new IllegalArgumentException("odd names are not read.");
      }
      assertThat(line.object("more").path("a").asText()).isEqualTo("b");
      return new Score(name, line.whole("seed"), line.number("score", 0, 100));
    }
  }

  private record Score(String name, long seed, double score) {}

  @TempDir private Path dir;

  private Path file() {
    return dir.resolve("sub").resolve("scores.jsonl");
  }

  private ResultsFile<Score> open() throws IOException {
    return ResultsFile.open(file(), new Format());
  }

  private void write(String... lines) throws IOException {
    Files.createDirectories(dir.resolve("sub"));
    Files.write(file(), List.of(lines));
  }

  private void refuses(int line, String problem, String... lines) throws IOException {
    write(lines);
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            ResultsFileException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessage("File '" + file() + "', line " + line + ": " + problem);
  }

  @Test
  void keepsResultsBitForBitInTheirOrder() throws IOException {
    ResultsFile<Score> results = open();
    assertThat(results.all()).isEmpty();
    Score third = new Score("b", 1, 100 / 3.0);
    Score small = new Score("a", Long.MIN_VALUE, Double.MIN_VALUE);
    results.add(third);
    results.add(small);
    assertThat(results.all()).containsExactly(third, small);
    assertThat(open().all()).containsExactly(third, small);
    assertThat(open().find("b1")).contains(third);
    assertThat(open().find("b2")).isEmpty();
    assertThat(Files.readString(file())).startsWith(HEADER + "\n").endsWith("}\n");
  }

  @Test
  void leavesNoOtherFileBehind() throws IOException {
    open().add(new Score("a", 1, 1));
    try (Stream<Path> files = Files.list(dir.resolve("sub"))) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void addsToWhatOthersHaveAddedMeanwhileAndKeepsTheirs() throws IOException {
    ResultsFile<Score> mine = open();
    ResultsFile<Score> other = open();
    other.add(new Score("a", 1, 1));
    other.add(new Score("b", 1, 2));
    mine.add(new Score("c", 1, 3));
    mine.add(new Score("a", 1, 99));
    assertThat(mine.all())
        .containsExactly(new Score("a", 1, 1), new Score("b", 1, 2), new Score("c", 1, 3));
    assertThat(open().all()).isEqualTo(mine.all());
  }

  @Test
  void linesOfOtherProgramsStayAsTheyAre() throws IOException {
    String foreign = "{\"name\":\"foreign\",  \"unknown\":true}";
    write(HEADER, ONE, foreign);
    ResultsFile<Score> results = open();
    assertThat(results.all()).containsExactly(new Score("one", 1, 0.1));
    results.add(new Score("two", 1, 2));
    assertThat(Files.readAllLines(file())).contains(foreign).hasSize(4);
  }

  @Test
  void refusesNewerFormatsAndOtherFiles() throws IOException {
    refuses(
        1,
        "the file is of format 2, but this program reads format 1.\n"
            + "Maybe use the newer program, or another -Dnas.results.",
        "{\"format\":2,\"kind\":\"scores\",\"new\":1}",
        "what comes is not looked at");
    refuses(
        1,
        "expected 'scores', but the file holds 'trees'.\nMaybe another -Dnas.results was meant.",
        "{\"format\":1,\"kind\":\"trees\"}");
    for (String format : new String[] {"", "\"format\":0,", "\"format\":\"1\","}) {
      refuses(
          1,
          "expected a number 'format' of at least 1.\nMaybe this is another file.",
          "{" + format + "\"kind\":\"scores\"}");
    }
    refuses(1, "expected a JSON object." + AGAIN);
    refuses(1, "expected a JSON object." + AGAIN, "[]");
  }

  @Test
  void refusesDamagedLinesAndSaysWhich() throws IOException {
    refuses(3, "expected a JSON object." + AGAIN, HEADER, ONE, "");
    refuses(3, "an earlier line holds a result for the same." + AGAIN, HEADER, ONE, ONE);
    refuses(2, "odd names are not read." + AGAIN, HEADER, ONE.replace("one", "odd"));
    refuses(
        2,
        "there is no field 'extra' in this format." + AGAIN,
        HEADER,
        ONE.replace("{\"name", "{\"extra\":1,\"name"));
    write(HEADER, ONE, ONE.substring(0, 30));
    assertThatThrownBy(this::open)
        .isInstanceOf(ResultsFileException.class)
        .hasMessageStartingWith(
            "File '" + file() + "', line 3: expected a JSON object, but Unexpected end-of-input")
        .hasMessageEndingWith(AGAIN);
    write(HEADER, ONE + " {}");
    assertThatThrownBy(this::open).hasMessageContaining("line 2: expected a JSON object, but ");
    write(HEADER, ONE.replace("{\"name", "{\"seed\":2,\"name"));
    assertThatThrownBy(this::open)
        .hasMessageContaining("line 2: expected a JSON object, but Duplicate field 'seed'");
  }

  @Test
  void refusesFieldsThatAreMissingOfAnotherKindOrOutOfRange() throws IOException {
    for (String bad : new String[] {"101", "-0.1", "\"NaN\"", "null"}) {
      refuses(
          2,
          "'score' must be a number from 0.0 to 100.0, but is " + bad + "." + AGAIN,
          HEADER,
          ONE.replace("0.1", bad));
    }
    for (String bad : new String[] {"1.5", "\"1\"", "1e30"}) {
      write(HEADER, ONE.replace("\"seed\":1", "\"seed\":" + bad));
      assertThatThrownBy(this::open).hasMessageContaining("'seed' must be a whole number, but is ");
    }
    refuses(
        2, "'name' must be a text, but is missing." + AGAIN, HEADER, ONE.replace("name", "nane"));
    refuses(2, "'name' must be a text, but is \"\"." + AGAIN, HEADER, ONE.replace("one", ""));
    refuses(
        2,
        "'more' must be an object, but is 3." + AGAIN,
        HEADER,
        ONE.replace("{\"a\":\"b\"}", "3"));
  }
}
