package org.lightnas.graph;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Tells networks apart: by configuration and weights. */
public final class Fingerprint {

  private static final int DIGITS = 16;

  private Fingerprint() {}

  /** Sixteen hexadecimal digits. */
  public static String of(
      ComputationGraph network, LayerGraph graph, Map<String, double[]> values) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString(network.getConfiguration().toJson(), StandardCharsets.UTF_8);
    for (Parameter parameter : graph.parameters()) {
      hasher.putString(parameter.name(), StandardCharsets.UTF_8);
      double[] data = values.get(parameter.name());
      for (int i = 0; data != null && i < data.length; i++) {
        hasher.putDouble(data[i]);
      }
    }
    return hasher.hash().toString().substring(0, DIGITS);
  }
}
