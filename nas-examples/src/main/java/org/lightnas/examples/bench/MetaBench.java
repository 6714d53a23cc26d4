package org.lightnas.examples.bench;

import com.google.common.math.Stats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.compress.GraftingSpace;
import org.lightnas.compress.LabelledMask;
import org.lightnas.compress.MaskAccuracy;
import org.lightnas.compress.MaskAccuracy.Prior;
import org.lightnas.compress.MaskLearner;
import org.lightnas.compress.MaskSupernet;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Kendall;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/**
 * What cheap tasks teach about the accuracy of grafting masks: {@code mvn -q -Pbench
 * -Dbench=MetaBench -Dnas.data=DIR [-Dtarget=cifar10,animals,small] [-Dlabels=20,50]}. For each
 * target a MobileNetV2 is trained ({@code -Depochs=8}), then its supernet of masks ({@code
 * -Dsteps=500}), which scores masks ({@code -Dmasks=150}); and the cheap tasks that {@link
 * MaskLearner} makes of it ({@code -DsourceEpochs=3}, {@code -DsourceSteps=200}, {@code
 * -DsourceMasks=60}).
 *
 * <p>Of the masks some are labels and all others are held back, by turns ({@code -Ddraws=50}); what
 * counts is Kendall's tau on those held back, of the taught model, of the same without teaching,
 * and of {@linkplain BitRidge ridge regression}. What was tried stays in {@code masks.jsonl} of
 * {@code -Dnas.results}; {@code -Dbudget=60} are the minutes after which nothing new is begun.
 */
public final class MetaBench {

  private static final int BATCH = 64;

  /** Multiply-accumulates per second and thread, for estimates only. */
  private static final double SPEED = 6e9;

  private final ExperimentImages images;
  private final ResultsFile<MaskLabels> file;
  private final Settings settings;
  private final long start = System.nanoTime();

  private MetaBench(ExperimentImages images, ResultsFile<MaskLabels> file, Settings settings) {
    this.images = images;
    this.file = file;
    this.settings = settings;
  }

  /**
   * What is compared.
   *
   * @param sources epochs, steps and masks of a cheap task
   */
  record Settings(
      List<Target> targets,
      List<Integer> labels,
      int masks,
      int draws,
      int epochs,
      int steps,
      List<Integer> sources,
      double minutes) {

    static Settings ofProperties() {
      // Not a list of Options, which drops doubles.
      List<Integer> sources =
          List.of(
              Options.whole("sourceEpochs", 3, 1),
              Options.whole("sourceSteps", 200, 1),
              Options.whole("sourceMasks", 60, 4));
      List<Integer> labels = Options.counts("labels", "20,50", 2);
      int masks = Options.whole("masks", 150, Collections.max(labels) + 2);
      return new Settings(
          Options.names("target", "cifar10,animals,small").stream().map(Target::of).toList(),
          labels,
          masks,
          Options.whole("draws", 50, 2),
          Options.whole("epochs", 8, 1),
          Options.whole("steps", 500, 1),
          sources,
          Options.number("budget", "60", 1e6));
    }
  }

  /**
   * A network and its images.
   *
   * @param shrink factor by which images are smaller
   */
  record Target(String name, int[] classes, int shrink, double width) {

    static Target of(String name) {
      return switch (name) {
        case "cifar10" -> new Target(name, IntStream.range(0, 10).toArray(), 1, 0.5);
        case "animals" -> new Target(name, IntStream.range(2, 8).toArray(), 1, 0.25);
        case "small" -> new Target(name, IntStream.range(0, 10).toArray(), 2, 0.75);
        default -> throw new IllegalStateException(name);
      };
    }

    ImageSet images(ImageSet all) {
      return all.ofClasses(classes).shrunk(shrink);
    }

    LayeredSpace network(ImageSet some) {
      return MobileNetV2.of(width, some.shape(), some.classes());
    }
  }

  /** Labels of a target and of its cheap tasks. */
  record Tried(List<LabelledMask> target, List<List<LabelledMask>> sources) {}

  /** Kendall's tau on masks held back: taught, untaught, ridge. */
  record Ranks(double meta, double untaught, double ridge) {}

