package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/**
 * What can be made linear in a network: one choice for each of its blocks, so that an architecture
 * is a grafting mask, and predictors, constraints, {@code Cost} and searches take masks as they
 * take other architectures.
 *
 * <pre>
 * GraftingSpace space = GraftingSpace.of(network);
 * Architecture mask = space.uniform(0).with("block7", "all").with("block12", "all");
 * ComputationGraph grafted = space.graft(network, mask);
 * </pre>
 *
 * <p>The blocks are found in the network itself, whoever made it: inverted residuals and basic
 * blocks offer {@code none} and {@code all}; bottlenecks {@code none}, {@code last_two}, {@code
 * first_two} and {@code all}, which say which of their convolutions are to become one. {@code
 * uniform(0)} is the network as it is. In the grafted network
 *
 * <ul>
 *   <li>activations between convolutions that are to become one are {@code y = a_c x}, with a slope
 *       {@code a} for each channel {@code c}, trained: a depthwise 1x1 convolution without bias;
 *   <li>all padding of such convolutions is on the first of them, because only then they are
 *       exactly one convolution, borders included. It changes what the network computes at borders;
 *   <li>behind a block that is linear as a whole its activation comes once, where none follows
 *       anyway, as in DepthShrinker (Fu et al., ICML 2022): or linear blocks in a row would be one
 *       linear function.
 * </ul>
 *
 * <p>Blocks in a row become one convolution in {@link #joining} spaces.
 *
 * <p>After Domino (Luo et al., "Pearls Hide Behind Linearity", ASP-DAC 2024), which leaves open
 * what its masks are made of. In linearity grafting (Chen et al., ICML 2022) slopes belong to
 * single pixels, which cannot be merged, and have offsets, which the next batch norm here takes
 * over.
 *
 * <p>A space keeps the description of the network, not its weights. Immutable, equal by value.
 *
 * @since 0.1.0
 */
public final class GraftingSpace implements SearchSpace {

  private final LayerGraph graph;
  private final List<GraftingBlock> blocks;
  private final Joints joints;
  private final List<Choice> choices;

  private GraftingSpace(Joints joints) {
    this.graph = joints.graph();
    this.blocks = joints.blocks();
    this.joints = joints;
    List<String> names = names(blocks);
    this.choices =
        IntStream.range(0, blocks.size())
            .mapToObj(l -> new Choice(names.get(l), candidates(l)))
            .toList();
  }

  private List<Candidate> candidates(int l) {
    List<Candidate> candidates = new ArrayList<>(blocks.get(l).candidates());
    if (joints.joins(l)) {
      candidates.add(Linearity.JOINED);
    }
    return candidates;
  }

  /**
   * The space of a network.
   *
   * @param network its configuration says its input size; not changed, not kept
   * @throws IllegalArgumentException if nothing in it can be grafted
   * @throws org.lightnas.NasException if it cannot be read, naming the vertex
   */
  public static GraftingSpace of(ComputationGraph network) {
    return of(LayerGraph.read(network.getConfiguration()));
  }

  static GraftingSpace of(LayerGraph graph) {
    List<GraftingBlock> blocks = GraftingBlocks.of(graph);
    checkArgument(
        !blocks.isEmpty(),
        "The network has nothing to graft: no residual or depthwise separable block with an"
            + " activation between its convolutions.\n"
            + "Maybe it is linear there already, or its blocks hold layers only DL4J understands.");
    return new GraftingSpace(new Joints(graph, blocks, 0));
  }

