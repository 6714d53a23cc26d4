package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Foreign;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Verdict;
import org.lightnas.predict.LatencyRange;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.train.Accuracy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One network's way through {@link Domino}. */
final class DominoRun {

  private static final Logger LOG = LoggerFactory.getLogger(Domino.class);

  /** On so many real images merging is checked. */
  private static final int CHECKED = 1000;

  private final Device device;
  private final ImageData images;
  private final DominoSettings settings;
  private final ComputationGraph network;
  private final TrainedGraph given;
  private final DominoFolder folder;

  DominoRun(Device device, ImageData images, DominoSettings settings, ComputationGraph network) {
    checkArgument(
        network.getVertices() != null,
        "The network has no weights yet.\nMaybe call init() and train it first.");
    this.device = device;
    this.images = images;
    this.settings = settings;
    this.network = network;
    this.given = TrainedGraph.of(network);
    this.folder = new DominoFolder(settings.training().folder());
    FeatureShape shape = given.graph().input();
    int classes = given.graph().output().output().channels();
    checkArgument(
        shape.equals(images.shape()) && classes == images.classes(),
        "The network takes images of %s in %s classes, but '%s' holds %s in %s.",
        shape,
        classes,
        images.name(),
        images.shape(),
        images.classes());
  }

  LatencyRange reachable() {
    Reach reach = Reach.measure(space(), given, device);
    if (!reach.saves()) {
      Duration asItIs = duration(reach.original().upperMillis());
      return new LatencyRange(asItIs, asItIs);
    }
    return new LatencyRange(
        duration(reach.least().upperMillis()), duration(reach.original().millis()));
  }

  private GraftingSpace space() {
    GraftingSpace space = GraftingSpace.of(given.graph());
    return settings.largestKernel() == 0 ? space : space.joining(settings.largestKernel());
  }

  private static Duration duration(double millis) {
    return Duration.ofNanos((long) Math.ceil(millis * 1e6));
  }

  Compressed run() {
    if (GraftingBlocks.of(given.graph()).isEmpty()) {
      return withoutBlocks();
    }
    GraftingSpace space = space();
    Architecture none = space.uniform(0);
    settings.constraints().forEach(bound -> none.requireSpace(bound.predictor().space()));
    Reach reach =
        folder.reach(
            () -> DominoFacts.of(settings, network, given, images, device),
            space,
            device,
            () -> Reach.measure(space, given, device));
    LOG.info(
        "{} as it is, {} at least; {} blocks",
        reach.original(),
        reach.least(),
        space.blocks().size());
    Double millis = settings.millis();
    if (millis != null) {
      if (reach.original().upperMillis() > millis) {
        requireReach(reach, millis);
      } else if (settings.constraints().stream().allMatch(bound -> bound.admits(none))) {
        return asItIs(reach, String.format(Locale.ROOT, "it keeps %.3f ms already", millis));
      }
    }
    if (!reach.saves()) {
      return asItIs(
          reach,
          "with everything linear that is faster so, it takes "
              + reach.least()
              + " instead of "
              + reach.original());
    }
    settings.training().require(network, images);
    Rounds rounds = new Rounds(reach);
    double accuracy = Accuracy.of(network, images.test());
    Figures before = new Figures(Cost.of(network.getConfiguration()), reach.original(), accuracy);
    if (millis != null) {
      String budget = String.format(Locale.ROOT, "%.6fms", millis);
      return rounds.compressed(budget, millis, before);
    }
    List<String> lost = new ArrayList<>();
    for (Domino.Preset preset : settings.presets()) {
      String name = preset.name().toLowerCase(Locale.ROOT);
      Compressed made = rounds.compressed(name, reach.atShare(preset.share()), before);
      Double points = settings.points();
      double loss = accuracy - Objects.requireNonNull(made.after().accuracy());
      if (points == null || loss <= points) {
        return made;
      }
      Networks.close(made.network());
      lost.add(String.format(Locale.ROOT, "%s lost %.2f points", name, loss));
      LOG.info("{}, more than {}", lost.get(lost.size() - 1), points);
    }
    return asItIs(
        reach,
        String.format(
            Locale.ROOT,
            "at most %.2f points of accuracy were to be lost, but %s",
            settings.points(),
            String.join(", ", lost)));
  }

