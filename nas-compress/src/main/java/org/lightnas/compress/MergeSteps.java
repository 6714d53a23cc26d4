package org.lightnas.compress;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;

/** Says what a merge did, or why it was not done. */
final class MergeSteps {

  private MergeSteps() {}

  static Step merged(Merge merge) {
    return new Step(
        Step.Action.MERGED,
        merge.names(),
        String.format(
            Locale.ROOT,
            "%s into %s '%s', %,d -> %,d MACs",
            quoted(merge.nodes()),
            kind(merge.layer()),
            merge.last().name(),
            merge.macsBefore(),
            merge.macsAfter()));
  }

  /** For one that computes something else at the border. */
  static Step inexact(Merge merge) {
    String remedy =
        PaddingFirst.isPossible(merge)
            ? "give the network to toPaddingFirst, which moves the padding to the front, and"
                + " fine-tune what it makes: there they merge."
            : "build and train the network with as much padding on opposite sides (not by"
                + " ConvolutionMode.Same): what differs cannot be moved to the front.";
    return new Step(
        Step.Action.KEPT,
        merge.names(),
        String.format(
            "%s because %s in between: one convolution would answer otherwise at the border. Maybe"
                + " %s",
            quoted(merge.nodes()), padding(merge), remedy));
  }

  /** For one that costs more than its parts. */
  static Step dearer(Merge merge) {
    return new Step(
        Step.Action.KEPT,
        merge.names(),
        String.format(
            Locale.ROOT,
            "%s because one %s would take %,d MACs instead of %,d; Reparameterize.all() merges"
                + " them all the same",
            quoted(merge.nodes()),
            kind(merge.layer()),
            merge.macsAfter(),
            merge.macsBefore()));
  }

  private static String padding(Merge merge) {
    List<Node> padded =
        merge.nodes().stream()
            .filter(node -> !node.inputs().contains(merge.source().name()) && isPadded(node))
            .toList();
    return quoted(padded) + (padded.size() == 1 ? " pads" : " pad");
  }

  private static boolean isPadded(Node node) {
    return node instanceof Node.Convolution convolution
        ? convolution.window().isPadded()
        : node instanceof Node.Pool pool && pool.window().isPadded();
  }

  private static String kind(Node layer) {
    if (!(layer instanceof Node.Convolution convolution)) {
      return "dense layer";
    }
    Window window = convolution.window();
    return (convolution.depthwise() ? "depthwise " : "")
        + window.kernelH()
        + "x"
        + window.kernelW()
        + " convolution";
  }

  private static String quoted(List<Node> nodes) {
    return nodes.stream().map(node -> "'" + node.name() + "'").collect(joining(", "));
  }
}