  /**
   * The same blocks, of which those that are linear as a whole may also become one convolution with
   * the next: {@code joined} is offered where nothing else reads what a block makes. Then no
   * activation stands between the two, only behind the last of all that are joined, and all padding
   * is before the first. A shortcut that finds its map larger or smaller than it wants is a
   * depthwise convolution in the grafted network, trained, that begins as the shortcut was. Kernels
   * grow with every block: two of 3x3 make one of 5x5, or 7x7 where the first has stride 2.
   *
   * <p>{@code joined} with a block that is not linear as a whole, or with one too many, is the same
   * network as {@code all}, which is its {@link #canonical} form.
   *
   * <p>Of Domino-Pro-Max nothing but the name is known. Layers of several blocks in one convolution
   * are as in Kim et al. (ICML 2023), whose programme, {@link SpanSplit}, chooses them.
   *
   * @param largestKernel edge length of the largest kernel that joined blocks may have, at least 3
   * @throws IllegalArgumentException if it is smaller
   */
  public GraftingSpace joining(int largestKernel) {
    return new GraftingSpace(new Joints(graph, blocks, Joints.requireKernel(largestKernel)));
  }

  /**
   * What stands before the first slash of a block's vertices, which is the choice's name in
   * networks of a space; numbers where that is no name or does not tell blocks apart.
   */
  private static List<String> names(List<GraftingBlock> blocks) {
    List<String> names =
        blocks.stream().map(block -> block.row().get(0).name().replaceFirst("/.*", "")).toList();
    Set<String> distinct = new HashSet<>(names);
    return distinct.size() == names.size() && names.stream().allMatch(n -> n.matches("[\\w.-]+"))
        ? names
        : IntStream.rangeClosed(1, blocks.size()).mapToObj(l -> "block" + l).toList();
  }

  /** What each choice is about. */
  List<GraftingBlock> blocks() {
    return blocks;
  }

  Joints joints() {
    return joints;
  }

  /** The mask with these blocks linear, and joined. */
  Architecture joined(Architecture mask, BlockSpan span) {
    Architecture joined = mask;
    for (int l = span.first(); l <= span.last(); l++) {
      Linearity linearity = l == span.last() ? Linearity.ALL : Linearity.JOINED;
      joined = joined.with(l, choices.get(l).indexOf(linearity.id()));
    }
    return joined;
  }

  /** Blocks that are joined in a mask. */
  List<BlockSpan> spans(Architecture mask) {
    return Joints.spans(linearities(canonical(mask)));
  }

  /** Masks that together hold every tensor any mask has. */
  List<Architecture> covering() {
    List<Architecture> masks = new ArrayList<>();
    for (int l = 0; l < blocks.size(); l++) {
      for (int k = 0; k < choices.get(l).size(); k++) {
        masks.add(uniform(0).with(l, k));
      }
    }
    joints.possible().forEach(span -> masks.add(joined(uniform(0), span)));
    return masks;
  }

  /** With {@code all} in place of each {@code joined} that joins nothing. */
  @Override
  public Architecture canonical(Architecture mask) {
    mask.requireSpace(this);
    List<Linearity> same = joints.canonical(linearities(mask));
    return architecture(
        IntStream.range(0, same.size())
            .map(l -> choices.get(l).indexOf(same.get(l).id()))
            .toArray());
  }

  @Override
  public String name() {
    return "grafting";
  }

  @Override
  public List<Choice> choices() {
    return choices;
  }

  @Override
  public FeatureShape input() {
    return graph.input();
  }

  @Override
  public int classes() {
    return graph.output().output().channels();
  }

  /**
   * The grafted network. Vertices keep the names they have in the given network; so weights are
   * shared between masks where they have the same shape, which is everywhere.
   */
  @Override
  public ComputationGraphConfiguration toConfiguration(Architecture mask) {
    return grafted(mask, 1).toConfiguration();
  }

  /** The grafted network, or one on the way to it. */
  LayerGraph grafted(Architecture mask, double share) {
    return grafted(uniform(0), mask, share).graph();
  }

  /** The grafted network on the way from another mask. */
  private PaddingFirst.Result grafted(Architecture from, Architecture to, double share) {
    return new Grafts(joints)
        .between(linearities(canonical(from)), linearities(canonical(to)), share);
  }

  private static List<Linearity> linearities(Architecture mask) {
    return IntStream.range(0, mask.picks().length).mapToObj(l -> picked(mask, l)).toList();
  }

