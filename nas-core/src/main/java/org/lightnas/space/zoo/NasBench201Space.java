package org.lightnas.space.zoo;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Collections2;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.lightnas.FeatureShape;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/**
 * The cells of NAS-Bench-201 (Dong and Yang, ICLR 2020): four nodes, the input 0 to the output 3,
 * and an edge from each to every later one, which carries one of five operations; a node is the sum
 * of the edges into it. 5^6 = 15,625 cells. The choices are the edges in the order of the
 * benchmark's strings: {@code 1_0, 2_0, 2_1, 3_0, 3_1, 3_2}, where {@code j_i} leads from node i to
 * node j.
 *
 * <p>The index that the benchmark's files give a cell is the place in a shuffled list, not a
 * function of the cell; read it from a table.
 *
 * <p>A cell's network is the benchmark's: 15 copies of it in three stages of 16, 32 and 64 channels
 * with residual blocks between them. Its initial weights are He's, as the benchmark leaves them to
 * PyTorch's layers.
 *
 * @param input shape of one image, at least 4 x 4; the benchmark's are 3 x 32 x 32, or 3 x 16 x 16
 *     for ImageNet16-120
 * @param classes at least 2
 * @since 0.1.0
 */
public record NasBench201Space(FeatureShape input, int classes) implements SearchSpace {

  private static final int NODES = 4;
  private static final int CHANNELS = 16;
  private static final int CELLS = 5;

  /** The position of the operation that does nothing. */
  private static final int NONE = 0;

  private static final int SKIP = 1;
  private static final int POOL = 4;

