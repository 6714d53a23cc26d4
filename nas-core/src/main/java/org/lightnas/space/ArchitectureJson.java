package org.lightnas.space;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** {@code {"format": 1, "space": "…", "picks": ["mbconv_k3_e6", …]}}. */
final class ArchitectureJson {

  private static final int FORMAT = 1;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ArchitectureJson() {}

  static String write(Architecture architecture) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format", FORMAT);
    root.put("space", architecture.space().name());
    ArrayNode picks = root.putArray("picks");
    for (int l = 0; l < architecture.space().choices().size(); l++) {
      picks.add(architecture.candidate(l).id());
    }
    return root.toString();
  }

  static Architecture read(ChoiceSpace space, String json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "An architecture of space '" + space.name() + "' must be JSON: " + e.getOriginalMessage(),
          e);
    }
    JsonNode format = root.path("format");
    checkArgument(
        format.isInt() && format.intValue() >= 1,
        "An architecture's JSON needs a number 'format', but holds %s.",
        format.isMissingNode() ? "none" : format);
    checkArgument(
        format.intValue() <= FORMAT,
        "The architecture is of format %s; this version of the library reads up to %s.",
        format.intValue(),
        FORMAT);
    checkArgument(
        root.path("space").asText().equals(space.name()),
        "The architecture belongs to space '%s', not to '%s'.",
        root.path("space").asText(),
        space.name());
    List<Choice> choices = space.choices();
    JsonNode picks = root.path("picks");
    checkArgument(
        picks.isArray() && picks.size() == choices.size(),
        "An architecture of space '%s' needs an array 'picks' of %s ids, but holds %s.",
        space.name(),
        choices.size(),
        picks.isMissingNode() ? "none" : picks);
    int[] positions = new int[choices.size()];
    for (int l = 0; l < positions.length; l++) {
      positions[l] = choices.get(l).indexOf(picks.get(l).asText());
    }
    return new Architecture(space, positions);
  }
}
