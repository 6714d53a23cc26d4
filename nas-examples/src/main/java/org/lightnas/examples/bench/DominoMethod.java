package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.compress.BlockForm;
import org.lightnas.compress.Compressed;
import org.lightnas.compress.Domino;
import org.lightnas.compress.GraftingSpace;
import org.lightnas.device.Device;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Verdict;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/** Ways to make a network faster that {@link DominoBench} compares. */
enum DominoMethod {
  /** As the library does it. */
  DOMINO,
  /** Masks by the size of slopes, as in DepthShrinker. */
  SLOPE,
  /** Random masks. */
  RANDOM,
  /** A narrower network, trained from scratch for as many steps, with the same teacher. */
  NARROW,
  /** Domino's grafted network, not merged. */
  UNMERGED,
  /** Blocks may be joined, and the saving is reached in two rounds. */
  PROMAX;

  /** Channels are multiples of 8, so no other widths make other networks. */
  private static final double[] WIDTHS = {
    0.05, 0.08, 0.1, 0.12, 0.15, 0.18, 0.2, 0.22, 0.25, 0.28, 0.3, 0.32, 0.35, 0.38, 0.4, 0.42, 0.45
  };

  static List<DominoMethod> ofProperties() {
    return Options.names("method", "domino,slope,random,narrow,unmerged", "promax").stream()
        .map(name -> valueOf(name.toUpperCase(Locale.ROOT)))
        .toList();
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is compared with a network that Domino made. */
  boolean follows() {
    return this == NARROW || this == UNMERGED || this == PROMAX;
  }

  /**
   * A problem: the original network, and what is known of it.
   *
   * @param spaces the same network in other widths
   * @param trained epochs of the original
   * @param grafted epochs of a grafted network
   */
  record Original(
      ComputationGraph network,
      DoubleFunction<LayeredSpace> spaces,
      ExperimentImages images,
      Device device,
      int trained,
      int grafted,
      long seed) {}

  /**
   * What came out.
   *
   * @param accuracy on test images, in percent
   * @param predicted latency; null where nothing predicts
   * @param check null where nothing was merged
   * @param what a mask, or a width
   */
  record Made(
      double accuracy,
      double millis,
      @Nullable Double predicted,
      @Nullable DominoCheck check,
      String what) {

    double error() {
      return check == null ? 0 : check.dl4j();
    }
  }

  /**
   * Masks of a preset; not of those that {@linkplain #follows follow}.
   *
   * @param run folder for the state of this run
   */
  Made compress(Original original, Domino.Preset preset, Path run) {
    Domino.Builder domino = domino(original, run).preset(preset);
    if (this == SLOPE) {
      domino.evaluator(Domino.slopes(original.seed()));
    } else if (this == RANDOM) {
      domino.evaluator((network, images) -> random(original.seed()));
    }
    return made(domino.build(), original);
  }

  /**
   * With joined blocks and rounds, as fast as Domino's.
   *
   * @throws org.lightnas.InfeasibleConstraintException if it cannot be that fast
   */
  static Made proMax(Original original, DominoOutcome domino, Path run) {
    Duration bound = Duration.ofNanos((long) (domino.millisAfter() * 1e6));
    return made(domino(original, run).proMax().latency(bound).build(), original);
  }

  private static Domino.Builder domino(Original original, Path run) {
    return Domino.builder(original.device(), original.images().withoutTest())
        .epochs(original.grafted())
        .checkpoints(run)
        .seed(original.seed());
  }

  private static Made made(Domino domino, Original original) {
    Compressed made = domino.compress(original.network());
    try {
      Verdict asked = made.asked();
      return new Made(
          Accuracy.of(made.network(), original.images().test()),
          Objects.requireNonNull(made.after().latency()).millis(),
          asked == null ? null : asked.predicted(),
          DominoCheck.of(made, original.images().validation()),
          made.blocks().stream().map(BlockForm::choice).collect(Collectors.joining("-")));
    } finally {
      Networks.close(made.network());
    }
  }

  private static Evaluator random(long seed) {
    return Evaluator.of("random", mask -> Seeds.random(seed, "mask " + mask.id(), 0).nextDouble());
  }

  /** The widest network that takes at most as long. */
  static Made narrow(Original original, double millis) {
    LayeredSpace widest = original.spaces().apply(WIDTHS[0]);
    double width = WIDTHS[0];
    double took = Double.NaN;
    int low = 0;
    int high = WIDTHS.length;
    while (low < high) {
      int middle = (low + high) / 2;
      LayeredSpace space = original.spaces().apply(WIDTHS[middle]);
      ComputationGraph untrained = space.network(space.uniform(0), original.seed());
      Device device = original.device();
      double measured = device.confirm(() -> device.measure(untrained)).millis();
      Networks.close(untrained);
      if (measured <= millis) {
        widest = space;
        width = WIDTHS[middle];
        took = measured;
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    checkArgument(took > 0, "No width takes at most %s ms.", millis);
    ComputationGraph network =
        Trainer.builder()
            .epochs(original.trained() + original.grafted())
            .teacher(original.network(), Domino.TEMPERATURE, Domino.TEACHER)
            .seed(original.seed())
            .build()
            .fit(widest.uniform(0), original.images().withoutTest());
    double accuracy = Accuracy.of(network, original.images().test());
    Networks.close(network);
    return new Made(accuracy, took, null, null, "width " + width);
  }

  /** Domino's network before it was merged: as good, and as fast as it is then. */
  static Made unmerged(Original original, DominoOutcome domino) {
    GraftingSpace space = GraftingSpace.of(original.network());
    String[] choices = domino.network().split("-");
    Architecture mask = space.uniform(0);
    for (int l = 0; l < choices.length; l++) {
      mask = mask.with(space.choices().get(l).name(), choices[l]);
    }
    ComputationGraph grafted = space.graft(original.network(), mask);
    Device device = original.device();
    double millis = device.confirm(() -> device.measure(grafted)).millis();
    Networks.close(grafted);
    return new Made(domino.accuracyAfter(), millis, null, null, domino.network());
  }
}
