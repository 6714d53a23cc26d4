package org.lightnas.compress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.train.Trainer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A cheap task like the one at hand, to learn from what they have in common.
 *
 * @param classes those it is about, by their numbers
 * @param shrink factor by which images are smaller
 * @param width factor of the channels
 */
record SourceTask(int[] classes, int shrink, double width) {

  /** Images are not made smaller than so many pixels: too little is left to be seen. */
  private static final int SMALL = 16;

  /**
   * Six tasks: all classes, each half of them, every other one from the first and from the second
   * on, at half the resolution; and all with half the channels.
   *
   * @param shape of the images at hand
   * @param n number of their classes
   */
  static List<SourceTask> of(FeatureShape shape, int n) {
    int side = Math.min(shape.height(), shape.width());
    int shrink = side >= 2 * SMALL ? 2 : 1;
    int[] all = IntStream.range(0, n).toArray();
    List<SourceTask> tasks = new ArrayList<>();
    tasks.add(new SourceTask(all, shrink, 0.5));
    tasks.add(new SourceTask(all, shrink, 1));
    if (n >= 4) {
      tasks.add(new SourceTask(Arrays.copyOf(all, n / 2), shrink, 1));
      tasks.add(new SourceTask(Arrays.copyOfRange(all, n / 2, n), shrink, 1));
      for (int first : new int[] {0, 1}) {
        int[] other = Arrays.stream(all).filter(c -> c % 2 == first).toArray();
        tasks.add(new SourceTask(other, shrink, 1));
      }
    }
    return tasks;
  }

  /** The images of the task. */
  ImageSet images(ImageSet all) {
    return all.ofClasses(classes).shrunk(shrink);
  }

  /**
   * The network of the task, trained from what of the given weights fits it. A narrower one, which
   * begins anew, is trained for as many more epochs as they are cheaper.
   *
   * @param images of the task
   * @param epochs of a network of full width
   * @return owned by the caller
   */
  ComputationGraph network(ComputationGraph given, ImageSet images, int epochs, long seed) {
    TrainedGraph from = TrainedGraph.of(given);
    LayerGraph graph = Resized.of(from.graph(), images.shape(), images.classes(), width);
    Map<String, double[]> values = new HashMap<>();
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, seed);
      values.putAll(weights.values(graph));
    }
    for (Parameter parameter : graph.parameters()) {
      double[] known = from.values().get(parameter.name());
      if (known != null && known.length == parameter.size()) {
        values.put(parameter.name(), known);
      }
    }
    ComputationGraph fresh = new TrainedGraph(graph, values).toNetwork();
    try {
      return Trainer.builder()
          .epochs((int) Math.round(epochs / (width * width)))
          .seed(seed)
          .build()
          .fit(fresh, ImageData.of("source task", images, images));
    } finally {
      Networks.close(fresh);
    }
  }

  /** {@code classes [0, 1], resolution 1/2, width 0.5}. */
  @Override
  public String toString() {
    return "classes " + Arrays.toString(classes) + ", resolution 1/" + shrink + ", width " + width;
  }
}