  private Compressed withoutBlocks() {
    String why = "the network has no block to graft";
    if (!settings.constraints().isEmpty()) {
      Constraint bound = settings.constraints().get(0);
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A bound is given on masks (%s <= %.3f %s), but %s.\n"
                  + "Maybe leave out constraint(…).",
              bound.metric().name(),
              bound.bound(),
              bound.metric().unit(),
              why));
    }
    Measurement latency =
        Foreign.call(
            () -> device.confirm(() -> device.measure(network)),
            () -> "Device " + device + " failed on the network");
    Double millis = settings.millis();
    if (millis != null && latency.upperMillis() > millis) {
      throw new InfeasibleConstraintException(
          String.format(
              Locale.ROOT,
              "The network cannot be brought to %.3f ms: it has no block to graft, and takes %s"
                  + " (%.3f ms with two spreads).\n"
                  + "Maybe raise the bound, or take a narrower network.",
              millis,
              latency,
              latency.upperMillis()),
          millis,
          latency.upperMillis());
    }
    return asItIs(latency, List.of(), why);
  }

  /** Of a bound that the network as it is does not keep. */
  private static void requireReach(Reach reach, double millis) {
    if (!reach.saves()) {
      double upper = reach.original().upperMillis();
      throw new InfeasibleConstraintException(
          String.format(
              Locale.ROOT,
              "The network cannot be brought to %.3f ms: it takes %s (%.3f ms with two spreads),"
                  + " and %s with everything merged that is faster so, which is no less beyond"
                  + " doubt.\n"
                  + "Maybe raise the bound, or measure where nothing else runs.",
              millis,
              reach.original(),
              upper,
              reach.least()),
          millis,
          upper);
    }
    double least = reach.least().upperMillis();
    if (least > millis) {
      throw new InfeasibleConstraintException(
          String.format(
              Locale.ROOT,
              "The network cannot be brought to %.3f ms: everything merged that is faster so, it"
                  + " takes %s (%.3f ms with two spreads), and %s as it is.\n"
                  + "Maybe raise the bound, or compress a narrower network.",
              millis,
              reach.least(),
              least,
              reach.original()),
          millis,
          least);
    }
  }

  /** Grafts, trains, and grafts what came out of it, as often as is wanted; then merges. */
  private final class Rounds {

    private final Reach reach;
    private final MaskTimes times;
    private final Supplier<LatencyTable> table;
    private final Supplier<Evaluator> given;

    Rounds(Reach reach) {
      this.reach = reach;
      this.times = new MaskTimes(reach, DominoRun.this.given);
      long seed = settings.training().seed();
      this.table =
          Suppliers.memoize(
              () ->
                  LatencyTable.fit(
                      folder.profile(
                          reach.space(), () -> reach.profile(settings.samples(), seed))));
      this.given =
          Suppliers.memoize(
              () ->
                  Foreign.call(
                      () -> Objects.requireNonNull(settings.evaluator()).apply(network, images),
                      () -> "The evaluator of masks could not be made"));
    }

    /** What scores masks, now that the network has come so far. */
    private Evaluator scores(ComputationGraph start) {
      return settings.evaluator() == null
          ? new MaskScores(
                  MaskLearner::builder, settings.training().settings(), settings.training().seed())
              .of(reach.space(), network, start, images)
          : given.get();
    }

    private Architecture mask(double millis, Architecture from, ComputationGraph start) {
      MaskChoice choice = new MaskChoice(reach, scores(start), settings.training().seed());
      return new Settlement(reach, times, choice, table.get(), settings.constraints())
          .mask(millis, from);
    }

    /**
     * The network within a budget.
     *
     * @param name of the budget
     */
    @SuppressWarnings("ReferenceEquality") // the caller's network is not ours to close
    Compressed compressed(String name, double millis, Figures before) {
      int rounds = settings.training().rounds();
      List<Architecture> masks = new ArrayList<>(List.of(reach.space().uniform(0)));
      ComputationGraph last = network;
      Verdict asked = new Verdict(Metric.LATENCY, millis, null, reach.original());
      double first = reach.original().millis();
      for (int i = 1; i <= rounds; i++) {
        double bound = i == rounds ? millis : first + (millis - first) * i / rounds;
        Architecture from = masks.get(i - 1);
        ComputationGraph start = last;
        try {
          String budget = rounds == 1 ? name : name + "-round" + i;
          Architecture mask = folder.mask(budget, reach.space(), () -> mask(bound, from, start));
          masks.add(mask);
          // Measured with other weights, which makes no difference: a machine that gets busy while
          // training cannot lose the result.
          Measurement takes = folder.latency(budget, mask, () -> times.of(mask));
          asked = new Verdict(Metric.LATENCY, bound, table.get().predict(mask), takes);
          LOG.info("round {} of {}: mask {}, {}", i, rounds, mask, asked);
          GraftTraining.Round round = new GraftTraining.Round(i, name, from, mask);
          last = settings.training().train(reach.space(), network, start, round, images);
        } finally {
          if (start != network) {
            Networks.close(start);
          }
        }
      }
      return merged(last, masks.subList(1, masks.size()), asked, before);
    }

    /**
     * Merged, and compared with what it was.
     *
     * @param grafted is closed, unless an exception hands it on
     * @param asked with what was measured of it
     */
    private Compressed merged(
        ComputationGraph grafted, List<Architecture> masks, Verdict asked, Figures before) {
      ImageSet real = images.test().take(Math.min(CHECKED, images.test().size()));
      Compressed merged;
      try {
        merged =
            Reparameterize.rewriting(reach.deployed().merging()).checkedOn(real).compress(grafted);
      } catch (EquivalenceException e) {
        // Trained for hours, and its remedy begins with it.
        throw e.of(grafted);
      } catch (RuntimeException | Error e) {
        Networks.close(grafted);
        throw e;
      }
      Networks.close(grafted);
      double accuracy;
      try {
        accuracy = Accuracy.of(merged.network(), images.test());
      } catch (RuntimeException | Error e) {
        Networks.close(merged.network());
        throw e;
      }
      Figures after = new Figures(merged.after().cost(), asked.measured(), accuracy);
      LOG.info("{} -> {}", before, after);
      return new Compressed(
          merged.network(),
          merged.steps(),
          before,
          after,
          merged.equivalence(),
          merged.maps(),
          reach.forms(masks),
          asked);
    }
  }

  private Compressed asItIs(Reach reach, String why) {
    Architecture none = reach.space().uniform(0);
    for (Constraint bound : settings.constraints()) {
      double predicted = bound.predict(none);
      if (predicted > bound.bound()) {
        throw new InfeasibleConstraintException(
            String.format(
                Locale.ROOT,
                "The network as it is does not keep %s <= %.3f %s (%.3f are predicted), and no"
                    + " other is made of it: %s.\n"
                    + "Maybe raise the bound, or compress a narrower network.",
                bound.metric().name(),
                bound.bound(),
                bound.metric().unit(),
                predicted,
                why),
            bound.bound(),
            predicted);
      }
    }
    return asItIs(reach.original(), reach.forms(List.of(none)), why);
  }

  private Compressed asItIs(Measurement latency, List<BlockForm> blocks, String why) {
    String text = "no saving here: " + why;
    LOG.info("{}", text);
    Figures figures =
        new Figures(
            Cost.of(network.getConfiguration()), latency, Accuracy.of(network, images.test()));
    ComputationGraph copy = network.clone();
    try {
      return new Compressed(
          copy,
          List.of(new Step(Step.Action.KEPT, List.of(given.graph().outputName()), text)),
          figures,
          figures,
          Equivalence.compare(network, copy, images.test().take(1)),
          List.of(),
          blocks,
          null);
    } catch (RuntimeException | Error e) {
      Networks.close(copy);
      throw e;
    }
  }
}
