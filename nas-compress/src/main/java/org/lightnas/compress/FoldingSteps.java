package org.lightnas.compress;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;

/** Tells from the graphs before and after what a folding did and why it left the rest alone. */
final class FoldingSteps {

  /** One batch norm of this factor takes two of float32's seven digits. */
  private static final double STRONG = 100;

  private static final String OWN_ACTIVATION = ":activation";

  private final LayerGraph before;
  private final Set<String> kept;

  private FoldingSteps(LayerGraph before, LayerGraph after) {
    this.before = before;
    this.kept = after.nodes().stream().map(Node::name).collect(toSet());
  }

  static List<Step> between(LayerGraph before, LayerGraph after) {
    FoldingSteps folding = new FoldingSteps(before, after);
    List<Step> steps = new ArrayList<>();
    for (Node node : before.nodes()) {
      if (node instanceof Node.BatchNorm) {
        steps.add(folding.kept.contains(node.name()) ? folding.stays(node) : folding.goes(node));
      } else if (!folding.kept.contains(node.name())) {
        steps.add(
            new Step(
                Step.Action.DROPPED,
                List.of(node.name()),
                quoted(node.name()) + ", which does nothing"));
      }
    }
    return steps;
  }

  private Step goes(Node norm) {
    List<Node> path = upTo(norm);
    Node into = path.get(path.size() - 1);
    return new Step(
        Step.Action.FOLDED,
        List.of(into.name(), norm.name()),
        "batch norm "
            + quoted(norm.name())
            + " into "
            + (into instanceof Node.Dense ? "dense layer " : "convolution ")
            + quoted(into.name()));
  }

  private Step stays(Node norm) {
    List<Node> path = upTo(norm);
    Node source = path.get(path.size() - 1);
    boolean linear = source instanceof Node.Convolution || source instanceof Node.Dense;
    return new Step(
        Step.Action.KEPT,
        List.of(norm.name()),
        "batch norm "
            + quoted(norm.name())
            + " because "
            + (linear ? shared(norm, path) : "it follows " + described(source)));
  }

  /** What lies before a node up to the first that is still there, nearest first. */
  private List<Node> upTo(Node node) {
    List<Node> path = new ArrayList<>();
    Node at = node;
    do {
      at = before.node(at.inputs().get(0));
      path.add(at);
    } while (!kept.contains(at.name()));
    return path;
  }

  /** Who else wants what the norm's convolution computes, by itself or through an identity. */
  private String shared(Node norm, List<Node> path) {
    List<String> reasons = new ArrayList<>();
    String next = norm.name();
    for (Node node : path) {
      List<String> others = new ArrayList<>(before.readers(node.name()));
      others.remove(next);
      for (String other : others) {
        reasons.add(quoted(node.name()) + " is also read by " + quoted(other));
      }
      next = node.name();
    }
    return String.join(" and ", reasons);
  }

  private static String described(Node node) {
    String name = node.name();
    if (node instanceof Node.Input) {
      return "the network's input " + quoted(name);
    }
    if (node instanceof Node.Activate activate) {
      return name.endsWith(OWN_ACTIVATION)
          ? "the "
              + activate.function()
              + " of "
              + quoted(name.substring(0, name.length() - OWN_ACTIVATION.length()))
          : activate.function() + " " + quoted(name);
    }
    if (node instanceof Node.Opaque opaque) {
      return "the "
          + opaque.layer().getClass().getSimpleName()
          + " "
          + quoted(name)
          + ", which only DL4J understands";
    }
    if (node instanceof Node.BatchNorm) {
      return "batch norm " + quoted(name) + ", which stays as well";
    }
    String kind = node.getClass().getSimpleName().replaceAll("(?<=.)(?=[A-Z])", " ");
    return kind.toLowerCase(Locale.ROOT) + " " + quoted(name);
  }

  /**
   * The batch norm that multiplies by most, and by how much, if that is enough to make rounding
   * visible.
   */
  static Optional<String> strongest(TrainedGraph trained) {
    return trained.graph().nodes().stream()
        .filter(Node.BatchNorm.class::isInstance)
        .map(Node.BatchNorm.class::cast)
        .max(Comparator.comparingDouble(norm -> factor(norm, trained)))
        .filter(norm -> factor(norm, trained) >= STRONG)
        .map(
            norm -> String.format(Locale.ROOT, "'%s' by %.3g", norm.name(), factor(norm, trained)));
  }

  private static double factor(Node.BatchNorm norm, TrainedGraph trained) {
    double[] variance = trained.value(norm.name() + "/var");
    double most = 0;
    for (int c = 0; c < variance.length; c++) {
      double gamma = norm.affine() ? trained.value(norm.name() + "/gamma")[c] : norm.gamma();
      most = Math.max(most, Math.abs(gamma) / Math.sqrt(variance[c] + norm.eps()));
    }
    return most;
  }

  private static String quoted(String name) {
    return "'" + name + "'";
  }
}
