package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.search.MemoryEstimate;
import org.lightnas.search.SearchPlan;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SurgeNas;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/**
 * Memory of SurgeNAS for choices of 2, 4 and 7 candidates: {@code mvn -q -Pbench
 * -Dbench=SurgeMemory [-Dpaths=2,4,7] [-Dsteps=10] [-Dbatch=64]}. The blocks are those of the small
 * space, with its first so many candidates, the largest first; each number of them has a process of
 * its own, so that its peak is its own. Activations are by the engine's own account: of the largest
 * path, and as taken by the paths that the search happened to draw; beside it what K paths at once
 * would take. Weights, their momenta and the sum of gradients stand apart. Images are drawn.
 */
public final class SurgeMemory {

  private static final double MB = 1 << 20;

  private SurgeMemory() {}

  /** Compares; with a number of candidates as argument, is one side. */
  public static void main(String... args) {
    int steps = Options.whole("steps", 10, 2);
    int batch = Options.whole("batch", 64, 2);
    if (args.length > 0) {
      System.out.println(Bench.json(side(Integer.parseInt(args[0]), steps, batch)));
      return;
    }
    List<Long> counts = Options.wholes("paths", "2,4,7");
    counts.forEach(SurgeMemory::check);
    Bench bench = new Bench("SurgeMemory", counts.size() * (0.2 + steps * 0.01), 1);
    List<List<?>> table = new ArrayList<>();
    table.add(
        List.of(
            "candidates",
            "activations MB",
            "taken",
            "all paths at once",
            "weights",
            "process peak"));
    List<Map<String, Object>> results = new ArrayList<>();
    for (long paths : counts) {
      String name = Long.toString(paths);
      for (JsonNode line :
          bench
              .java(name, SurgeMemory.class, "-Xmx1g", "-Dsteps=" + steps, "-Dbatch=" + batch)
              .run()) {
        Map<String, Object> result = new LinkedHashMap<>();
        line.properties().forEach(field -> result.put(field.getKey(), number(field.getValue())));
        results.add(result);
        table.add(
            List.of(
                paths,
                line.path("activation_mb").doubleValue(),
                line.path("activation_taken_mb").doubleValue(),
                paths * line.path("activation_mb").doubleValue(),
                line.path("weight_mb").doubleValue(),
                line.path("peak_rss_mb").asDouble(Double.NaN)));
      }
    }
    Bench.table(table);
    results.forEach(Bench::result);
  }

  private static Object number(JsonNode value) {
    return value.isIntegralNumber() ? (Object) value.longValue() : value.asDouble(Double.NaN);
  }

  private static void check(long paths) {
    checkArgument(
        paths >= 2 && paths <= candidates(8, 1).size(),
        "A choice can have 2 to 7 candidates, but -Dpaths has %s.\nMaybe give -Dpaths=2,4,7.",
        paths);
  }

  /** The largest first. */
  private static List<Op> candidates(int channels, int stride) {
    return List.of(
        new MbConv(7, 6, channels, stride),
        new SkipConnect(channels, stride),
        new MbConv(3, 3, channels, stride),
        new MbConv(5, 6, channels, stride),
        new MbConv(3, 6, channels, stride),
        new MbConv(5, 3, channels, stride),
        new MbConv(7, 3, channels, stride));
  }

  /** What a search of a space with so many candidates takes. */
  static Map<String, Object> side(int paths, int steps, int batch) {
    check(paths);
    ImageData images = ImageData.generated(2 * batch, 10, 1);
    int[] channels = {16, 24, 24, 32, 32, 32};
    LayeredSpace.Builder blocks =
        LayeredSpace.named("small-" + paths, images.shape(), images.classes())
            .stem(new ConvBnAct(3, 16, 1));
    for (int l = 0; l < channels.length; l++) {
      int stride = l == 1 || l == 3 ? 2 : 1;
      blocks.choice(
          "block" + (l + 1), candidates(channels[l], stride).subList(0, paths).toArray(Op[]::new));
    }
    LayeredSpace space = blocks.head(new ConvBnAct(1, 128, 1)).build();
    Constraint none = Constraint.atMost(1e12, CostPredictor.macs(space));
    SurgeNas nas = SurgeNas.builder().steps(steps).batchSize(batch).build();
    SearchPlan plan = nas.plan(space.on(images), none);
    SearchResult found = nas.search(space.on(images), none);
    MemoryEstimate taken = found.memory();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("paths", paths);
    figures.put("activation_mb", plan.memory().activationBytes() / MB);
    figures.put("activation_taken_mb", taken.activationBytes() / MB);
    figures.put("weight_mb", taken.weightBytes() / MB);
    figures.put("peak_rss_mb", Bench.peakRssMb());
    return figures;
  }
}