  private static final List<Candidate> OPS =
      Stream.of("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
          .<Candidate>map(Operation::new)
          .toList();

  private record Operation(String id) implements Candidate {}

  /**
   * An edge of the cell.
   *
   * @param to the later node
   */
  record Edge(int from, int to) {}

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if images are too small or classes too few
   */
  public NasBench201Space {
    checkArgument(
        input.height() >= 4 && input.width() >= 4,
        "A network of NAS-Bench-201 halves images twice, but they are of %s.",
        input);
    checkArgument(classes >= 2, "A classifier needs at least 2 classes, but has %s.", classes);
  }

  /** For CIFAR-10. */
  public NasBench201Space() {
    this(new FeatureShape(3, 32, 32), 10);
  }

  private static final List<Edge> EDGES = edges();
  private static final List<Choice> CHOICES =
      EDGES.stream().map(edge -> new Choice(edge.to + "_" + edge.from, OPS)).toList();
  private static final List<Link> LINKS = chained();

  private static List<Edge> edges() {
    List<Edge> edges = new ArrayList<>();
    for (int to = 1; to < NODES; to++) {
      for (int from = 0; from < to; from++) {
        edges.add(new Edge(from, to));
      }
    }
    return List.copyOf(edges);
  }

  private static List<Link> chained() {
    List<Link> links = new ArrayList<>();
    for (int a = 0; a < EDGES.size(); a++) {
      for (int b = 0; b < EDGES.size(); b++) {
        if (EDGES.get(a).to == EDGES.get(b).from) {
          links.add(new Link(a, b));
        }
      }
    }
    return List.copyOf(links);
  }

  @Override
  public String name() {
    return "nasbench201";
  }

  @Override
  public List<Choice> choices() {
    return CHOICES;
  }

  /** An edge feeds the edges that begin where it ends. */
  @Override
  public List<Link> links() {
    return LINKS;
  }

  @Override
  public ComputationGraphConfiguration toConfiguration(Architecture cell) {
    cell.requireSpace(this);
    return configuration(cell, CHANNELS, CELLS);
  }

  /** A cell of any space with these choices, in a network of the benchmark's kind. */
  ComputationGraphConfiguration configuration(Architecture cell, int channels, int cells) {
    return NasBench201Network.configuration(input, classes, cell, EDGES, channels, cells);
  }

  /**
   * The same cells in smaller networks, as supernets of searches are made of: {@code
   * SurgeNas.builder().supernet(space.proxy(8, 1))}. Its architectures have the same picks, but
   * belong to it: networks, and so latencies, are others.
   *
   * @param channels of the first of three stages, at least 1; the benchmark's networks have 16
   * @param cells in each stage, at least 1; the benchmark's have 5
   * @throws IllegalArgumentException if one is below 1
   */
  public SearchSpace proxy(int channels, int cells) {
    return new NasBench201Proxy(this, channels, cells);
  }

  /**
   * Sets every edge from whose end no path of operations leads to the output to none. Edges that
   * begin at a node without input stay: exporters do not see that they compute on zeros.
   */
  @Override
  public Architecture reachable(Architecture cell) {
    cell.requireSpace(this);
    boolean[] read = {false, false, false, true};
    int[] picks = cell.picks();
    // Edges are in the order of the node they lead to, so what reads a node comes after it.
    for (int l = EDGES.size() - 1; l >= 0; l--) {
      Edge edge = EDGES.get(l);
      picks[l] = read[edge.to] ? picks[l] : NONE;
      read[edge.from] |= picks[l] != NONE;
    }
    return architecture(picks);
  }

  /**
   * By which the benchmark calls two cells the same, 6,466 classes in all: the expression of the
   * output node. The input is {@code 0}. An edge is {@code #} if it carries none or its node is
   * {@code #}, its node's expression if it skips, and otherwise {@code (expression)@operation}. A
   * node's expression is that of its edges, sorted as text and joined by {@code +}, each as a whole
   * and {@code #} among them; so cells that differ in where sums are taken, or in edges of nothing,
   * count as different although they compute the same.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  public String publishedId(Architecture cell) {
    cell.requireSpace(this);
    String[] nodes = {"0", "", "", ""};
    for (int to = 1; to < NODES; to++) {
      List<String> terms = new ArrayList<>();
      for (int l = 0; l < EDGES.size(); l++) {
        if (EDGES.get(l).to == to) {
          String from = nodes[EDGES.get(l).from];
          String id = cell.candidate(l).id();
          terms.add(
              cell.pick(l) == NONE || from.equals("#")
                  ? "#"
                  : cell.pick(l) == SKIP ? from : "(" + from + ")@" + id);
        }
      }
      nodes[to] = terms.stream().sorted().collect(Collectors.joining("+"));
    }
    return nodes[NODES - 1];
  }

  /**
   * The same for all cells that compute the same function of their weights, 5,044 of them: the
   * output as a sum of terms without order, where skipped sums are taken apart, nothing adds
   * nothing, and average pooling of a sum is the sum of the poolings. Convolutions have names,
   * since one that is read twice computes less than two; the names are those by which the text is
   * the first of all in alphabetical order. A convolution of nothing counts as nothing, as the
   * benchmark has it, although its batch norm could learn to add a constant.
   *
   * <p>Of the classes of {@link #publishedId}, which looks at values only, 430 hold more than one
   * function.
   *
   * <p>No {@link #canonical} form: runtimes do run what adds nothing, so such cells differ in
   * latency.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  public String canonicalId(Architecture cell) {
    cell.requireSpace(this);
    List<Integer> convolutions =
        IntStream.range(0, EDGES.size()).filter(l -> isConvolution(cell.pick(l))).boxed().toList();
    return Collections2.permutations(convolutions).stream()
        .map(named -> expression(cell, named))
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static boolean isConvolution(int pick) {
    return pick != NONE && pick != SKIP && pick != POOL;
  }

  /**
   * The output as a sum.
   *
   * @param named edges of the convolutions, in the order of their names
   */
  private static String expression(Architecture cell, List<Integer> named) {
    List<List<String>> nodes = new ArrayList<>();
    nodes.add(List.of("0"));
    for (int to = 1; to < NODES; to++) {
      List<String> terms = new ArrayList<>();
      for (int l = 0; l < EDGES.size(); l++) {
        List<String> from = EDGES.get(l).to == to ? nodes.get(EDGES.get(l).from) : List.of();
        if (cell.pick(l) == SKIP) {
          terms.addAll(from);
        } else if (cell.pick(l) == POOL) {
          from.forEach(term -> terms.add("(" + term + ")p"));
        } else if (isConvolution(cell.pick(l)) && !from.isEmpty()) {
          char name = (char) ('a' + named.indexOf(l));
          terms.add("(" + String.join("+", from) + ")" + cell.pick(l) + name);
        }
      }
      nodes.add(terms.stream().sorted().toList());
    }
    return String.join("+", nodes.get(NODES - 1));
  }

  /**
   * Reads the benchmark's form of a cell, such as {@code
   * |nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|}.
   *
   * @throws IllegalArgumentException if the text has another form or names another operation
   */
  public Architecture parse(String text) {
    int[] picks = new int[EDGES.size()];
    String[] nodes = text.split("\\+", -1);
    boolean whole = nodes.length == NODES - 1;
    int l = 0;
    for (int to = 1; whole && to < NODES; to++) {
      String[] edges = nodes[to - 1].split("\\|", -1);
      whole = edges.length == to + 2 && edges[0].isEmpty() && edges[to + 1].isEmpty();
      for (int from = 0; whole && from < to; from++, l++) {
        String suffix = "~" + from;
        whole = edges[from + 1].endsWith(suffix);
        if (whole) {
          String id = edges[from + 1];
          picks[l] = CHOICES.get(l).indexOf(id.substring(0, id.length() - suffix.length()));
        }
      }
    }
    checkArgument(
        whole,
        "A cell of space '%s' looks like '%s', but this is '%s'.",
        name(),
        format(uniform(0)),
        text);
    return architecture(picks);
  }

  /**
   * Writes the benchmark's form, as {@link #parse} reads it.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  public String format(Architecture cell) {
    cell.requireSpace(this);
    return Stream.iterate(1, to -> to < NODES, to -> to + 1)
        .map(to -> edgesInto(to, cell))
        .collect(Collectors.joining("+"));
  }

  private static String edgesInto(int to, Architecture cell) {
    StringBuilder text = new StringBuilder("|");
    for (int l = 0; l < EDGES.size(); l++) {
      if (EDGES.get(l).to == to) {
        text.append(cell.candidate(l).id()).append('~').append(EDGES.get(l).from).append('|');
      }
    }
    return text.toString();
  }

  /** {@code nasbench201 (15,625 cells)}. */
  @Override
  public String toString() {
    return name() + " (15,625 cells)";
  }
}