  /** Compares what the system properties ask for. */
  public static void main(String... args) throws IOException {
    Settings settings = Settings.ofProperties();
    ExperimentImages images = ExperimentImages.ofProperties();
    Bench.say(
        "MetaBench: about %.0f minutes without -Dnas.results, at most about %.0f",
        settings.targets().stream().mapToDouble(t -> minutes(t, images.train(), settings)).sum(),
        settings.minutes());
    ResultsFolder folder = ResultsFolder.ofProperty();
    new MetaBench(
            images, ResultsFile.open(folder.file("masks.jsonl"), new MaskLabels.Format()), settings)
        .run();
  }

  /** Forward passes of one image, weighed by the size of the network. */
  static double minutes(Target target, ImageSet all, Settings s) {
    ImageSet some = target.images(all);
    LayeredSpace space = target.network(some);
    double trained = 3.0 * s.epochs() * some.size() + 4.0 * BATCH * s.steps();
    double scored = s.masks() * (8.0 * BATCH + 0.2 * some.size());
    List<Integer> c = s.sources();
    double source = 3.0 * c.get(0) * some.size() + 4.0 * BATCH * c.get(1);
    double scoredThere = c.get(2) * (8.0 * BATCH + 0.2 * some.size());
    // Six tasks, half as large, of a quarter of the work: one and a half times the whole.
    double passes = trained + scored + 1.5 * 0.7 * (source + scoredThere);
    return passes * Cost.of(space.uniform(0)).macs() / SPEED / 60;
  }

