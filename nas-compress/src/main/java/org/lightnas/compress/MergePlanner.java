package org.lightnas.compress;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;

/**
 * Finds which linear nodes to merge: for every {@link Segment} the best cut into stretches, by
 * dynamic programming over all of them. Parts of a stretch may cost more than they save though all
 * of it does not, as in 1x1, depthwise, 1x1, so no pair by itself decides.
 */
final class MergePlanner {

  /** What one array can hold. */
  private static final long MOST = Integer.MAX_VALUE - 8;

  private final TrainedGraph trained;
  private final Segment.Finder finder;
  private final Map<String, AffineConvolution> functions = new HashMap<>();

  /** By the last node of the segment, then by the first stage of the stretch, then its length. */
  private final Map<String, List<List<Optional<Merge>>>> candidates = new HashMap<>();

  MergePlanner(TrainedGraph trained) {
    this.trained = trained;
    this.finder = new Segment.Finder(trained.graph());
  }

  /**
   * The best plan.
   *
   * @param better what comes first is better
   * @param allowed which merges may be part of it
   */
  MergePlan plan(Comparator<MergePlan> better, Predicate<Merge> allowed) {
    return new Search(better, allowed).among(trained.graph().nodes());
  }

  /** For one order and one set of merges. */
  private final class Search {

    private final Comparator<MergePlan> better;
    private final Predicate<Merge> allowed;

    Search(Comparator<MergePlan> better, Predicate<Merge> allowed) {
      this.better = better;
      this.allowed = allowed;
    }

    /** Of all segments among nodes that are given in the order of the data. */
    MergePlan among(List<Node> nodes) {
      MergePlan all = MergePlan.NOTHING;
      Set<String> done = new HashSet<>();
      for (Node node : Lists.reverse(nodes)) {
        if (LinearNodes.isLinear(node) && !done.contains(node.name())) {
          List<Segment.Stage> stages = finder.endingWith(node).stages();
          stages.forEach(stage -> stage.nodes().forEach(inner -> done.add(inner.name())));
          all = (stages.isEmpty() ? MergePlan.of(node) : of(stages)).and(all);
        }
      }
      return all;
    }

    private MergePlan of(List<Segment.Stage> stages) {
      List<List<Optional<Merge>>> merges = candidates(stages);
      List<MergePlan> best = new ArrayList<>(List.of(MergePlan.NOTHING));
      for (int end = 1; end <= stages.size(); end++) {
        Segment.Stage last = stages.get(end - 1);
        List<MergePlan> plans = new ArrayList<>();
        plans.add(best.get(end - 1).and(among(last.inner())).and(MergePlan.of(last.exit())));
        for (int start = 0; start < end; start++) {
          MergePlan before = best.get(start);
          merges
              .get(start)
              .get(end - 1 - start)
              .filter(allowed)
              .ifPresent(merge -> plans.add(before.and(MergePlan.of(merge))));
        }
        best.add(Collections.min(plans, better));
      }
      return best.get(stages.size());
    }
  }

  private List<List<Optional<Merge>>> candidates(List<Segment.Stage> stages) {
    String last = stages.get(stages.size() - 1).exit().name();
    List<List<Optional<Merge>>> known = candidates.get(last);
    if (known == null) {
      known = new ArrayList<>();
      for (int start = 0; start < stages.size(); start++) {
        known.add(startingWith(stages.subList(start, stages.size())));
      }
      candidates.put(last, known);
    }
    return known;
  }

  /** What the first stage, the first two, and so on are as one convolution. */
  private List<Optional<Merge>> startingWith(List<Segment.Stage> stages) {
    Node source = stages.get(0).entry();
    Map<String, AffineConvolution> forms = new HashMap<>();
    forms.put(source.name(), AffineConvolution.times(source.output(), 1));
    List<Node> nodes = new ArrayList<>();
    List<Optional<Merge>> merges = new ArrayList<>();
    for (Segment.Stage stage : stages) {
      for (Node node : stage.nodes()) {
        form(node, forms).ifPresent(form -> forms.put(node.name(), form));
        nodes.add(node);
      }
      merges.add(
          Optional.ofNullable(forms.get(stage.exit().name()))
              .filter(form -> nodes.size() > 1 && nodes.stream().anyMatch(LinearNodes::hasWeights))
              .map(AffineConvolution::written)
              .filter(form -> form.geometry().size() <= MOST)
              .map(form -> new Merge(source, nodes, form)));
    }
    return merges;
  }

  /** A node as a function of what those before it are functions of, if it is a convolution. */
  private Optional<AffineConvolution> form(Node node, Map<String, AffineConvolution> forms) {
    if (!forms.keySet().containsAll(node.inputs())) {
      return Optional.empty();
    }
    List<AffineConvolution> read =
        node.inputs().stream().map(name -> Objects.requireNonNull(forms.get(name))).toList();
    if (!(node instanceof Node.Add)) {
      return Optional.of(read.get(0).then(function(node)))
          .filter(form -> form.geometry().size() <= MOST);
    }
    Optional<AffineConvolution> sum = Optional.of(read.get(0));
    for (AffineConvolution next : read.subList(1, read.size())) {
      sum = sum.flatMap(before -> before.plus(next));
    }
    return sum;
  }

  private AffineConvolution function(Node node) {
    return functions.computeIfAbsent(node.name(), name -> LinearNodes.function(node, trained));
  }
}
