package org.lightnas.examples.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.lightnas.FeatureShape;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.compress.Domino;
import org.lightnas.device.LocalDevice;
import org.lightnas.graph.Networks;
import org.lightnas.predict.LatencyRange;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/**
 * What linear blocks buy: MobileNetV2 on CIFAR-10, made faster by Domino's presets and by rivals of
 * the same measured latency, with the same teacher and the same number of steps. {@code mvn -q
 * -Pbench -Dbench=DominoBench -Dnas.data=DIR -Dnas.results=DIR}; options {@code
 * -Dmethod=domino,slope,random,narrow,unmerged} (or {@code promax}), {@code
 * -Dpreset=lite,moderate,aggressive}, {@code -Dseeds=1,2,3}, {@code -Dnetwork=mobilenetv2} (or
 * {@code resnet20}), {@code -Dwidth=0.5}, {@code -Depochs=12} of the original, {@code -Dgraft=12}
 * of a grafted network, {@code -Dbudget=120} (minutes; what does not fit is left out and named),
 * {@code -Ddataset}, {@code -Dimages=12000}, {@code -Dout=DIR} for a page of it all.
 *
 * <p>The original is trained by the recipe of {@link ShortTraining}, once for each seed. Trained on
 * are the training images, masks are scored by them and the validation images, and what is reported
 * is the accuracy on test images. Latency is of ONNX Runtime, batch 1 on 1 thread. Outcomes are
 * kept in {@code nas.results}, so a selection can be run in pieces. {@code narrow}, {@code
 * unmerged} and {@code promax} are as fast as {@code domino} of the same preset and seed, which is
 * therefore run first. What was merged is checked on 1,000 validation images, in DL4J and in ONNX
 * Runtime.
 */
public final class DominoBench {

  /** Guesses, on two cores, of an epoch of the original and of all measuring for a mask. */
  private static final double SECONDS_PER_EPOCH = 20;

  private static final double MEASURING = 180;

  private static final String MOBILE = "mobilenetv2";
  private static final String RESNET = "resnet20";

  private final Settings settings;
  private final ExperimentImages images;
  private final ResultsFolder folder;
  private final ResultsFile<DominoOutcome> outcomes;
  private final Budget budget;

  private DominoBench(Settings settings, ExperimentImages images, ResultsFolder folder, long start)
      throws IOException {
    this.settings = settings;
    this.images = images;
    this.folder = folder;
    this.budget = new Budget(settings.minutes(), start);
    this.outcomes = ResultsFile.open(folder.file("domino.jsonl"), new DominoOutcome.Format());
  }

  /**
   * What is compared.
   *
   * @param epochs of the original
   * @param graft epochs of a grafted network
   * @param minutes the budget
   */
  record Settings(
      List<DominoMethod> methods,
      List<Domino.Preset> presets,
      List<Long> seeds,
      String network,
      double width,
      int epochs,
      int graft,
      double minutes) {

    static Settings ofProperties() {
      return new Settings(
          DominoMethod.ofProperties(),
          Options.names("preset", "lite,moderate,aggressive").stream()
              .map(name -> Domino.Preset.valueOf(name.toUpperCase(Locale.ROOT)))
              .toList(),
          Options.wholes("seeds", "1,2,3"),
          Options.name("network", MOBILE, RESNET),
          Options.number("width", "0.5", 8),
          Options.whole("epochs", ShortTraining.EPOCHS, 1),
          Options.whole("graft", 12, 1),
          Options.number("budget", "120", 1e6));
    }
  }

  /** Compares what the system properties ask for. */
  public static void main(String... args) throws IOException {
    long start = System.nanoTime();
    Settings settings = Settings.ofProperties();
    ExperimentImages images = ExperimentImages.ofProperties();
    new DominoBench(settings, images, ResultsFolder.ofProperty(), start).run();
  }

  private void run() throws IOException {
    Bench.say(
        "DominoBench: about %.0f minutes, at most %.0f; %s",
        Math.ceil(expectedSeconds() / 60), settings.minutes(), problem());
    LocalDevice.Builder<OnnxDevice> builder = OnnxDevice.builder();
    mine().stream().findFirst().ifPresent(o -> builder.referenceMillis(o.referenceMillis()));
    try (OnnxDevice device = builder.build()) {
      for (long seed : settings.seeds()) {
        if (missing(seed) > 0) {
          compare(seed, device);
        }
      }
    }
    DominoTable.print(mine());
    String out = Options.text("out", "");
    if (!out.isEmpty() && !mine().isEmpty()) {
      DominoPage.of(problem(), mine()).write(Path.of(out, "domino.html"));
    }
    budget.print();
  }

  /** Everything that decides an outcome, but for method, preset and seed. */
  private String problem() {
    return String.format(
        Locale.ROOT,
        "%s %s, %s, %d + %d epochs",
        settings.network(),
        settings.width(),
        images.fingerprint(),
        settings.epochs(),
        settings.graft());
  }

  private List<DominoOutcome> mine() {
    return outcomes.all().stream().filter(o -> o.key().problem().equals(problem())).toList();
  }

  private long missing(long seed) {
    return settings.presets().stream()
        .flatMap(preset -> settings.methods().stream().map(method -> key(method, preset, seed)))
        .filter(key -> outcomes.find(key).isEmpty())
        .count();
  }