  private void run() throws IOException {
    List<List<?>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "target",
            "labels",
            "tau_meta",
            "tau_untaught",
            "tau_ridge",
            "meta-untaught",
            "meta-ridge"));
    List<Map<String, ?>> results = new ArrayList<>();
    for (Target target : settings.targets()) {
      Tried tried = tried(target);
      if (tried.target().isEmpty() || tried.sources().isEmpty()) {
        Bench.say("left out: %s (the budget; another call goes on)", target.name());
        continue;
      }
      for (int labels : settings.labels()) {
        List<Ranks> ranks = ranks(tried, labels, settings.draws());
        Map<String, Object> result = summary(target.name(), labels, ranks);
        results.add(result);
        rows.add(
            List.of(
                target.name(),
                labels,
                result.get("tau_meta"),
                result.get("tau_untaught"),
                result.get("tau_ridge"),
                difference(result, "untaught"),
                difference(result, "ridge")));
      }
    }
    Bench.table(rows);
    results.forEach(Bench::result);
  }

  private static String difference(Map<String, Object> result, String other) {
    return String.format(
        Locale.ROOT,
        "%+.3f ± %.3f",
        figure(result, "tau_meta") - figure(result, "tau_" + other),
        figure(result, "sd_meta_" + other));
  }

  private static double figure(Map<String, Object> result, String name) {
    return (double) Objects.requireNonNull(result.get(name));
  }

  /** Means over draws, and the standard deviations of paired differences. */
  static Map<String, Object> summary(String target, int labels, List<Ranks> ranks) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("target", target);
    result.put("labels", labels);
    result.put("tau_meta", Stats.meanOf(ranks.stream().mapToDouble(Ranks::meta).toArray()));
    result.put("tau_untaught", Stats.meanOf(ranks.stream().mapToDouble(Ranks::untaught).toArray()));
    result.put("tau_ridge", Stats.meanOf(ranks.stream().mapToDouble(Ranks::ridge).toArray()));
    result.put(
        "sd_meta_untaught",
        Stats.of(ranks.stream().mapToDouble(r -> r.meta() - r.untaught()).toArray())
            .sampleStandardDeviation());
    result.put(
        "sd_meta_ridge",
        Stats.of(ranks.stream().mapToDouble(r -> r.meta() - r.ridge()).toArray())
            .sampleStandardDeviation());
    result.put("draws", ranks.size());
    return result;
  }

  /** For each draw, some labels to learn from and all others to be ranked. */
  static List<Ranks> ranks(Tried tried, int labels, int draws) {
    ChoiceSpace space = tried.target().get(0).mask().space();
    Prior taught = Prior.learned(space, tried.sources());
    Prior untaught = Prior.untaught(space);
    List<Ranks> ranks = new ArrayList<>();
    for (int draw = 0; draw < draws; draw++) {
      List<LabelledMask> all = new ArrayList<>(tried.target());
      Collections.shuffle(all, new Random(Seeds.derive(1, "labels", draw)));
      List<LabelledMask> some = all.subList(0, labels);
      List<LabelledMask> others = all.subList(labels, all.size());
      MaskAccuracy meta = MaskAccuracy.adapted(space, taught, some);
      MaskAccuracy alone = MaskAccuracy.adapted(space, untaught, some);
      BitRidge ridge =
          BitRidge.fit(
              some.stream().map(LabelledMask::mask).toArray(Architecture[]::new),
              some.stream().mapToDouble(LabelledMask::accuracy).toArray());
      ranks.add(
          new Ranks(
              tau(others, meta::predict),
              tau(others, alone::predict),
              tau(others, ridge::predict)));
    }
    return ranks;
  }

  private static double tau(List<LabelledMask> masks, ToDoubleFunction<Architecture> prediction) {
    double[] foretold =
        masks.stream().mapToDouble(mask -> prediction.applyAsDouble(mask.mask())).toArray();
    double[] measured = masks.stream().mapToDouble(LabelledMask::accuracy).toArray();
    return new Kendall(foretold, measured).tau();
  }

  private boolean late() {
    return (System.nanoTime() - start) / 60e9 >= settings.minutes();
  }

  /** What the file holds, and what is missing as far as the budget goes. */
  private Tried tried(Target target) throws IOException {
    ImageSet some = target.images(images.train());
    LayeredSpace space = target.network(some);
    String recipe = "epochs " + settings.epochs() + ", ";
    String own = recipe + "steps " + settings.steps() + ", masks " + settings.masks();
    String cheap = recipe + "sources " + settings.sources();
    String task = target.name() + " " + space.name() + " " + some.shape();
    List<MaskLabels> sources = new ArrayList<>();
    for (int i = 0; file.find(key(task + " source " + i, cheap)).isPresent(); i++) {
      sources.add(file.find(key(task + " source " + i, cheap)).orElseThrow());
    }
    boolean labelled = file.find(key(task, own)).isPresent();
    boolean taught = !sources.isEmpty();
    if ((!labelled || !taught) && !late()) {
      ComputationGraph network = trained(target, space, some);
      if (!labelled) {
        try (MaskSupernet supernet =
            MaskSupernet.builder().steps(settings.steps()).seed(1).train(network, some)) {
          file.add(MaskLabels.of(key(task, own), supernet.tryMasks(settings.masks(), 1)));
        }
      }
      if (!taught && !late()) {
        List<Integer> s = settings.sources();
        MaskLearner learner =
            MaskLearner.builder().sources(s.get(0), s.get(1), s.get(2)).seed(1).build();
        for (List<LabelledMask> masks : learner.tryCheapTasks(network, some)) {
          sources.add(MaskLabels.of(key(task + " source " + sources.size(), cheap), masks));
        }
        // Backwards, so that one that is there says that all are.
        for (int i = sources.size() - 1; i >= 0; i--) {
          file.add(sources.get(i));
        }
      }
      Networks.close(network);
    }
    GraftingSpace masks = GraftingSpace.of(space.network(space.uniform(0), 0));
    return new Tried(
        file.find(key(task, own)).map(labels -> labels.in(masks)).orElse(List.of()),
        sources.stream().map(labels -> labels.in(masks)).toList());
  }

  private ComputationGraph trained(Target target, LayeredSpace space, ImageSet some) {
    ComputationGraph network =
        Trainer.builder()
            .epochs(settings.epochs())
            .seed(1)
            .build()
            .fit(space.uniform(0), ImageData.of(target.name(), some, some));
    Bench.say(
        "%s: %s for %s images, validation accuracy %.2f %%",
        target.name(),
        space.name(),
        some.shape(),
        Accuracy.of(network, target.images(images.validation())));
    return network;
  }

  private MaskLabels.Key key(String task, String recipe) {
    return new MaskLabels.Key(images.fingerprint(), task, recipe);
  }
}
