package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.internal.AtomicFile;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * What a probe kit holds, as JSON. The last field is the hash of all others, so that a manifest
 * that was changed by hand is not taken for the one that was written.
 *
 * @param sha256 of the file, which results name
 * @param batch images per run
 * @param threads the networks are to run on
 * @param rounds of each probe
 * @param probes architectures by file name, in the order in which they are measured
 */
record ProbeManifest(
    String sha256, int batch, int threads, int rounds, Map<String, Architecture> probes) {

  static final String UNIT = "ms";

  private static final String KIND = "lightnas probe kit";
  private static final int FORMAT = 1;
  private static final String SUM = "content-sha256";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** A file of the kit. */
  record Network(String file, String sha256) {}

  /** A file and whose network it is. */
  record Probe(Network network, Architecture architecture) {}

  static void write(
      ChoiceSpace space,
      int batch,
      int threads,
      int rounds,
      Network reference,
      List<Probe> probes,
      Path file)
      throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("kind", KIND);
    root.put("format", FORMAT);
    root.put("space", CheckedCsv.describe(space));
    root.put("unit", UNIT);
    root.put("batch", batch);
    root.put("threads", threads);
    root.put("rounds", rounds);
    put(root.putObject("reference"), reference);
    ArrayNode list = root.putArray("probes");
    for (Probe probe : probes) {
      ObjectNode node = put(list.addObject(), probe.network());
      node.set("architecture", MAPPER.readTree(probe.architecture().toJson()));
    }
    root.put(SUM, sum(root));
    AtomicFile.write(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
  }

  /** File before hash: the program that measures reads them by a pattern. */
  private static ObjectNode put(ObjectNode node, Network network) {
    return node.put("file", network.file()).put("sha256", network.sha256());
  }

  private static String sum(JsonNode root) {
    return ProbeKit.sha256(root.toString().getBytes(StandardCharsets.UTF_8));
  }

  static ProbeManifest read(Path file, ChoiceSpace space) throws IOException {
    byte[] bytes = AtomicFile.read(file);
    JsonNode root;
    try {
      // Not the bytes: Jackson would take some of them for other encodings than UTF-8.
      root = MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new PredictorFileException(
          file,
          e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr()),
          "this is no JSON: " + e.getOriginalMessage(),
          "take the manifest that ProbeKit wrote.");
    }
    if (!(root instanceof ObjectNode all) || !root.path("kind").asText().equals(KIND)) {
      throw problem(file, "this is no manifest of a probe kit.", "this is another file.");
    }
    if (root.path("format").asInt() != FORMAT) {
      throw problem(
          file,
          "the manifest is of format "
              + root.path("format")
              + ", but this version of the library reads format "
              + FORMAT
              + ".",
          "update the library.");
    }
    JsonNode sum = all.remove(SUM);
    if (sum == null || !sum.asText().equals(sum(all))) {
      throw problem(
          file,
          "the manifest was changed after it was written.",
          "take the one that ProbeKit wrote, or write a new kit and measure it.");
    }
    if (!root.path("space").asText().equals(CheckedCsv.describe(space))) {
      throw problem(
          file,
          "the kit is of space '"
              + root.path("space").asText()
              + "', not of '"
              + CheckedCsv.describe(space)
              + "'.",
          "read it with its own space.");
    }
    Map<String, Architecture> probes = new LinkedHashMap<>();
    try {
      for (JsonNode probe : root.path("probes")) {
        String name = probe.path("file").asText();
        checkArgument(name.matches("probe-\\d+\\.onnx"), "'%s' is no file of a kit.", name);
        checkArgument(
            probes.put(name, space.read(probe.path("architecture").toString())) == null,
            "'%s' is there twice.",
            name);
      }
      checkArgument(!probes.isEmpty(), "there are no probes.");
      return new ProbeManifest(
          ProbeKit.sha256(bytes),
          count(root, "batch"),
          count(root, "threads"),
          count(root, "rounds"),
          probes);
    } catch (IllegalArgumentException e) {
      throw problem(file, String.valueOf(e.getMessage()), "take the one that ProbeKit wrote.");
    }
  }

  private static int count(JsonNode root, String name) {
    JsonNode node = root.path(name);
    checkArgument(
        node.isInt() && node.intValue() >= 1,
        "'%s' must be a whole number of at least 1, but is '%s'.",
        name,
        node);
    return node.intValue();
  }

  private static PredictorFileException problem(Path file, String problem, String remedy) {
    return new PredictorFileException(file, 1, problem, remedy);
  }
}
