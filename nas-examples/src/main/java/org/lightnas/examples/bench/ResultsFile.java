package org.lightnas.examples.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.AtomicFile;

/**
 * Results of long computations, so that none is done twice: a line {@code {"format": 1, "kind":
 * "…"}}, then one JSON object a line, of which no two have the same key. Results are added, never
 * changed; every time the file is written anew and moved, so that whoever ends a program leaves a
 * whole file. Programs that use one file run one after the other.
 *
 * @param <R> a result
 */
final class ResultsFile<R> {

  private static final int FORMAT = 1;
  private static final String AGAIN =
      "the file was damaged or edited: delete the line, and what it said is computed again.";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;
  private final Format<R> format;
  private final Map<Object, R> results = new LinkedHashMap<>();

  private ResultsFile(Path file, Format<R> format) {
    this.file = file;
    this.format = format;
  }

  /**
   * How results stand in the file.
   *
   * @param <R> a result
   */
  interface Format<R> {

    /** What the file holds, in words; another file is refused. */
    String kind();

    /** What tells results apart, equal by value. */
    Object key(R result);

    void write(R result, ObjectNode line);

    /**
     * Reads every field of a line; what it throws as {@link IllegalArgumentException} is reported
     * with the line.
     *
     * @return null for a result that is not meant for this program; it stays in the file
     */
    @Nullable R read(Line line);
  }

  /**
   * Reads a file; there are no results if it does not exist.
   *
   * @throws IOException if it cannot be read
   * @throws ResultsFileException if it is damaged, of a newer format, or another file
   */
  static <R> ResultsFile<R> open(Path file, Format<R> format) throws IOException {
    ResultsFile<R> results = new ResultsFile<>(file, format);
    results.load();
    return results;
  }

  /** In the order in which they were computed. */
  List<R> all() {
    return List.copyOf(results.values());
  }

  Optional<R> find(Object key) {
    return Optional.ofNullable(results.get(key));
  }

  /**
   * Adds a result to what the file holds by now; one of the same key that it holds already stays.
   *
   * @throws IOException if the file cannot be read or written; an older one is then untouched
   * @throws ResultsFileException as {@link #open}
   */
  void add(R result) throws IOException {
    List<String> lines = load();
    if (results.putIfAbsent(format.key(result), result) != null) {
      return;
    }
    if (lines.isEmpty()) {
      ObjectNode header = JSON.createObjectNode();
      lines.add(header.put("format", FORMAT).put("kind", format.kind()).toString());
    }
    ObjectNode line = JSON.createObjectNode();
    format.write(result, line);
    lines.add(line.toString());
    AtomicFile.write(file, String.join("\n", lines) + "\n");
  }

  private List<String> load() throws IOException {
    results.clear();
    if (!Files.exists(file)) {
      return new ArrayList<>();
    }
    // Bytes that are no UTF-8 become a replacement character, which no result has.
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>(text.lines().toList());
    readHeader(lines.isEmpty() ? "" : lines.get(0));
    for (int i = 1; i < lines.size(); i++) {
      Line line = new Line(file, i + 1, parsed(i + 1, lines.get(i)));
      R result = read(line);
      if (result != null && results.putIfAbsent(format.key(result), result) != null) {
        throw line.problem("an earlier line holds a result for the same.");
      }
    }
    return lines;
  }

  private void readHeader(String text) {
    ObjectNode header = parsed(1, text);
    String kind = header.path("kind").asText();
    if (!kind.equals(format.kind())) {
      throw new ResultsFileException(
          file,
          1,
          "expected '" + format.kind() + "', but the file holds '" + kind + "'.",
          "another -Dnas.results was meant.");
    }
    JsonNode found = header.path("format");
    if (!found.isInt() || found.intValue() < 1) {
      throw new ResultsFileException(
          file, 1, "expected a number 'format' of at least 1.", "this is another file.");
    }
    if (found.intValue() > FORMAT) {
      throw new ResultsFileException(
          file,
          1,
          "the file is of format " + found + ", but this program reads format " + FORMAT + ".",
          "use the newer program, or another -Dnas.results.");
    }
  }

  private ObjectNode parsed(int line, String text) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode node) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw new ResultsFileException(
          file, line, "expected a JSON object, but " + e.getOriginalMessage(), AGAIN);
    }
    throw new ResultsFileException(file, line, "expected a JSON object.", AGAIN);
  }

  private @Nullable R read(Line line) {
    try {
      R result = format.read(line);
      if (result != null) {
        line.requireAllRead();
      }
      return result;
    } catch (IllegalArgumentException e) {
      throw line.problem(String.valueOf(e.getMessage()));
    }
  }

  /** One line, whose every problem names it. */
  static final class Line {

    private final Path file;
    private final int number;
    private final ObjectNode fields;
    private final Set<String> read = new HashSet<>();

    private Line(Path file, int number, ObjectNode fields) {
      this.file = file;
      this.number = number;
      this.fields = fields;
    }

    /** Whether there is such a field: for those that older programs did not write. */
    boolean has(String name) {
      return fields.has(name);
    }

    /** A text that is not empty. */
    String text(String name) {
      JsonNode value = field(name);
      if (!value.isTextual() || value.textValue().isEmpty()) {
        throw wrong(name, "a text", value);
      }
      return value.textValue();
    }

    /** A number in a range, both ends included. */
    double number(String name, double least, double most) {
      JsonNode value = field(name);
      double number = value.isNumber() ? value.doubleValue() : Double.NaN;
      if (!(number >= least && number <= most)) {
        throw wrong(name, "a number from " + least + " to " + most, value);
      }
      return number;
    }

    /** A number that is not negative. */
    double number(String name) {
      JsonNode value = field(name);
      double number = value.isNumber() ? value.doubleValue() : Double.NaN;
      if (!(number >= 0 && Double.isFinite(number))) {
        throw wrong(name, "a number of at least 0", value);
      }
      return number;
    }

    long whole(String name) {
      JsonNode value = field(name);
      if (!value.canConvertToExactIntegral() || !value.canConvertToLong()) {
        throw wrong(name, "a whole number", value);
      }
      return value.longValue();
    }

    ObjectNode object(String name) {
      JsonNode value = field(name);
      if (value instanceof ObjectNode object) {
        return object;
      }
      throw wrong(name, "an object", value);
    }

    private JsonNode field(String name) {
      read.add(name);
      return fields.path(name);
    }

    private ResultsFileException wrong(String name, String rule, JsonNode found) {
      return problem(
          "'"
              + name
              + "' must be "
              + rule
              + ", but is "
              + (found.isMissingNode() ? "missing" : found)
              + ".");
    }

    private void requireAllRead() {
      fields
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (!read.contains(name)) {
                  throw problem("there is no field '" + name + "' in this format.");
                }
              });
    }

    private ResultsFileException problem(String problem) {
      return new ResultsFileException(file, number, problem, AGAIN);
    }
  }
}
