package org.lightnas.compress;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;

/** Folds batch norms, then merges what is exact, in a given order of preference. */
final class ChainMerging implements Rewrite {

  private final Comparator<MergePlan> better;

  ChainMerging(Comparator<MergePlan> better) {
    this.better = better;
  }

  @Override
  public Result apply(TrainedGraph before) {
    TrainedGraph folded = BatchNormFolding.fold(before);
    MergePlanner planner = new MergePlanner(folded);
    MergePlan plan = planner.plan(better, ChainMerging::isExact);
    TrainedGraph after = plan.applyTo(folded);
    List<Step> steps = new ArrayList<>();
    Set<String> left = after.graph().nodes().stream().map(Node::name).collect(toSet());
    for (Step step : FoldingSteps.between(before.graph(), folded.graph())) {
      if (step.action() != Step.Action.KEPT || left.containsAll(step.vertices())) {
        steps.add(step);
      }
    }
    plan.merges().forEach(merge -> steps.add(MergeSteps.merged(merge)));
    planner.plan(better, merge -> isExact(merge) || PaddingFirst.of(merge).isPresent()).merges()
        .stream()
        .filter(merge -> !isExact(merge))
        .forEach(merge -> steps.add(MergeSteps.inexact(merge)));
    planner.plan(MergePlan.FEWEST_LAYERS, ChainMerging::isExact).merges().stream()
        .filter(merge -> merge.macsAfter() > merge.macsBefore())
        .filter(merge -> left.containsAll(merge.names()))
        .forEach(merge -> steps.add(MergeSteps.dearer(merge)));
    return new Result(folded, plan, after, steps);
  }

  @Override
  public TrainedGraph toPaddingFirst(TrainedGraph given) {
    MergePlan plan =
        new MergePlanner(given).plan(better, merge -> PaddingFirst.of(merge).isPresent());
    return PaddingFirst.apply(plan, given);
  }

  private static boolean isExact(Merge merge) {
    return merge.form().exact();
  }
}
