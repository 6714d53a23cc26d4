package org.lightnas.search;

import java.util.List;
import java.util.function.BiConsumer;
import org.lightnas.data.Batches;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;

/** The passes of {@link OneLevelProcedure}. */
final class OrderedPasses implements Passes {

  private final Supernet supernet;
  private final LogitSearch logits;
  private final Batches batches;
  private final IdentityShare identity;
  private final long seed;
  private final BiConsumer<Phase, Architecture> heard;

  OrderedPasses(
      Supernet supernet,
      LogitSearch logits,
      Batches batches,
      IdentityShare identity,
      long seed,
      BiConsumer<Phase, Architecture> heard) {
    this.supernet = supernet;
    this.logits = logits;
    this.batches = batches;
    this.identity = identity;
    this.seed = seed;
    this.heard = heard;
  }

  @Override
  public double run(Phase phase, int index, double rate) {
    supernet.mapIdentity(identity.at(index));
    OrderedSum sum = new OrderedSum(phase, batches.read(index), index);
    double loss;
    if (phase == Phase.WARM_UP) {
      List<Architecture> paths = logits.ordered(Seeds.random(seed, "warm-up paths", index));
      loss = paths.stream().mapToDouble(sum::loss).sum() / paths.size();
    } else {
      loss = logits.learn(sum);
    }
    if (Double.isFinite(loss)) {
      supernet.applySum(rate);
    } else {
      supernet.dropSum();
    }
    return loss;
  }

  /**
   * The losses of ordered paths; on the way their gradients are summed. A candidate that comes
   * again, as in choices with fewer candidates than there are paths, learns the first time only: so
   * all candidates of all choices learn from as many images.
   */
  private final class OrderedSum implements PathLoss {

    private final Phase phase;
    private final Batches.Batch batch;
    private final int step;
    private final boolean[][] learned = Logits.none(supernet.space());

    OrderedSum(Phase phase, Batches.Batch batch, int step) {
      this.phase = phase;
      this.batch = batch;
      this.step = step;
    }

    @Override
    public double loss(Architecture path) {
      return gates(path).loss();
    }

    @Override
    public Gates gates(Architecture path) {
      heard.accept(phase, path);
      Gates passed =
          supernet.addToSum(
              path, batch.nhwc(), batch.labels(), step, l -> !learned[l][path.pick(l)]);
      for (int l = 0; l < learned.length; l++) {
        learned[l][path.pick(l)] = true;
      }
      return passed;
    }
  }
}
