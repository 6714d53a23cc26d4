package org.lightnas.examples;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.device.Dl4jDevice;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/**
 * Searches and trains a space of one's own with an operation of one's own: {@code mvn -Pquickstart
 * -Dexample=CustomSpace}. Explained in {@code docs/EXTENDING.md}.
 */
public final class CustomSpace {

  private CustomSpace() {}

  /** Runs it; under a minute. */
  public static void main(String[] args) {
    ImageData images = ImageData.generated(2000, 500, 1);
    TwoScales space = new TwoScales(images.shape(), images.classes());
    try (Dl4jDevice device = Dl4jDevice.thisMachine()) {
      LatencyTable latency = LatencyTable.profile(space, device);
      Constraint bound = Constraint.latency(latency.range().at(0.6), latency);
      SearchResult found = LightNas.builder().steps(100).build().search(space.on(images), bound);
      System.out.println(found);
      ComputationGraph network =
          Trainer.builder().epochs(3).build().fit(found.architecture(), images);
      System.out.printf("accuracy %.1f %%%n", Accuracy.of(network, images.test()));
    }
  }
}
