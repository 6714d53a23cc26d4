package org.lightnas.space.widths;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.graph.ChannelGroups;
import org.lightnas.graph.Inheritance;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NodeSpace;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/**
 * The widths of a found network: the space of all networks with its operations and other numbers of
 * channels. What LightNAS searches in its second stage (Luo et al., TCAD 2022; what exactly its
 * choices are is not published), and what the Comfort Zone widens.
 *
 * <pre>
 * ChannelSpace widths = ChannelSpace.of(found.architecture());
 * Architecture wider = widths.scaled(1.25);
 * ComputationGraph start = widths.inherit(trained, wider, 1);
 * </pre>
 *
 * <p>There is one choice for each group of layers that must have equally many channels, in the
 * order of the network: {@link MidWidth}s within a block, {@link StageWidth}s of what shortcuts add
 * up and of stem and head. The groups follow from the structure of the network, so there is nothing
 * for a space or an operation to implement: whatever network can be read has widths. Those stay as
 * they are that something else depends on: the images' channels, the classes, what is read by a
 * layer that only DL4J understands, and the channels that a shuffle, a subset or a flattened map
 * picks by number. A choice is called after the layer that makes its channels, with dots for
 * slashes; layers keep the names they have in the found network.
 *
 * <p>Candidates are in ascending order: factors of the found width, rounded to multiples of 8 (ties
 * go up, at least 8), without duplicates. The found width itself is always among them, unrounded,
 * so that {@link #start} is exactly the found network, by names, shapes and cost.
 *
 * <p>It is an ordinary {@link SearchSpace} for predictors, constraints, evaluators, searches by
 * scores and exporters. Searches by logits are not for it: they learn from gates behind operations,
 * and a width is none. Immutable; equal by value.
 *
 * @since 0.1.0
 */
public final class ChannelSpace implements NodeSpace {

  private static final int MULTIPLE = 8;

  private final Architecture found;
  private final List<Choice> choices;

  /** For each choice, its place among the groups of the network; none for a resolution. */
  private final int[] groups;

  private final int[] start;
  private final String name;

  /** The found network for each size of images; of the same groups in the same order. */
  private final Map<FeatureShape, ChannelGroups> networks = new LinkedHashMap<>();

  private ChannelSpace(Builder builder) {
    this.found = builder.found;
    SearchSpace space = (SearchSpace) found.space();
    List<FeatureShape> inputs =
        builder.resolutions.isEmpty()
            ? List.of(space.input(found))
            : builder.resolutions.stream()
                .map(pixels -> new Resolution(pixels).of(space.input().channels()))
                .toList();
    for (FeatureShape input : inputs) {
      LayerGraph graph =
          input.equals(space.input(found))
              ? LayerGraph.of(space, found)
              : LayerGraph.read(space.toConfiguration(found), input);
      networks.put(input, ChannelGroups.of(graph));
    }
    List<ChannelGroups.Group> all = networks.values().iterator().next().groups();
    this.groups =
        IntStream.range(0, all.size()).filter(g -> builder.stages || all.get(g).inner()).toArray();
    List<Choice> made = new ArrayList<>();
    List<Integer> picks = new ArrayList<>();
    for (int g : groups) {
      Choice choice = new Choice(choiceName(all.get(g)), builder.candidates(all.get(g)));
      made.add(choice);
      picks.add(choice.indexOf("c" + all.get(g).channels()));
    }
    if (!builder.resolutions.isEmpty()) {
      made.add(
          new Choice(
              "resolution", builder.resolutions.stream().<Candidate>map(Resolution::new).toList()));
      picks.add(builder.resolutions.indexOf(space.input(found).height()));
    }
    checkArgument(
        !made.isEmpty(),
        "No width of architecture %s of space '%s' can be changed.\n"
            + "Maybe its layers are known to DL4J only, or stages are to be searched too.",
        found.id(),
        space.name());
    this.choices = List.copyOf(made);
    this.start = picks.stream().mapToInt(Integer::intValue).toArray();
    this.name =
        space.name()
            + "-widths-"
            + Hashing.sha256()
                .hashString(found.id(), StandardCharsets.UTF_8)
                .toString()
                .substring(0, 8);
  }

  private static String choiceName(ChannelGroups.Group group) {
    return group.maker().replaceAll("[^A-Za-z0-9._-]", ".");
  }

