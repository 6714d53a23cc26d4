package org.lightnas.examples.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Ways to forge: the bytes alone, or with the sums put right, or the values alone. */
final class Forgers {

  private static final int STATE_HEAD = 16;

  private final ByteMutations bytes;
  private final JsonMutations json;

  Forgers(String forbidden) {
    bytes = new ByteMutations(forbidden);
    json = new JsonMutations(bytes);
  }

  private static String victim(Map<String, byte[]> valid, SplittableRandom random) {
    return new TreeMap<>(valid)
        .keySet().stream().skip(random.nextInt(valid.size())).findFirst().orElseThrow();
  }

  private static byte[] file(Map<String, byte[]> valid, String name) {
    return Objects.requireNonNull(valid.get(name), name);
  }

  private static HostileReader.Forger one(Map<String, Way> ways, Way otherwise) {
    return (valid, random) -> {
      String name = victim(valid, random);
      return Map.of(name, ways.getOrDefault(name, otherwise).forge(file(valid, name), random));
    };
  }

  /** Of one file. */
  interface Way {
    byte[] forge(byte[] valid, SplittableRandom random);
  }

  /** Bytes of one file; every other time with a sum put right. */
  HostileReader.Forger bytes(UnaryOperator<byte[]> seal) {
    return one(
        Map.of(), (valid, random) -> sealed(bytes.apply(valid, false, random), seal, random));
  }

  /** A text of one file; mostly with a sum put right. */
  HostileReader.Forger text(UnaryOperator<byte[]> seal) {
    return one(Map.of(), textWay(seal));
  }

  private Way textWay(UnaryOperator<byte[]> seal) {
    return (valid, random) ->
        random.nextInt(4) == 0
            ? bytes.apply(valid, true, random)
            : seal.apply(bytes.apply(valid, true, random));
  }

  private static byte[] sealed(byte[] forged, UnaryOperator<byte[]> seal, SplittableRandom random) {
    return random.nextBoolean() ? seal.apply(forged) : forged;
  }

  /** A JSON text: its bytes, or its values with a sum put right. */
  HostileReader.Forger json(Function<ObjectNode, byte[]> seal) {
    return one(Map.of(), jsonWay(seal));
  }

  private Way jsonWay(Function<ObjectNode, byte[]> seal) {
    return (valid, random) ->
        random.nextInt(4) == 0
            ? bytes.apply(valid, true, random)
            : seal.apply(json.apply(valid, random));
  }

  static byte[] plain(ObjectNode root) {
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** A manifest with results of it, or results alone. */
  HostileReader.Forger probes(String manifest, String results) {
    return (valid, random) -> {
      if (random.nextBoolean()) {
        return Map.of(results, bytes.apply(file(valid, results), true, random));
      }
      byte[] forged = jsonWay(Seals::manifest).forge(file(valid, manifest), random);
      return Map.of(manifest, forged, results, Seals.results(file(valid, results), forged));
    };
  }

  /** Checkpoints; other files in the folder by the ways given. */
  HostileReader.Forger states(Map<String, Way> others) {
    return one(others, this::state);
  }

  /** For a CSV file beside checkpoints. */
  Way csv() {
    return textWay(Seals::csv);
  }

  private byte[] state(byte[] valid, SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> bytes.apply(valid, false, random);
      case 1 -> Seals.state(bytes.apply(valid, false, random));
      case 2 -> Seals.withHeader(valid, bytes.apply(Seals.header(valid), true, random));
      case 3 -> tensors(valid, random);
      default -> Seals.withHeader(valid, plain(json.apply(Seals.header(valid), random)));
    };
  }

  /** Other values under the old header. */
  private static byte[] tensors(byte[] valid, SplittableRandom random) {
    byte[] changed = valid.clone();
    int from = STATE_HEAD + Seals.header(valid).length;
    int room = valid.length - Long.BYTES - from;
    for (int n = Math.min(room, 1 + random.nextInt(8)); n > 0; n--) {
      changed[from + random.nextInt(room)] = (byte) random.nextInt(256);
    }
    return Seals.state(changed);
  }
}