  private DominoOutcome.Key key(DominoMethod method, Domino.Preset preset, long seed) {
    return new DominoOutcome.Key(problem(), method.label(), label(preset), seed);
  }

  private static String label(Domino.Preset preset) {
    return preset.name().toLowerCase(Locale.ROOT);
  }

  private void compare(long seed, OnnxDevice device) throws IOException {
    if (!budget.fits(settings.epochs() * SECONDS_PER_EPOCH + MEASURING, "seed " + seed)) {
      return;
    }
    ComputationGraph network = original(seed);
    double accuracy = Accuracy.of(network, images.test());
    LatencyRange reachable =
        Domino.builder(device, images.withoutTest()).build().reachable(network);
    Bench.say(
        "seed %d: %.2f %%, %s; least reachable / original %.3f",
        seed, accuracy, reachable, millis(reachable.min()) / millis(reachable.max()));
    DominoMethod.Original original =
        new DominoMethod.Original(
            network, this::space, images, device, settings.epochs(), settings.graft(), seed);
    for (Domino.Preset preset : settings.presets()) {
      for (DominoMethod method : settings.methods()) {
        DominoOutcome.Key key = key(method, preset, seed);
        String what = String.format("%s, %s, seed %d", key.method(), key.preset(), seed);
        if (outcomes.find(key).isPresent() || !budget.fits(expectedSeconds(method), what)) {
          continue;
        }
        Optional<DominoOutcome> domino = outcomes.find(key(DominoMethod.DOMINO, preset, seed));
        if (method.follows() && domino.isEmpty()) {
          budget.leaveOut(what + " (domino's is not known)");
          continue;
        }
        long before = System.nanoTime();
        DominoMethod.Made made;
        try {
          made =
              switch (method) {
                case NARROW -> DominoMethod.narrow(original, domino.orElseThrow().millisAfter());
                case UNMERGED -> DominoMethod.unmerged(original, domino.orElseThrow());
                case PROMAX -> DominoMethod.proMax(original, domino.orElseThrow(), run(key));
                default -> method.compress(original, preset, run(key));
              };
        } catch (InfeasibleConstraintException e) {
          budget.leaveOut(
              what + " (" + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + ")");
          continue;
        }
        DominoOutcome outcome =
            new DominoOutcome(
                key,
                accuracy,
                made.accuracy(),
                millis(reachable.max()),
                made.millis(),
                millis(reachable.min()),
                device.referenceMillis(),
                made.error(),
                made.predicted(),
                made.check(),
                made.what(),
                (System.nanoTime() - before) / 1e9);
        outcomes.add(outcome);
        Bench.say(
            "  %s: %.2f %% at %.3f ms, %s (%.0f s)",
            what, made.accuracy(), made.millis(), made.what(), outcome.seconds());
      }
    }
    Networks.close(network);
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  /** Where a run keeps its state, so that it can be ended and gone on from. */
  private Path run(DominoOutcome.Key key) {
    return state().resolve(key.method() + "-" + key.preset() + "-" + key.seed());
  }

  private Path state() {
    return folder.file("domino-" + Integer.toHexString(problem().hashCode()));
  }

  /** Trained once, and kept. */
  private ComputationGraph original(long seed) throws IOException {
    Path file = state().resolve("original-" + seed + ".zip");
    if (Files.exists(file)) {
      return ModelSerializer.restoreComputationGraph(file.toFile(), false);
    }
    LayeredSpace space = space(settings.width());
    ComputationGraph network =
        Trainer.builder()
            .epochs(settings.epochs())
            .seed(seed)
            .build()
            .fit(space.uniform(0), images.withoutTest());
    Files.createDirectories(state());
    File part = new File(file + ".part");
    ModelSerializer.writeModel(network, part, false);
    Files.move(part.toPath(), file);
    return network;
  }

  private LayeredSpace space(double width) {
    FeatureShape shape = images.train().shape();
    int classes = images.train().classes();
    return settings.network().equals(RESNET)
        ? ResNet.of(20, width, shape, classes)
        : MobileNetV2.of(width, shape, classes);
  }

  /** Of what is missing. */
  private double expectedSeconds() {
    double seconds = 0;
    for (long seed : settings.seeds()) {
      seconds += missing(seed) > 0 ? settings.epochs() * SECONDS_PER_EPOCH + MEASURING : 0;
      for (Domino.Preset preset : settings.presets()) {
        for (DominoMethod method : settings.methods()) {
          seconds +=
              outcomes.find(key(method, preset, seed)).isPresent() ? 0 : expectedSeconds(method);
        }
      }
    }
    return seconds;
  }

  /** The median of those like it, or a guess. */
  private double expectedSeconds(DominoMethod method) {
    double[] taken =
        mine().stream()
            .filter(outcome -> outcome.key().method().equals(method.label()))
            .mapToDouble(DominoOutcome::seconds)
            .toArray();
    if (taken.length > 0) {
      return Bench.Spread.of(taken).median();
    }
    return switch (method) {
      case UNMERGED -> 5;
      case NARROW -> (settings.epochs() + settings.graft()) * SECONDS_PER_EPOCH;
      default -> MEASURING + settings.graft() * SECONDS_PER_EPOCH;
    };
  }
}
