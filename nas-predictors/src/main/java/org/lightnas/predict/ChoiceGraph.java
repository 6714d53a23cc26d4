package org.lightnas.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lightnas.FeatureShape;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;

/**
 * A space as a graph: its choices, an input that feeds those without feeder and an output fed by
 * those that feed none, and a row of features for every candidate at its place. Derived once;
 * immutable.
 *
 * <p>Features are the operation (candidates of equal id are one), the choice, and, where a space
 * has networks, the logarithms of channels, image size and MACs, each scaled to [0, 1] over the
 * space.
 */
final class ChoiceGraph {

  private final int choices;
  private final int[] offsets;
  private final int[][] feeders;
  private final int[][] readers;
  private final double[][] features;

  /** Reads a space; counts the networks of all single swaps where it has any. */
  ChoiceGraph(ChoiceSpace space) {
    choices = space.choices().size();
    offsets = Entries.offsets(space);
    List<List<Integer>> from = new ArrayList<>();
    List<List<Integer>> to = new ArrayList<>();
    for (int node = 0; node < nodes(); node++) {
      from.add(new ArrayList<>());
      to.add(new ArrayList<>());
    }
    for (ChoiceSpace.Link link : space.links()) {
      from.get(link.to()).add(link.from());
      to.get(link.from()).add(link.to());
    }
    for (int l = 0; l < choices; l++) {
      if (from.get(l).isEmpty()) {
        from.get(l).add(choices);
        to.get(choices).add(l);
      }
      if (to.get(l).isEmpty()) {
        to.get(l).add(choices + 1);
        from.get(choices + 1).add(l);
      }
    }
    feeders = from.stream().map(ChoiceGraph::array).toArray(int[][]::new);
    readers = to.stream().map(ChoiceGraph::array).toArray(int[][]::new);
    features = features(space);
  }

  private static int[] array(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Choices, then input, then output. */
  int nodes() {
    return choices + 2;
  }

  /** Where each choice's candidates begin among all candidates, and where the last one's end. */
  int[] offsets() {
    return offsets;
  }

  /** The nodes that each node reads from, {@code [node][…]}; not to be modified. */
  int[][] feeders() {
    return feeders;
  }

  /** The nodes that read each node. */
  int[][] readers() {
    return readers;
  }

  /** Rows for all candidates, then input and output: {@code [entries + 2][features]}. */
  double[][] features() {
    return features;
  }

  private double[][] features(ChoiceSpace space) {
    List<String> ids =
        space.choices().stream()
            .flatMap(choice -> choice.candidates().stream())
            .map(candidate -> candidate.id())
            .distinct()
            .toList();
    double[][] numbers = scaled(numbers(space));
    int entries = offsets[choices];
    int fixed = ids.size() + nodes();
    double[][] rows = new double[entries + 2][fixed + numbers[0].length];
    for (int l = 0; l < choices; l++) {
      for (int e = offsets[l]; e < offsets[l + 1]; e++) {
        rows[e][ids.indexOf(space.choices().get(l).candidates().get(e - offsets[l]).id())] = 1;
        rows[e][ids.size() + l] = 1;
        System.arraycopy(numbers[e], 0, rows[e], fixed, numbers[e].length);
      }
    }
    rows[entries][ids.size() + choices] = 1;
    rows[entries + 1][ids.size() + choices + 1] = 1;
    return rows;
  }

  /** Logarithms of what a candidate costs and of the shapes around it, as far as known. */
  private double[][] numbers(ChoiceSpace space) {
    double[][] numbers = new double[offsets[choices]][5];
    double[][] costs = SwapCosts.of(space);
    FeatureShape shape = space instanceof LayeredSpace layered ? before(layered) : null;
    for (int l = 0; l < choices; l++) {
      Choice choice = space.choices().get(l);
      FeatureShape next =
          shape == null ? null : ((Op) choice.candidates().get(0)).outputShape(shape);
      for (int k = 0; k < choice.size(); k++) {
        double[] row = numbers[offsets[l] + k];
        row[0] = Math.log1p(costs[l][k]);
        if (shape != null && next != null) {
          row[1] = Math.log(shape.channels());
          row[2] = Math.log(next.channels());
          row[3] = Math.log(shape.height());
          row[4] = Math.log(next.height());
        }
      }
      shape = next;
    }
    return numbers;
  }

  private static FeatureShape before(LayeredSpace space) {
    FeatureShape shape = space.input();
    for (Op op : space.stem()) {
      shape = op.outputShape(shape);
    }
    return shape;
  }

  private static double[][] scaled(double[][] columns) {
    for (int j = 0; j < columns[0].length; j++) {
      int column = j;
      double least = Arrays.stream(columns).mapToDouble(row -> row[column]).min().orElse(0);
      double range = Arrays.stream(columns).mapToDouble(row -> row[column]).max().orElse(0) - least;
      for (double[] row : columns) {
        row[j] = range > 0 ? (row[j] - least) / range : 0;
      }
    }
    return columns;
  }
}
