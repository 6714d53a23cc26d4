package org.lightnas.search.population;

import java.util.Arrays;
import java.util.List;
import org.lightnas.FeatureShape;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.ShuffleUnit;
import org.lightnas.space.op.ShuffleXception;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.activations.Activation;

/** A space of units in two widths. */
final class Widths {

  /** Of each choice, in this order. */
  static final List<String> UNITS = List.of("shuffle3", "shuffle5", "xception", "skip");

  private Widths() {}

  /** Three choices of seven candidates: three units in two widths, and a skip. */
  static LayeredSpace space(FeatureShape input, int classes) {
    LayeredSpace.Builder space =
        LayeredSpace.named("two-widths", input, classes)
            .stem(new ConvBnAct(3, 8, 2, Activation.RELU));
    for (int l = 0; l < 3; l++) {
      int stride = l == 0 ? 2 : 1;
      space.choice(
          "block" + (l + 1),
          new ShuffleUnit(3, 0.5, 16, stride),
          new ShuffleUnit(3, 1, 16, stride),
          new ShuffleUnit(5, 0.5, 16, stride),
          new ShuffleUnit(5, 1, 16, stride),
          new ShuffleXception(0.5, 16, stride),
          new ShuffleXception(1, 16, stride),
          new SkipConnect(16, stride));
    }
    return space.build();
  }

  /** From 1 + 3 x 0.5 to 1 + 3 x 6 ms. */
  static LatencyTable latency(LayeredSpace space) {
    double[][] entries = new double[3][];
    Arrays.setAll(entries, l -> new double[] {1, 2, 2, 4, 3, 6, 0.5});
    return LatencyTable.of(space, 1, entries);
  }
}
