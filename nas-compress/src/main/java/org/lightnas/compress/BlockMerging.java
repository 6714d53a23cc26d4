package org.lightnas.compress;

import static java.util.stream.Collectors.toSet;

import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;

/**
 * Merges of a grafted network what is wanted and nothing else: parts of blocks, each in one
 * convolution. Elsewhere it folds batch norms and slopes. Which blocks are linear is read off the
 * network, so one of these serves all masks; an equal one merges alike.
 *
 * @param blocks all of them
 * @param wanted what is to be merged where it is linear, by the names of its convolutions
 */
record BlockMerging(List<GraftingBlock> blocks, Set<Set<String>> wanted) implements Rewrite {

  BlockMerging {
    blocks = List.copyOf(blocks);
    wanted = Set.copyOf(wanted);
  }

  @Override
  public Result apply(TrainedGraph before) {
    TrainedGraph folded = BatchNormFolding.fold(before);
    MergePlan plan =
        new MergePlanner(folded).plan(MergePlan.FEWEST_LAYERS, merge -> isWanted(merge));
    Set<String> gone = new HashSet<>();
    plan.merges().forEach(merge -> gone.addAll(merge.names()));
    List<Step> steps = new ArrayList<>();
    for (Step step : FoldingSteps.between(before.graph(), folded.graph())) {
      if (step.action() != Step.Action.KEPT || gone.stream().noneMatch(step.vertices()::contains)) {
        steps.add(step);
      }
    }
    plan.merges().forEach(merge -> steps.add(MergeSteps.merged(merge)));
    List<String> order = before.graph().nodes().stream().map(Node::name).toList();
    steps.sort(Comparator.comparingInt(step -> order.indexOf(Iterables.getLast(step.vertices()))));
    return new Result(folded, plan, plan.applyTo(folded), steps);
  }

  private boolean isWanted(Merge merge) {
    Set<String> mixed =
        merge.nodes().stream().filter(GraftingBlock::mixes).map(Node::name).collect(toSet());
    if (!merge.form().exact()) {
      return false;
    }
    if (mixed.size() == 1 && merge.nodes().stream().allMatch(Node.Convolution.class::isInstance)) {
      return true;
    }
    Set<String> others = new HashSet<>(mixed);
    blocks.forEach(block -> others.removeAll(block.merged(Linearity.ALL)));
    // What is left are shortcuts, which belong to no block.
    return wanted.stream()
        .anyMatch(part -> mixed.containsAll(part) && mixed.size() == part.size() + others.size());
  }
}
