package org.lightnas.search;

import java.util.List;
import java.util.function.BiConsumer;
import org.lightnas.data.Batches;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;

/** The passes of {@link BilevelProcedure}. */
final class BilevelPasses implements Passes {

  private final Supernet supernet;
  private final LogitSearch logits;
  private final Batches forWeights;
  private final Batches forLogits;
  private final FairPaths fairPaths;
  private final boolean sumsInWarmUp;
  private final long seed;
  private final BiConsumer<Phase, Architecture> heard;

  BilevelPasses(
      Supernet supernet,
      LogitSearch logits,
      Batches forWeights,
      Batches forLogits,
      FairPaths fairPaths,
      boolean sumsInWarmUp,
      long seed,
      BiConsumer<Phase, Architecture> heard) {
    this.supernet = supernet;
    this.logits = logits;
    this.forWeights = forWeights;
    this.forLogits = forLogits;
    this.fairPaths = fairPaths;
    this.sumsInWarmUp = sumsInWarmUp;
    this.seed = seed;
    this.heard = heard;
  }

  @Override
  public double run(Phase phase, int index, double rate) {
    return phase == Phase.LOGITS ? learnLogits(index) : learnWeights(phase, index, rate);
  }

  private double learnWeights(Phase phase, int index, double rate) {
    Batches.Batch batch = forWeights.read(index);
    List<Architecture> paths =
        phase == Phase.WEIGHTS
            ? List.of(logits.draw(Seeds.random(seed, "weight path", index)))
            : sumsInWarmUp ? fairPaths.round(index) : List.of(fairPaths.at(index));
    paths.forEach(path -> heard.accept(phase, path));
    return paths.size() == 1
        ? supernet.train(paths.get(0), batch.nhwc(), batch.labels(), index, rate)
        : supernet.train(paths, batch.nhwc(), batch.labels(), index, rate);
  }

  private double learnLogits(int index) {
    Batches.Batch batch = forLogits.read(index);
    return logits.learn(
        new PathLoss() {
          @Override
          public double loss(Architecture path) {
            heard.accept(Phase.LOGITS, path);
            return supernet.loss(path, batch.nhwc(), batch.labels(), index);
          }

          @Override
          public Gates gates(Architecture path) {
            heard.accept(Phase.LOGITS, path);
            return supernet.gates(path, batch.nhwc(), batch.labels(), index);
          }
        });
  }
}
