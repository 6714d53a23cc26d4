package org.lightnas.search.proxy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.lightnas.FeatureShape;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageSet;
import org.lightnas.data.Pixels;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Parameter;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/** Untrained networks of a space, each run once on the same batch of plain images. */
final class FreshNetwork {

  private final SearchSpace space;
  private final ImageSet images;
  private final Batches.Batch batch;
  private final int batchSize;
  private final long seed;

  FreshNetwork(TrainableSpace trainable, int batchSize, long seed) {
    this.space = trainable.space();
    this.batchSize = batchSize;
    this.seed = seed;
    this.images = trainable.images().train();
    this.batch = batch(images);
  }

  /** What decides its values beside the architecture. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("proxy batch size", Integer.toString(batchSize));
    facts.put("proxy seed", Long.toString(seed));
    facts.put("proxy images", images.fingerprint());
    return facts;
  }

  private Batches.Batch batch(ImageSet of) {
    return new Batches(of, batchSize, Augmentation.none(), Seeds.derive(seed, "proxy batch", 0))
        .read(0);
  }

  /** The same images for all, in the size that the architecture takes. */
  private Pixels pixels(Architecture architecture) {
    FeatureShape input = space.input(architecture);
    return (input.equals(images.shape()) ? batch : batch(images.resized(input))).nhwc();
  }

  /**
   * Runs an architecture's network forward, with the statistics of the batch.
   *
   * @param gates nodes whose values are looked at
   * @param use what is wanted of it
   */
  double run(
      Architecture architecture,
      Function<LayerGraph, Set<String>> gates,
      ToDoubleFunction<Plan> use) {
    architecture.requireSpace(space);
    LayerGraph graph = LayerGraph.of(space, architecture);
    Set<String> wanted = gates.apply(graph);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, seed);
      Plan plan = engine.training(graph, weights, batchSize, wanted);
      plan.forward(pixels(architecture), Pass.shared(seed));
      return use.applyAsDouble(plan);
    }
  }

  double gradientNorm(Architecture architecture) {
    return run(
        architecture,
        graph -> Set.of(),
        plan -> {
          plan.loss(batch.labels(), 0);
          plan.backward();
          return plan.touched().stream()
              .filter(weight -> weight.parameter().role() == Parameter.Role.WEIGHT)
              .mapToDouble(weight -> Gradients.norm(List.of(weight)))
              .sum();
        });
  }
}
