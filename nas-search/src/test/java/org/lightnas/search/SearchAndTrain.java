package org.lightnas.search;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.train.Trainer;

/**
 * A process of its own: searches under the table of a file, trains what it found, and prints the
 * architecture and digests of all numbers that came out.
 */
final class SearchAndTrain {

  private SearchAndTrain() {}

  public static void main(String[] args) throws IOException {
    LatencyTable table = LatencyTable.read(Path.of(args[0]), Tiny.SPACE);
    ImageData images = Tiny.images(192, 6);
    SearchResult found =
        Tiny.search().build().search(Tiny.SPACE.on(images), Constraint.atMost(6.5, table));
    ComputationGraph network =
        Trainer.builder().epochs(2).batchSize(16).seed(3).build().fit(found.architecture(), images);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    System.out.println("architecture " + found.architecture().id());
    System.out.println("probabilities " + digest(found.probabilities()));
    System.out.println("history " + digest(found.history().toString()));
    StringBuilder weights = new StringBuilder();
    Map<String, double[]> values = new TreeMap<>(NetworkValues.read(network, graph));
    values.forEach((name, tensor) -> weights.append(name).append(digest(tensor)));
    System.out.println("weights " + values.size() + " " + digest(weights.toString()));
  }

  private static String digest(double[]... rows) {
    StringBuilder bits = new StringBuilder();
    for (double[] row : rows) {
      for (double value : row) {
        bits.append(Long.toHexString(Double.doubleToRawLongBits(value))).append(' ');
      }
    }
    return digest(bits.toString());
  }

  private static String digest(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
