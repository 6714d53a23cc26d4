package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Points of several objectives, all to be small. One dominates another if it is nowhere larger and
 * somewhere smaller.
 */
final class Dominance {

  private Dominance() {}

  /** Whether a is nowhere larger; so both of two equal points are at least as good. */
  static boolean atLeastAsGood(double[] a, double[] b) {
    for (int m = 0; m < a.length; m++) {
      if (a[m] > b[m]) {
        return false;
      }
    }
    return true;
  }

  static boolean dominates(double[] a, double[] b) {
    return atLeastAsGood(a, b) && !atLeastAsGood(b, a);
  }

  /**
   * Non-dominated sorting (Deb et al. 2002, section III A): positions of what nothing dominates, of
   * what then nothing else does, and so on; each in rising order. Time O(M n²).
   */
  static List<List<Integer>> fronts(List<double[]> points) {
    int n = points.size();
    int[] dominatedBy = new int[n];
    List<List<Integer>> dominated = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      dominated.add(new ArrayList<>());
      for (int j = 0; j < n; j++) {
        if (dominates(points.get(i), points.get(j))) {
          dominated.get(i).add(j);
        } else if (dominates(points.get(j), points.get(i))) {
          dominatedBy[i]++;
        }
      }
    }
    List<List<Integer>> fronts = new ArrayList<>();
    List<Integer> front = IntStream.range(0, n).filter(i -> dominatedBy[i] == 0).boxed().toList();
    while (!front.isEmpty()) {
      fronts.add(front);
      List<Integer> next = new ArrayList<>();
      for (int i : front) {
        for (int j : dominated.get(i)) {
          if (--dominatedBy[j] == 0) {
            next.add(j);
          }
        }
      }
      front = next.stream().sorted().toList();
    }
    return fronts;
  }

  /**
   * Crowding distances (section III B): the sum over objectives of the gap between a point's
   * neighbours, as a share of the front's range; infinite at its ends. An objective in which all
   * are equal adds nothing.
   */
  static double[] crowding(List<double[]> front) {
    double[] distance = new double[front.size()];
    int last = distance.length - 1;
    for (int m = 0; last >= 0 && m < front.get(0).length; m++) {
      int objective = m;
      int[] order =
          IntStream.rangeClosed(0, last)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> front.get(i)[objective]))
              .mapToInt(Integer::intValue)
              .toArray();
      double range = front.get(order[last])[m] - front.get(order[0])[m];
      if (range > 0) {
        distance[order[0]] = Double.POSITIVE_INFINITY;
        distance[order[last]] = Double.POSITIVE_INFINITY;
        for (int i = 1; i < last; i++) {
          distance[order[i]] += (front.get(order[i + 1])[m] - front.get(order[i - 1])[m]) / range;
        }
      }
    }
    return distance;
  }

  /**
   * The volume of what is dominated and itself dominates the reference, exactly (While, Bradstreet
   * and Barone 2012): each point adds its box, less what the points behind it have of that. For two
   * objectives time O(n²); exponential in their number at worst.
   */
  static double hypervolume(List<double[]> points, double[] reference) {
    List<double[]> inside = new ArrayList<>();
    for (double[] point : points) {
      if (IntStream.range(0, reference.length).allMatch(m -> point[m] < reference[m])) {
        addTo(inside, point);
      }
    }
    inside.sort(Comparator.comparingDouble(point -> point[0]));
    double sum = 0;
    for (int i = 0; i < inside.size(); i++) {
      double[] point = inside.get(i);
      double box = 1;
      for (int m = 0; m < reference.length; m++) {
        box *= reference[m] - point[m];
      }
      List<double[]> shared = new ArrayList<>();
      for (double[] other : inside.subList(i + 1, inside.size())) {
        double[] corner = new double[reference.length];
        for (int m = 0; m < corner.length; m++) {
          corner[m] = Math.max(point[m], other[m]);
        }
        addTo(shared, corner);
      }
      sum += box - hypervolume(shared, reference);
    }
    return sum;
  }

  /** Adds a point unless one is at least as good, and takes away those that it dominates. */
  private static void addTo(List<double[]> front, double[] point) {
    if (front.stream().noneMatch(other -> atLeastAsGood(other, point))) {
      front.removeIf(other -> atLeastAsGood(point, other));
      front.add(point);
    }
  }
}
