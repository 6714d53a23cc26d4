package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Once;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/**
 * Scores architectures by training them, usually for a few epochs: the accuracy in percent on
 * images held out of the training. Every network is trained once, whatever asks for it; of several
 * architectures that are the same network, the canonical one. Test images are not looked at.
 *
 * @since 0.1.0
 */
public final class TrainingEvaluator implements Evaluator {

  private final SearchSpace space;
  private final Trainer trainer;
  private final ImageData images;
  private final Once<Architecture, Double> known = new Once<>();

  private TrainingEvaluator(SearchSpace space, Trainer trainer, ImageData images) {
    this.space = space;
    this.trainer = trainer;
    this.images = images;
  }

  /**
   * One that trains as a trainer does, by its seed.
   *
   * @param heldOut share of the training images to score on, between 0 and 1
   * @param trainer without a folder for checkpoints, which belongs to one network
   * @throws IllegalArgumentException if the share is out of range, or the trainer has a folder
   */
  public static TrainingEvaluator of(TrainableSpace trainable, Trainer trainer, double heldOut) {
    checkArgument(
        !trainer.hasCheckpoints(),
        "The trainer keeps checkpoints, in a folder that belongs to one network, but is to train"
            + " many.\nMaybe leave checkpoints(folder) away: searches keep scores in a folder of"
            + " their own.");
    checkArgument(
        heldOut > 0 && heldOut < 1,
        "The share held out must be between 0 and 1, but is %s.",
        heldOut);
    ImageData all = trainable.images();
    List<ImageSet> parts = all.train().split(1 - heldOut, Seeds.derive(0, "held out", 0));
    return new TrainingEvaluator(
        trainable.space(), trainer, ImageData.of(all.name(), parts.get(0), parts.get(1)));
  }

  /** {@code accuracy after 3 epochs (%)}. */
  @Override
  public String name() {
    return "accuracy after " + trainer.settings().get("epochs") + " epochs (%)";
  }

  /** Those of the trainer, and the images. */
  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>(trainer.settings());
    settings.put("images", images.train().fingerprint());
    settings.put("images held out", images.test().fingerprint());
    return settings;
  }

  /**
   * The accuracy in percent.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   * @throws org.lightnas.DivergedSearchException if the loss is no longer a number
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   */
  @Override
  public double score(Architecture architecture) {
    architecture.requireSpace(space);
    return known.get(space.canonical(architecture), this::trained);
  }

  private double trained(Architecture architecture) {
    ComputationGraph network = trainer.fit(architecture, images);
    try {
      return Accuracy.of(network, images.test().resized(space.input(architecture)));
    } finally {
      Networks.close(network);
    }
  }
}
