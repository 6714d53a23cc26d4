package org.lightnas.predict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.AtomicFile;
import org.lightnas.metric.Predictor;
import org.lightnas.space.ChoiceSpace;

/**
 * Predictors as JSON files: {@code format}, {@code space} (in words), {@code predictor} (what its
 * kind needs, see {@link PredictorJson}) and {@code crc32} of all that, so that a damaged number is
 * never taken for a whole one. Numbers are read back bit for bit.
 */
final class PredictorFile {

  private static final int FORMAT = 1;
  private static final String DAMAGED = "the file was damaged or edited: fetch a whole copy.";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final String text;

  private PredictorFile(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * Writes a predictor, in one move.
   *
   * @throws IllegalArgumentException if it is none of ours
   * @throws IOException naming the file, if it cannot be written
   */
  static void write(Predictor predictor, Path file) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format", FORMAT);
    root.put("space", CheckedCsv.describe(predictor.space()));
    PredictorJson.write(predictor, root.putObject("predictor"));
    root.put("crc32", sum(root));
    AtomicFile.write(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if the file cannot be read
   * @throws PredictorFileException if it is no such file, is of a newer format or another space
   *     (both are named), or was changed
   */
  static Predictor read(Path file, ChoiceSpace space) throws IOException {
    // Bytes that are no UTF-8 become a replacement character, and the sum finds them.
    String text = new String(AtomicFile.read(file), StandardCharsets.UTF_8);
    return new PredictorFile(file, text).read(space);
  }

  private Predictor read(ChoiceSpace space) {
    ObjectNode root = parsed();
    JsonNode format = root.path("format");
    if (!format.isInt() || format.intValue() < 1) {
      throw problem("format", "expected a number 'format' of at least 1.", "this is another file.");
    }
    if (format.intValue() > FORMAT) {
      throw problem(
          "format",
          "the file is of format "
              + format
              + ", but this version of the library reads format "
              + FORMAT
              + ".",
          "update the library.");
    }
    String found = root.path("space").asText();
    String expected = CheckedCsv.describe(space);
    if (!found.equals(expected)) {
      throw problem(
          "space",
          "the predictor is of space '" + found + "', not of '" + expected + "'.",
          "fit one for this space, or load it with its own.");
    }
    JsonNode sum = root.remove("crc32");
    String actual = sum(root);
    if (sum == null || !sum.asText().equals(actual)) {
      throw problem(
          "crc32",
          "the sum is '"
              + (sum == null ? "" : sum.asText())
              + "', but the rest makes '"
              + actual
              + "'.",
          DAMAGED);
    }
    try {
      return PredictorJson.read(root.path("predictor"), space);
    } catch (IllegalArgumentException e) {
      throw problem("predictor", String.valueOf(e.getMessage()), DAMAGED);
    }
  }

  private ObjectNode parsed() {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode root) {
        return root;
      }
    } catch (JsonProcessingException e) {
      throw new PredictorFileException(
          file,
          e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr()),
          "expected a predictor as JSON, but " + e.getOriginalMessage(),
          DAMAGED);
    }
    throw problem("format", "expected a predictor as JSON.", "this is another file.");
  }

  private PredictorFileException problem(String field, String problem, String remedy) {
    int at = Math.max(0, text.indexOf("\"" + field + "\""));
    int line = 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
    return new PredictorFileException(file, line, problem, remedy);
  }

  private static String sum(@Nullable ObjectNode root) {
    CRC32 sum = new CRC32();
    sum.update(String.valueOf(root).getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", sum.getValue());
  }
}
