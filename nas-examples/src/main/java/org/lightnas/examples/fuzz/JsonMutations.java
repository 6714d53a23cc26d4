package org.lightnas.examples.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What happens to the values of a JSON text, so that it still is one. */
final class JsonMutations {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final ByteMutations texts;

  JsonMutations(ByteMutations texts) {
    this.texts = texts;
  }

  /** One to three changes; something that is no JSON becomes an empty object. */
  ObjectNode apply(byte[] json, SplittableRandom random) {
    ObjectNode root;
    try {
      root = (ObjectNode) MAPPER.readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException("The valid file is no JSON.", e);
    }
    boolean nested = random.nextInt(10) == 0;
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      List<JsonNode> inner = new ArrayList<>();
      collect(root, inner);
      if (inner.isEmpty()) {
        return root;
      }
      change(inner.get(random.nextInt(inner.size())), random);
    }
    // Once at most: twice would be more than can be written.
    return nested ? root.set("extra", nested(900 + random.nextInt(99))) : root;
  }

  private static void collect(JsonNode node, List<JsonNode> inner) {
    if (node.isContainerNode() && !node.isEmpty()) {
      inner.add(node);
      node.forEach(child -> collect(child, inner));
    }
  }

  private void change(JsonNode parent, SplittableRandom random) {
    int at = random.nextInt(parent.size());
    boolean remove = random.nextInt(6) == 0;
    if (parent instanceof ArrayNode array) {
      if (remove) {
        array.remove(at);
      } else if (random.nextInt(4) == 0) {
        array.insert(at, array.get(random.nextInt(array.size())).deepCopy());
      } else {
        array.set(at, value(array.get(at), random));
      }
    } else if (parent instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(at);
      JsonNode old = object.get(name);
      if (remove) {
        object.remove(name);
      } else if (random.nextInt(8) == 0) {
        object.remove(name);
        object.set(texts.text(random), old);
      } else {
        object.set(name, value(old, random));
      }
    }
  }

  private JsonNode value(JsonNode old, SplittableRandom random) {
    return switch (random.nextInt(9)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.textNode(texts.text(random));
      case 2 -> NODES.arrayNode().add(old.deepCopy());
      case 3 -> NODES.objectNode();
      case 4 -> NODES.numberNode(-1);
      case 5 -> NODES.numberNode(random.nextBoolean() ? 1e308 : 1e-300);
      case 6 -> NODES.numberNode(random.nextBoolean() ? Integer.MAX_VALUE : Long.MAX_VALUE);
      case 7 -> NODES.booleanNode(random.nextBoolean());
      default ->
          old.isNumber()
              ? NODES.numberNode(old.asInt() + random.nextInt(3) - 1)
              : NODES.textNode("");
    };
  }

  private static JsonNode nested(int depth) {
    JsonNode node = NODES.arrayNode();
    for (int i = 0; i < depth; i++) {
      node = NODES.arrayNode().add(node);
    }
    return node;
  }
}
