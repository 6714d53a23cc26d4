package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.search.Estimator;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SurgeNas;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/**
 * Whether identity mappings keep a search from collapsing to skip connections where it is made
 * easy: {@code mvn -q -Pbench -Dbench=RiggedCollapse [-Dseeds=1,2,3,4,5] [-Dsteps=400]
 * [-Dwarmup=0.1] [-Destimator=paths] [-Ddepth=6] [-Depochs=1,6] [-Dimages=2000]}, or {@code
 * -Destimator=gates}. In a row of choices without any shortcut stand skip connections against
 * {@linkplain RiggedOp operations that look worse than they are}, on drawn images. First both
 * extremes are trained alone, for few and for more epochs, which shows the rigging: skips are
 * better early and worse later. Then the space is searched with mappings and without, with hardly
 * any warm-up and no bound; what counts is the share of skips in what is found. Chance has a third.
 */
public final class RiggedCollapse {

  private static final int CHANNELS = 16;
  private static final int BATCH = 32;

  /** Channels that all goes through. */
  private static final int THROUGH = 2;

  private static final int SKIP = 0;

  private RiggedCollapse() {}

  /** Of the searches. */
  record Settings(int steps, double warmup, Estimator estimator) {

    static Settings ofProperties() {
      String estimator = Options.name("estimator", "paths", "gates");
      return new Settings(
          Options.whole("steps", 400, 2),
          Options.number("warmup", "0.1", 0.9),
          Estimator.valueOf(estimator.toUpperCase(Locale.ROOT)));
    }
  }

  /**
   * The rigged space.
   *
   * @param depth choices in a row
   */
  static LayeredSpace space(ImageData images, int depth) {
    LayeredSpace.Builder space =
        LayeredSpace.named("rigged", images.shape(), images.classes())
            .stem(new ConvBnAct(3, CHANNELS, 2));
    Op[] ops = {
      new SkipConnect(CHANNELS, 1),
      new RiggedOp(3, THROUGH, CHANNELS),
      new RiggedOp(5, THROUGH, CHANNELS)
    };
    for (int l = 1; l <= depth; l++) {
      space.choice("block" + l, ops);
    }
    // Where an identity is mapped a skip doubles its input; batch norm takes that out again.
    return space.head(new ConvBnAct(1, 2 * CHANNELS, 1)).build();
  }

  /** Searches with and without. */
  public static void main(String... args) {
    List<Long> seeds = Options.wholes("seeds", "1,2,3,4,5");
    Settings settings = Settings.ofProperties();
    int depth = Options.whole("depth", 6, 1);
    List<Integer> epochs = Options.counts("epochs", "1,6", 1);
    ImageData images = ImageData.generated(Options.whole("images", 2000, 2 * BATCH), 500, 1);
    LayeredSpace space = space(images, depth);
    Bench.say(
        "RiggedCollapse: about %.0f minutes; space %s, %s, seeds %s",
        Math.ceil(seeds.size() * 2 * settings.steps() * depth * 0.015 / 60 + epochs.size()),
        space,
        settings,
        seeds);
    List<List<?>> alone = new ArrayList<>();
    alone.add(List.of("trained alone, epochs", "skips %", "convolutions %"));
    for (int count : epochs) {
      alone.add(
          List.of(
              count,
              accuracy(space.uniform(SKIP), images, count),
              accuracy(space.uniform(SKIP + 1), images, count)));
    }
    Bench.table(alone);
    List<List<?>> rows = new ArrayList<>();
    rows.add(List.of("seed", "identity mapping", "share of skips", "found"));
    List<Map<String, Object>> results = new ArrayList<>();
    for (boolean mapped : new boolean[] {true, false}) {
      double[] shares = new double[seeds.size()];
      for (int i = 0; i < shares.length; i++) {
        Architecture found = search(space, images, settings, mapped, seeds.get(i));
        shares[i] = shareOfSkips(found);
        rows.add(List.of(seeds.get(i), mapped ? "yes" : "no", shares[i], found));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("estimator", settings.estimator());
        result.put("seed", seeds.get(i));
        result.put("identity", mapped);
        result.put("skip_share", shares[i]);
        results.add(result);
      }
      rows.add(
          List.of(
              "mean", mapped ? "yes" : "no", Arrays.stream(shares).average().orElseThrow(), ""));
    }
    Bench.table(rows);
    results.forEach(Bench::result);
  }

  /** The most probable architecture, as nothing is bounded. */
  static Architecture search(
      LayeredSpace space, ImageData images, Settings settings, boolean mapped, long seed) {
    Predictor nothing = Predictor.of(space, new Metric("nothing", "units"), any -> 1);
    SearchResult found =
        SurgeNas.builder()
            .steps(settings.steps())
            .batchSize(BATCH)
            .warmup(settings.warmup())
            .estimator(settings.estimator())
            .identityMapping(mapped)
            .seed(seed)
            .build()
            .search(space.on(images), Constraint.atMost(2, nothing));
    return found.architecture();
  }

  static double shareOfSkips(Architecture architecture) {
    return Arrays.stream(architecture.picks()).filter(pick -> pick == SKIP).count()
        / (double) architecture.picks().length;
  }

  private static double accuracy(Architecture architecture, ImageData images, int epochs) {
    ComputationGraph network =
        Trainer.builder().epochs(epochs).batchSize(BATCH).seed(1).build().fit(architecture, images);
    try {
      return Accuracy.of(network, images.test());
    } finally {
      Networks.close(network);
    }
  }
}
