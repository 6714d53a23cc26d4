package org.lightnas.search;

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
    OrderedSum paths = new OrderedSum(phase, batches.read(index), index);
    double loss =
        phase == Phase.WARM_UP
            ? paths.loss(logits.draw(Seeds.random(seed, "warm-up path", index)))
            : logits.learn(paths);
    if (Double.isFinite(loss)) {
      supernet.applySum(rate);
    } else {
      supernet.dropSum();
    }
    return loss;
  }

  /**
   * What logits ask for, on one batch. The first path, a draw from their probabilities, is trained,
   * and so are those that follow it until all candidates came; their gradients are summed. Further
   * paths are looked at only. A candidate that comes again, as in choices with fewer candidates
   * than there are paths, learns the first time only: so all candidates of all choices learn from
   * as many images.
   */
  private final class OrderedSum implements PathLoss {

    private final Phase phase;
    private final Batches.Batch batch;
    private final int index;
    private final boolean[][] learned = Logits.none(supernet.space());
    private boolean trained;

    OrderedSum(Phase phase, Batches.Batch batch, int index) {
      this.phase = phase;
      this.batch = batch;
      this.index = index;
    }

    @Override
    public double loss(Architecture path) {
      if (!trained) {
        return gates(path).loss();
      }
      heard.accept(phase, path);
      return supernet.loss(path, batch.nhwc(), batch.labels(), index);
    }

    @Override
    public Gates gates(Architecture path) {
      trained = true;
      Gates first = train(path);
      double total = first.loss();
      for (Architecture next :
          logits.following(path, Seeds.random(seed, "following paths", index))) {
        total += train(next).loss();
      }
      // A step of a sum that is no number would destroy all weights.
      return Double.isFinite(total) ? first : new Gates(total, first.picked(), first.others());
    }

    private Gates train(Architecture path) {
      heard.accept(phase, path);
      Gates passed =
          supernet.addToSum(
              path, batch.nhwc(), batch.labels(), index, l -> !learned[l][path.pick(l)]);
      for (int l = 0; l < learned.length; l++) {
        learned[l][path.pick(l)] = true;
      }
      return passed;
    }
  }
}
