package org.lightnas.compress;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Verdict;
import org.lightnas.report.HtmlReport;

/**
 * What a {@link Compressor} made.
 *
 * @param network new, plain DL4J, for inference; owned by the caller, who closes it
 * @param steps what was done, in the order of the data by their last vertices
 * @param before what the given network costs and is worth
 * @param after the same of the new network
 * @param equivalence how far rewriting changed what is computed; where a network was trained in
 *     between, that is from the trained one on
 * @param maps how far every merged convolution differs from what it stands for, in the order of the
 *     data
 * @param blocks what became of each block, where blocks were chosen from; else none
 * @param asked what was asked of the latency, and predicted of it, beside what was measured; null
 *     where nothing was asked, or the network came back as it is
 * @since 0.1.0
 */
public record Compressed(
    ComputationGraph network,
    List<Step> steps,
    Figures before,
    Figures after,
    Equivalence equivalence,
    List<MapEquivalence> maps,
    List<BlockForm> blocks,
    @Nullable Verdict asked) {

  /** Copies the lists. */
  public Compressed {
    steps = List.copyOf(steps);
    maps = List.copyOf(maps);
    blocks = List.copyOf(blocks);
  }

  /** Where nothing was merged. */
  public Compressed(
      ComputationGraph network,
      List<Step> steps,
      Figures before,
      Figures after,
      Equivalence equivalence) {
    this(network, steps, before, after, equivalence, List.of(), List.of(), null);
  }

  /** This result and that of a compressor which was given this network. */
  Compressed followedBy(Compressed next) {
    return new Compressed(
        next.network,
        both(steps, next.steps),
        before,
        next.after,
        equivalence.then(next.equivalence),
        both(maps, next.maps),
        both(blocks, next.blocks),
        next.asked != null ? next.asked : asked);
  }

  private static <T> List<T> both(List<T> first, List<T> then) {
    List<T> all = new ArrayList<>(first);
    all.addAll(then);
    return all;
  }

  /** The number of steps of a kind. */
  public long count(Step.Action action) {
    return steps.stream().filter(step -> step.action() == action).count();
  }

  /**
   * For people: a line on the cost, one each on latency, what was asked of it, and accuracy if they
   * are known, a line on the equivalence, one on the merged convolution that differs most, a line
   * per block, a line per step.
   */
  public String report() {
    return cost()
        + bought().map(line -> "\n" + line).collect(joining())
        + "\n"
        + equivalence
        + maps.stream()
            .max(Comparator.comparingDouble(MapEquivalence::relativeError))
            .map(map -> "\nof " + maps.size() + " merged maps at most: " + map)
            .orElse("")
        + blocks.stream().map(block -> "\n" + block).collect(joining())
        + steps.stream().map(step -> "\n" + step).collect(joining());
  }

  /** The same as a page, with a picture of the blocks. */
  public HtmlReport page(String title) {
    return CompressionPage.of(title, this);
  }

  private String cost() {
    return String.format(
        Locale.ROOT,
        "%,d -> %,d MACs, %,d -> %,d parameters",
        before.macs(),
        after.macs(),
        before.parameters(),
        after.parameters());
  }

  /** Latency and accuracy, as far as they are known of both networks. */
  private Stream<String> bought() {
    List<String> lines = new ArrayList<>();
    if (before.latency() != null && after.latency() != null) {
      lines.add(before.latency() + " -> " + after.latency());
    }
    if (asked != null) {
      lines.add(asked.toString());
    }
    if (before.accuracy() != null && after.accuracy() != null) {
      lines.add(
          String.format(
              Locale.ROOT, "accuracy %.2f -> %.2f %%", before.accuracy(), after.accuracy()));
    }
    return lines.stream();
  }

  /** One line: cost, latency, accuracy, error, number of steps of each kind. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Compressed(").append(cost());
    bought().forEach(line -> text.append(", ").append(line));
    for (Step.Action action : Step.Action.values()) {
      text.append(", ").append(count(action)).append(' ');
      text.append(action.name().toLowerCase(Locale.ROOT));
    }
    return text.append(", ").append(equivalence).append(')').toString();
  }
}
