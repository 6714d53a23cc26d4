package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SurgeNas;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;
import org.nd4j.linalg.activations.Activation;

/**
 * Whether identity mappings keep a search from collapsing to skip connections where it is made
 * easy: {@code mvn -q -Pbench -Dbench=RiggedCollapse [-Dseeds=1,2,3,4,5] [-Dsteps=200] [-Ddepth=8]
 * [-Depochs=1,12] [-Dimages=2000]}. In a row of choices without any shortcut stand skip connections
 * against convolutions that learn slowly (behind a saturating function), on drawn images. First
 * both extremes are trained alone, for few and for many epochs, which shows the rigging: skips look
 * better early and are worse in the end. Then the space is searched with mappings and without, with
 * no bound; what counts is the share of skips in what is found.
 */
public final class RiggedCollapse {

  private static final int CHANNELS = 16;
  private static final int BATCH = 32;
  private static final int SKIP = 0;

  private RiggedCollapse() {}

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
      new ConvBnAct(3, CHANNELS, 1, Activation.SIGMOID),
      new ConvBnAct(5, CHANNELS, 1, Activation.SIGMOID)
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
    int steps = Options.whole("steps", 200, 2);
    int depth = Options.whole("depth", 8, 1);
    List<Long> epochs = Options.wholes("epochs", "1,12");
    checkArgument(
        epochs.stream().allMatch(count -> count >= 1),
        "A training needs at least 1 epoch, but -Depochs has %s.",
        epochs);
    ImageData images = ImageData.generated(Options.whole("images", 2000, 2 * BATCH), 500, 1);
    LayeredSpace space = space(images, depth);
    Bench.say(
        "RiggedCollapse: about %.0f minutes; space %s, %d steps, seeds %s",
        Math.ceil(seeds.size() * 2 * steps * depth * 0.003 / 60 + epochs.size()),
        space,
        steps,
        seeds);
    List<List<?>> alone = new ArrayList<>();
    alone.add(List.of("trained alone, epochs", "skips %", "convolutions %"));
    for (long count : epochs) {
      alone.add(
          List.of(
              count,
              accuracy(space.uniform(SKIP), images, (int) count),
              accuracy(space.uniform(SKIP + 1), images, (int) count)));
    }
    Bench.table(alone);
    List<List<?>> rows = new ArrayList<>();
    rows.add(List.of("seed", "identity mapping", "share of skips", "found"));
    List<Map<String, Object>> results = new ArrayList<>();
    for (boolean mapped : new boolean[] {true, false}) {
      double[] shares = new double[seeds.size()];
      for (int i = 0; i < shares.length; i++) {
        Architecture found = search(space, images, steps, mapped, seeds.get(i));
        shares[i] = shareOfSkips(found);
        rows.add(List.of(seeds.get(i), mapped ? "yes" : "no", shares[i], found));
        Map<String, Object> result = new LinkedHashMap<>();
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
      LayeredSpace space, ImageData images, int steps, boolean mapped, long seed) {
    Predictor nothing = Predictor.of(space, new Metric("nothing", "units"), any -> 1);
    SearchResult found =
        SurgeNas.builder()
            .steps(steps)
            .batchSize(BATCH)
            .learningRate(Double.parseDouble(System.getProperty("rate", "0.1")))
            .listener(org.lightnas.search.SearchListener.log(20))
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
      network.close();
    }
  }
}
