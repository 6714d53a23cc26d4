package org.lightnas.compress;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.ImageData;
import org.lightnas.space.Architecture;
import org.lightnas.train.Schedule;
import org.lightnas.train.Trainer;

/**
 * Trains grafted networks from the weights of the original, which also teaches them. Over the first
 * fifth of the epochs activations bend less and less; linear from the first step they would begin
 * far from the original.
 *
 * @param settings of the caller, over ours
 * @param folder for checkpoints, one inside for each part of a training; null for none
 */
record GraftTraining(
    int epochs, long seed, UnaryOperator<Trainer.Builder> settings, @Nullable Path folder) {

  private static final double ANNEALED = 0.2;

  /** A fifth of the rate that networks are trained with from scratch: weights are good already. */
  private static final double RATE = 0.02;

  /** How linear activations are in the epochs before the last part, rising. */
  List<Double> shares() {
    int count = epochs == 1 ? 0 : (int) Math.max(1, Math.round(ANNEALED * epochs));
    List<Double> shares = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      shares.add((double) i / (count + 1));
    }
    return shares;
  }

  /**
   * A trained grafted network.
   *
   * @return owned by the caller
   */
  @SuppressWarnings("ReferenceEquality") // the caller's network is not ours to close
  ComputationGraph train(
      GraftingSpace space, ComputationGraph network, Architecture mask, ImageData images) {
    ComputationGraph last = network;
    List<Double> shares = shares();
    for (int i = 0; i <= shares.size(); i++) {
      boolean ready = i == shares.size();
      Trainer.Builder trainer = settings.apply(defaults(network)).seed(seed);
      if (ready) {
        trainer.epochs(epochs - shares.size());
      } else {
        trainer.epochs(1).schedule(Schedule.constant());
      }
      if (folder != null) {
        trainer.checkpoints(folder.resolve(mask.id()).resolve("part" + (i + 1)));
      }
      ComputationGraph begun = space.graft(last, mask, ready ? 1 : shares.get(i));
      if (last != network) {
        last.close();
      }
      try {
        last = trainer.build().fit(begun, images);
      } finally {
        begun.close();
      }
    }
    return last;
  }

  static Trainer.Builder defaults(ComputationGraph teacher) {
    return defaults().teacher(teacher, Domino.TEMPERATURE, Domino.TEACHER);
  }

  /** Without the teacher. */
  static Trainer.Builder defaults() {
    return Trainer.builder().learningRate(RATE);
  }
}
