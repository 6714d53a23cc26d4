package org.lightnas.compress;

import static java.util.stream.Collectors.toSet;

import com.google.common.collect.Iterables;
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
    Set<String> left = folded.graph().nodes().stream().map(Node::name).collect(toSet());
    plan.merges().forEach(merge -> merge.names().forEach(left::remove));
    List<Step> steps = new ArrayList<>();
    for (Step step : FoldingSteps.between(before.graph(), folded.graph())) {
      if (step.action() != Step.Action.KEPT || left.containsAll(step.vertices())) {
        steps.add(step);
      }
    }
    plan.merges().forEach(merge -> steps.add(MergeSteps.merged(merge)));
    for (Merge merge : planner.plan(better, ChainMerging::isExactOnceMoved).merges()) {
      if (!isExact(merge)) {
        steps.add(MergeSteps.inexact(merge));
        merge.names().forEach(left::remove);
      }
    }
    for (Merge merge : planner.plan(better, merge -> true).merges()) {
      if (!isExactOnceMoved(merge) && left.containsAll(merge.names())) {
        steps.add(MergeSteps.inexact(merge));
        merge.names().forEach(left::remove);
      }
    }
    for (Merge merge : planner.plan(MergePlan.FEWEST_LAYERS, ChainMerging::isExact).merges()) {
      if (merge.macsAfter() > merge.macsBefore() && left.containsAll(merge.names())) {
        steps.add(MergeSteps.dearer(merge));
      }
    }
    List<String> order = before.graph().nodes().stream().map(Node::name).toList();
    steps.sort(Comparator.comparingInt(step -> order.indexOf(Iterables.getLast(step.vertices()))));
    return new Result(folded, plan, plan.applyTo(folded), steps);
  }

  @Override
  public TrainedGraph toPaddingFirst(TrainedGraph given) {
    return PaddingFirst.apply(
        new MergePlanner(given).plan(better, PaddingFirst::isPossible), given);
  }

  private static boolean isExactOnceMoved(Merge merge) {
    return isExact(merge) || PaddingFirst.isPossible(merge);
  }

  private static boolean isExact(Merge merge) {
    return merge.form().exact();
  }
}