  /**
   * The widths of an architecture, from 0.5 to 1.5 of those it has in steps of an eighth.
   *
   * @throws IllegalArgumentException if its space is no {@link SearchSpace}, or no width can be
   *     changed
   * @throws org.lightnas.NasException if its network cannot be read
   */
  public static ChannelSpace of(Architecture found) {
    return builder(found).build();
  }

  /**
   * Starts from the defaults, which each setter names.
   *
   * @throws IllegalArgumentException if its space is no {@link SearchSpace}
   */
  public static Builder builder(Architecture found) {
    return new Builder(found);
  }

  /** The architecture whose widths these are. */
  public Architecture found() {
    return found;
  }

  /** Every width as it was found: factor 1 everywhere. */
  public Architecture start() {
    return architecture(start);
  }

  /**
   * Every width at the candidate that is nearest to a factor of what it was found with, the smaller
   * one of two; the images as they are.
   *
   * @throws IllegalArgumentException if the factor is not a positive number
   */
  public Architecture scaled(double factor) {
    checkArgument(
        factor > 0 && Double.isFinite(factor),
        "A factor of widths must be a positive number, but is %s.",
        factor);
    int[] picks = start.clone();
    for (int l = 0; l < groups.length; l++) {
      List<Candidate> candidates = choices.get(l).candidates();
      double wanted = factor * channels(candidates.get(start[l]));
      for (int k = candidates.size() - 1; k >= 0; k--) {
        if (Math.abs(channels(candidates.get(k)) - wanted)
            <= Math.abs(channels(candidates.get(picks[l])) - wanted)) {
          picks[l] = k;
        }
      }
    }
    return architecture(picks);
  }

  /**
   * An untrained network of an architecture with what it can have of a trained one's weights; train
   * it on with {@code Trainer.fit(network, images)}.
   *
   * <ul>
   *   <li>Where it has fewer channels, it inherits those that matter most: the ones with the
   *       largest sum of {@code |gamma|} over all batch norms of the group (Liu et al. 2017,
   *       network slimming), in their old order; among equals the first.
   *   <li>Where it has more, the old ones are followed by new ones with fresh weights, and the
   *       weights from new channels to old ones are 0. So a network that is nowhere narrower
   *       computes what the trained one computes, and learns to use what it has more.
   * </ul>
   *
   * @param trained of the layers of the found network, with its widths; not changed
   * @param architecture of this space
   * @param seed of fresh weights
   * @return owned by the caller
   * @throws IllegalArgumentException if the network is not the found one, or the architecture
   *     belongs to another space
   */
  public ComputationGraph inherit(ComputationGraph trained, Architecture architecture, long seed) {
    architecture.requireSpace(this);
    SearchSpace space = (SearchSpace) found.space();
    TrainedGraph from = TrainedGraph.of(trained, space.input(found));
    ChannelGroups groups = network(architecture);
    LayerGraph own = groups.resized(widths(start()));
    checkArgument(
        from.graph().parameters().equals(own.parameters()),
        "The network that weights are to be inherited from is not one of architecture %s of space"
            + " '%s': other layers, or other widths.\nMaybe train found().",
        found.id(),
        space.name());
    ComputationGraph network = network(architecture, seed);
    Inheritance.of(groups, from, widths(architecture), TrainedGraph.of(network)).writeTo(network);
    return network;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Choice> choices() {
    return choices;
  }

  /** That of the images that the found network takes. */
  @Override
  public FeatureShape input() {
    return ((SearchSpace) found.space()).input(found);
  }

  @Override
  public FeatureShape input(Architecture architecture) {
    architecture.requireSpace(this);
    Candidate last = architecture.candidate(choices.size() - 1);
    return last instanceof Resolution resolution ? resolution.of(input().channels()) : input();
  }

  @Override
  public int classes() {
    return ((SearchSpace) found.space()).classes();
  }

  @Override
  public LayerGraph graph(Architecture architecture) {
    return network(architecture).resized(widths(architecture));
  }

  private ChannelGroups network(Architecture architecture) {
    FeatureShape input = input(architecture);
    ChannelGroups network = networks.get(input);
    if (network == null) {
      throw new IllegalStateException("No network of " + input + " was read.");
    }
    return network;
  }

  /** Of every group that could be changed, whether there is a choice of it or not. */
  private int[] widths(Architecture architecture) {
    int[] widths =
        network(architecture).groups().stream().mapToInt(ChannelGroups.Group::channels).toArray();
    for (int l = 0; l < groups.length; l++) {
      widths[groups[l]] = channels(architecture.candidate(l));
    }
    return widths;
  }

  private static int channels(Candidate candidate) {
    if (candidate instanceof StageWidth stage) {
      return stage.channels();
    }
    return ((MidWidth) candidate).channels();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof ChannelSpace that
            && found.equals(that.found)
            && choices.equals(that.choices));
  }

