package org.lightnas.search.proxy;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.lightnas.engine.Plan;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.space.Architecture;
import org.nd4j.linalg.activations.Activation;

/** NAS without training; see {@link Proxies#naswot}. */
record Naswot(FreshNetwork fresh) {

  /** Of counts of rectifiers, which are whole numbers. */
  private static final double LEAST_EIGENVALUE = 1e-6;

  private static final double SIX = 6;

  double score(Architecture architecture) {
    // By name, so that the order of sums is fixed.
    Map<String, Activation> rectifiers = new TreeMap<>();
    return fresh.run(
        architecture,
        graph -> {
          rectifiers.putAll(rectifiers(graph));
          checkArgument(
              !rectifiers.isEmpty(),
              "Architecture %s has no ReLU or ReLU6, so NASWOT says nothing about it.\n"
                  + "Maybe take another proxy.",
              architecture.id());
          return rectifiers.keySet();
        },
        plan -> logDeterminant(kernel(plan, rectifiers)));
  }

  private static Map<String, Activation> rectifiers(LayerGraph graph) {
    return graph.nodes().stream()
        .filter(Node.Activate.class::isInstance)
        .map(Node.Activate.class::cast)
        .filter(n -> n.function() == Activation.RELU || n.function() == Activation.RELU6)
        .collect(Collectors.toMap(Node.Activate::name, Node.Activate::function));
  }

  /** How many rectifiers two images put alike, {@code [batch][batch]}. */
  private static double[][] kernel(Plan plan, Map<String, Activation> rectifiers) {
    int images = plan.batch();
    double[][] alike = new double[images][images];
    rectifiers.forEach(
        (name, function) -> {
          double[] values = plan.gated(name);
          BitSet[] codes = codes(values, images, function == Activation.RELU6);
          int each = values.length / images;
          for (int i = 0; i < images; i++) {
            for (int j = 0; j <= i; j++) {
              BitSet differ = (BitSet) codes[i].clone();
              differ.xor(codes[j]);
              alike[i][j] += each - differ.cardinality();
              alike[j][i] = alike[i][j];
            }
          }
        });
    return alike;
  }

  private static BitSet[] codes(double[] values, int images, boolean six) {
    int each = values.length / images;
    BitSet[] codes = new BitSet[images];
    for (int i = 0; i < images; i++) {
      codes[i] = new BitSet(each);
      for (int k = 0; k < each; k++) {
        double value = values[i * each + k];
        codes[i].set(k, value > 0 && !(six && value >= SIX));
      }
    }
    return codes;
  }

  /** Of a symmetric matrix without negative eigenvalues. */
  static double logDeterminant(double[][] matrix) {
    double[] values =
        new EigenDecomposition(new Array2DRowRealMatrix(matrix, false)).getRealEigenvalues();
    return Arrays.stream(values).map(v -> Math.log(Math.max(v, LEAST_EIGENVALUE))).sum();
  }
}