  static Linearity picked(Architecture mask, int l) {
    return (Linearity) mask.candidate(l);
  }

  /**
   * The grafted network with the weights of a trained one. New slopes are those of the line nearest
   * to the activation over what its batch norm makes (see {@link Slopes}). It does not compute what
   * the given one does: it has to be trained on, and before that its batch norms estimated anew.
   *
   * @param network the one this space is of, or one grafted from it, whose slopes are kept; not
   *     changed
   * @return owned by the caller
   * @throws IllegalArgumentException if the mask is of another space, or the network has no weights
   *     or is another one
   */
  public ComputationGraph graft(ComputationGraph network, Architecture mask) {
    return graft(network, mask, 1);
  }

  /**
   * A network on the way to the grafted one, for annealing: {@code y = (1 - share) f(x) + share a_c
   * x} in the place of activations {@code f}. Each step takes over the weights that the one before
   * learned, slopes among them:
   *
   * <pre>
   * for (double share : List.of(0.25, 0.5, 0.75, 1.0)) {
   *   network = trainer.fit(space.graft(network, mask, share), images);
   * }
   * </pre>
   *
   * @param share in (0, 1]; at 1 the grafted network itself
   * @throws IllegalArgumentException as {@link #graft(ComputationGraph, Architecture)}, or if the
   *     share is out of range
   */
  public ComputationGraph graft(ComputationGraph network, Architecture mask, double share) {
    checkArgument(
        network.getVertices() != null,
        "The network has no weights yet.\nMaybe call init() and train it first.");
    return graft(TrainedGraph.of(network), mask, share).toNetwork();
  }

  /** The same on nodes and numbers. */
  TrainedGraph graft(TrainedGraph network, Architecture mask, double share) {
    return graft(network, uniform(0), mask, share);
  }

  /**
   * The same for a network on the way from another mask: what is linear there as it is to be stays
   * so all the way.
   */
  TrainedGraph graft(TrainedGraph network, Architecture from, Architecture mask, double share) {
    checkArgument(
        share > 0 && share <= 1,
        "The share of linear functions must be above 0 and at most 1, but is %s.\n"
            + "Maybe leave the network as it is for 0.",
        share);
    PaddingFirst.Result grafted = grafted(from, mask, share);
    Map<String, Node.Activate> slopes = new HashMap<>();
    for (int l = 0; l < blocks.size(); l++) {
      blocks.get(l).straightened(picked(mask, l)).forEach(a -> slopes.put(a.name() + "/W", a));
      joints.between(l).ifPresent(a -> slopes.put(a.name() + "/W", a));
    }
    Map<String, double[]> values = new HashMap<>();
    for (Parameter parameter : grafted.graph().parameters()) {
      double @Nullable [] value = network.values().get(parameter.name());
      Node.@Nullable Activate activation = slopes.get(parameter.name());
      if (value == null) {
        value =
            activation != null
                ? Slopes.of(activation, network)
                : grafted.inserted().get(parameter.name());
      }
      checkArgument(
          value != null && value.length == parameter.size(),
          "The network has no tensor '%s' of %s values, so it is not the one of this space.\n"
              + "Maybe make the space of this network, by GraftingSpace.of(network).",
          parameter.name(),
          parameter.size());
      values.put(parameter.name(), value);
    }
    return new TrainedGraph(grafted.graph(), values);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof GraftingSpace that
            && joints.largestKernel() == that.joints.largestKernel()
            && graph.equals(that.graph));
  }

  @Override
  public int hashCode() {
    return graph.hashCode();
  }

  /** {@code grafting (3x32x32, 10 classes, 17 blocks)}, and up to which kernel they are joined. */
  @Override
  public String toString() {
    int kernel = joints.largestKernel();
    String joined = kernel == 0 ? "" : ", joined up to " + kernel + "x" + kernel;
    return String.format(
        Locale.ROOT,
        "%s (%s, %d classes, %d blocks%s)",
        name(),
        input(),
        classes(),
        blocks.size(),
        joined);
  }
}
