package org.lightnas.report;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Leaves out points nobody could see, so that a report of 10^5 steps stays small: a line keeps its
 * least and greatest point per pixel column, a cloud keeps one point per small cell. Extremes
 * always survive.
 */
final class Thinning {

  private Thinning() {}

  /**
   * What to draw of a line, as runs of indices to connect; between runs is a gap.
   *
   * @param x ascending
   * @param y as long as x; NaN is a gap
   * @param columns pixels the line has for its width, at least 1
   * @return at most {@code 2 * columns + 2} indices in all, ascending, none of a NaN
   */
  static List<int[]> line(double[] x, double[] y, int columns) {
    SortedSet<Integer> kept = new TreeSet<>();
    BitSet startsRun = new BitSet(x.length);
    boolean all = x.length <= 2 * columns;
    double left = x[0];
    double span = x[x.length - 1] - left;
    int column = -1;
    int least = -1;
    int greatest = -1;
    int last = -1;
    boolean gap = true;
    for (int i = 0; i < x.length; i++) {
      if (Double.isNaN(y[i])) {
        gap = true;
        continue;
      }
      int own =
          all ? i : span > 0 ? (int) Math.min(columns - 1, (x[i] - left) / span * columns) : 0;
      if (own != column) {
        if (last >= 0) {
          kept.add(least);
          kept.add(greatest);
        } else {
          kept.add(i); // the line starts where the data start
        }
        column = own;
        least = i;
        greatest = i;
        if (gap) {
          startsRun.set(i);
        }
      }
      // Gaps inside a column are thinner than a pixel: only those before a column are drawn.
      gap = false;
      least = y[i] < y[least] ? i : least;
      greatest = y[i] > y[greatest] ? i : greatest;
      last = i;
    }
    if (last >= 0) {
      kept.add(least);
      kept.add(greatest);
      kept.add(last);
    }
    return runs(kept, startsRun);
  }

  private static List<int[]> runs(SortedSet<Integer> kept, BitSet startsRun) {
    List<int[]> runs = new ArrayList<>();
    List<Integer> run = new ArrayList<>();
    int previous = -1;
    for (int index : kept) {
      int start = startsRun.nextSetBit(previous + 1);
      if (start >= 0 && start <= index && !run.isEmpty()) {
        runs.add(run.stream().mapToInt(Integer::intValue).toArray());
        run.clear();
      }
      run.add(index);
      previous = index;
    }
    if (!run.isEmpty()) {
      runs.add(run.stream().mapToInt(Integer::intValue).toArray());
    }
    return runs;
  }

  /**
   * Which points of a cloud to draw.
   *
   * @param x pixels; NaN leaves the point out
   * @param y pixels, as long as x
   * @param most how many to keep, at least 1; four extremes may come on top
   * @return indices, ascending
   */
  static int[] cloud(double[] x, double[] y, int most) {
    for (double cell = 0; ; cell = cell == 0 ? 1 : 1.5 * cell) {
      SortedSet<Integer> kept = onePerCell(x, y, cell);
      if (kept.size() <= most) {
        if (cell > 0) {
          kept.addAll(extremes(x, y));
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
      }
    }
  }

  private static SortedSet<Integer> onePerCell(double[] x, double[] y, double cell) {
    Set<List<Long>> taken = new HashSet<>();
    SortedSet<Integer> kept = new TreeSet<>();
    for (int i = 0; i < x.length; i++) {
      if (Double.isNaN(x[i]) || Double.isNaN(y[i])) {
        continue;
      }
      if (cell == 0
          || taken.add(List.of((long) Math.floor(x[i] / cell), (long) Math.floor(y[i] / cell)))) {
        kept.add(i);
      }
    }
    return kept;
  }

  private static Set<Integer> extremes(double[] x, double[] y) {
    int[] found = {-1, -1, -1, -1};
    for (int i = 0; i < x.length; i++) {
      if (Double.isNaN(x[i]) || Double.isNaN(y[i])) {
        continue;
      }
      found[0] = found[0] < 0 || x[i] < x[found[0]] ? i : found[0];
      found[1] = found[1] < 0 || x[i] > x[found[1]] ? i : found[1];
      found[2] = found[2] < 0 || y[i] < y[found[2]] ? i : found[2];
      found[3] = found[3] < 0 || y[i] > y[found[3]] ? i : found[3];
    }
    return new HashSet<>(List.of(found[0], found[1], found[2], found[3]));
  }
}
