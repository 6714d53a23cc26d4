package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Networks;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.train.Schedule;
import org.lightnas.train.Trainer;

/**
 * Trains grafted networks from the weights of the original, which also teaches them. Over the first
 * fifth of the epochs activations bend less and less; linear from the first step they would begin
 * far from the original.
 *
 * @param epochs of all rounds together, at least one each
 * @param settings of the caller, over ours
 * @param folder for checkpoints, one inside for each part of a training; null for none
 */
record GraftTraining(
    int epochs,
    int rounds,
    long seed,
    UnaryOperator<Trainer.Builder> settings,
    @Nullable Path folder) {

  private static final double ANNEALED = 0.2;
  private static final int MOST_LETTERS = 200;

  /**
   * A round of training: from the network of one mask to that of another.
   *
   * @param number from 1 on
   * @param budget that is to be kept, a name for a folder
   */
  record Round(int number, String budget, Architecture from, Architecture mask) {}

  /** Of a round; the rounds have as many as each other, as far as that is possible. */
  int epochs(int round) {
    return epochs * round / rounds - epochs * (round - 1) / rounds;
  }

  /**
   * What decides its result besides rounds and images, by name.
   *
   * @param network the original
   */
  Map<String, String> facts(ComputationGraph network) {
    return settings.apply(defaults(network)).epochs(epochs).seed(seed).build().settings();
  }

  /** Whether these images can be trained on, before masks are learned for an hour. */
  void require(ComputationGraph network, ImageData images) {
    int batch = Integer.parseInt(facts(network).getOrDefault("batchSize", "0"));
    checkArgument(
        batch <= images.train().size(),
        "A batch of %s images cannot be filled from a set of %s images.\nMaybe lower the batch size:"
            + " training(t -> t.batchSize(…)).",
        batch,
        images.train().size());
  }

  /** How linear activations are in the epochs before the last part, rising. */
  static List<Double> shares(int epochs) {
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
   * @param network the original
   * @param start what the round before made, or the original
   * @return owned by the caller
   */
  @SuppressWarnings("ReferenceEquality") // the caller's network is not ours to close
  ComputationGraph train(
      GraftingSpace space,
      ComputationGraph network,
      ComputationGraph start,
      Round round,
      ImageData images) {
    ComputationGraph last = start;
    int all = epochs(round.number());
    List<Double> shares = shares(all);
    for (int i = 0; i <= shares.size(); i++) {
      boolean ready = i == shares.size();
      Trainer.Builder trainer = settings.apply(defaults(network)).seed(seed);
      if (ready) {
        trainer.epochs(all - shares.size());
      } else {
        trainer.epochs(1).schedule(Schedule.constant());
      }
      if (folder != null) {
        trainer.checkpoints(folder(folder, round).resolve("part" + (i + 1)));
      }
      ComputationGraph begun =
          space
              .graft(TrainedGraph.of(last), round.from(), round.mask(), ready ? 1 : shares.get(i))
              .toNetwork();
      if (last != start) {
        Networks.close(last);
      }
      try {
        last = trainer.build().fit(begun, images);
      } finally {
        Networks.close(begun);
      }
    }
    return last;
  }

  /** A second round begins with what the first one of the same budget made. */
  private Path folder(Path all, Round round) {
    Path parent = rounds == 1 ? all : all.resolve(round.budget()).resolve("round" + round.number());
    return parent.resolve(folderName(round.mask().id()));
  }

  /** File systems take 255 bytes, which the ids of masks of deep networks exceed. */
  static String folderName(String id) {
    return id.length() <= MOST_LETTERS
        ? id
        : id.substring(0, MOST_LETTERS / 2) + "-" + Long.toHexString(Seeds.derive(0, id, 0));
  }

  static Trainer.Builder defaults(ComputationGraph teacher) {
    return Trainer.builder().teacher(teacher, Domino.TEMPERATURE, Domino.TEACHER);
  }
}