  @Override
  public int hashCode() {
    return 31 * found.hashCode() + choices.hashCode();
  }

  /** {@code widths of k3e6-… (lightnas-small (3x32x32, 10 classes, 6 choices))}. */
  @Override
  public String toString() {
    return "widths of " + found.id() + " (" + found.space() + ")";
  }

  /**
   * Settings of a {@link ChannelSpace}.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final Architecture found;
    private double[] factors = IntStream.rangeClosed(4, 12).mapToDouble(i -> i / 8.0).toArray();
    private double from;
    private double to;
    private boolean stages = true;
    private List<Integer> resolutions = List.of();

    private Builder(Architecture found) {
      checkArgument(
          found.space() instanceof SearchSpace,
          "Space '%s' describes choices only, so its architectures have no widths.",
          found.space().name());
      this.found = found;
    }

    /**
     * The factors that every width may be multiplied by. Default 0.5, 0.625 … 1.5; 1 is always
     * among them.
     *
     * @throws IllegalArgumentException if there is none, or one is not a positive number up to 64
     */
    @CanIgnoreReturnValue
    public Builder factors(double... values) {
      checkArgument(values.length > 0, "A width needs a factor to be multiplied by.");
      for (double factor : values) {
        requireFactor(factor);
      }
      factors = values.clone();
      to = 0;
      return this;
    }

    /**
     * Every multiple of 8 between two factors of the found width, both included, in place of a few
     * factors.
     *
     * @throws IllegalArgumentException if a factor is not a positive number up to 64, or they
     *     descend
     */
    @CanIgnoreReturnValue
    public Builder everyWidth(double least, double most) {
      requireFactor(least);
      requireFactor(most);
      checkArgument(least <= most, "Widths cannot be from %s to %s of those found.", least, most);
      from = least;
      to = most;
      return this;
    }

    private static void requireFactor(double factor) {
      checkArgument(
          factor > 0 && factor <= 64,
          "A factor of widths must be above 0 and at most 64, but is %s.",
          factor);
    }

    /**
     * Whether stages, stem and head have choices too, or the insides of blocks only. Default yes.
     */
    @CanIgnoreReturnValue
    public Builder stages(boolean value) {
      stages = value;
      return this;
    }

    /**
     * Edge lengths of the images to choose from, in pixels; that of the found network is always
     * among them. Default no choice.
     *
     * @throws IllegalArgumentException if the found network does not take square images, or a
     *     length is below 1
     */
    @CanIgnoreReturnValue
    public Builder resolutions(int... pixels) {
      FeatureShape input = ((SearchSpace) found.space()).input(found);
      checkArgument(
          input.height() == input.width(),
          "Resolutions are of square images, but space '%s' takes %s.",
          found.space().name(),
          input);
      TreeSet<Integer> all = new TreeSet<>(List.of(input.height()));
      for (int edge : pixels) {
        all.add(new Resolution(edge).pixels());
      }
      resolutions = List.copyOf(all);
      return this;
    }

    /**
     * Makes the space.
     *
     * @throws IllegalArgumentException if no width can be changed
     * @throws org.lightnas.NasException if the network cannot be read, or not with another
     *     resolution
     */
    public ChannelSpace build() {
      return new ChannelSpace(this);
    }

    private List<Candidate> candidates(ChannelGroups.Group group) {
      int found = group.channels();
      TreeSet<Integer> widths = new TreeSet<>(List.of(found));
      if (to > 0) {
        int least = Math.max(1, (int) Math.ceil(from * found / MULTIPLE));
        for (int m = least; m * MULTIPLE <= to * found; m++) {
          widths.add(m * MULTIPLE);
        }
      } else {
        Arrays.stream(factors).forEach(factor -> widths.add(rounded(factor * found, found)));
      }
      return widths.stream()
          .map(c -> group.inner() ? (Candidate) new MidWidth(c) : new StageWidth(c))
          .toList();
    }

    private static int rounded(double wanted, int found) {
      return wanted == found
          ? found
          : MULTIPLE * Math.max(1, (int) Math.floor(wanted / MULTIPLE + 0.5));
    }
  }
}
