package org.lightnas.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Parameter;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.Op;
import org.lightnas.space.SearchSpace;

/**
 * Which candidates of a space share their weights: operations of one choice with the same {@link
 * Op#weightKey}, and of the same {@link Op#family} where they are parts of its largest. That one
 * has the weights, the others parts of them.
 */
final class SharedWeights {

  private final SearchSpace space;
  private final Function<Architecture, LayerGraph> read;

  /** {@code [choice][candidate]}: the position of the largest that has its weights. */
  private final int[][] largest;

  /** Prefixes of tensors, by {@code choice/operation}, that are kept under another one. */
  private final Map<String, String> kept = new HashMap<>();

  private boolean any;

  /**
   * Of a space.
   *
   * @param families whether families share, not only equal keys
   * @param read the network of an architecture; asked for those that hold candidates that share
   */
  SharedWeights(SearchSpace space, boolean families, Function<Architecture, LayerGraph> read) {
    this.space = space;
    this.read = read;
    this.largest = new int[space.choices().size()][];
    for (int l = 0; l < largest.length; l++) {
      List<Candidate> candidates = space.choices().get(l).candidates();
      largest[l] = new int[candidates.size()];
      Map<String, List<Integer>> sharing = grouped(candidates, SharedWeights::key);
      if (families) {
        joinFamilies(l, sharing);
      }
      for (List<Integer> group : sharing.values()) {
        int of = largest(l, group);
        for (int k : group) {
          largest[l][k] = of;
        }
        any |= group.size() > 1;
      }
    }
  }

  private static String key(Candidate candidate) {
    return candidate instanceof Op op ? op.weightKey() : candidate.id();
  }

  private static String family(Candidate candidate) {
    return candidate instanceof Op op ? op.family() : candidate.id();
  }

  private static Map<String, List<Integer>> grouped(
      List<Candidate> candidates, Function<Candidate, String> by) {
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int k = 0; k < candidates.size(); k++) {
      groups.computeIfAbsent(by.apply(candidates.get(k)), none -> new ArrayList<>()).add(k);
    }
    return groups;
  }

  /** Joins the groups of a family whose operations are parts of its largest one. */
  private void joinFamilies(int choice, Map<String, List<Integer>> sharing) {
    Choice all = space.choices().get(choice);
    for (List<Integer> family : grouped(all.candidates(), SharedWeights::family).values()) {
      Set<String> keys = new HashSet<>();
      family.forEach(k -> keys.add(key(all.candidates().get(k))));
      int of = largest(choice, family);
      String owner = key(all.candidates().get(of));
      keys.remove(owner);
      for (String key : List.copyOf(keys)) {
        List<Integer> group = sharing.get(key);
        if (group != null && group.stream().allMatch(k -> isPart(choice, k, of))) {
          sharing.remove(key);
          sharing.computeIfAbsent(owner, none -> new ArrayList<>()).addAll(group);
          kept.put(all.name() + "/" + key, all.name() + "/" + owner);
        }
      }
    }
  }

  private boolean isPart(int choice, int candidate, int of) {
    Map<String, Parameter> whole = tensors(choice, of);
    return tensors(choice, candidate).entrySet().stream()
        .allMatch(
            tensor -> {
              Parameter larger = whole.get(tensor.getKey());
              return larger != null && tensor.getValue().isPartOf(larger);
            });
  }

  /** Those of an operation, by what stands behind its prefix. */
  private Map<String, Parameter> tensors(int choice, int candidate) {
    Choice of = space.choices().get(choice);
    String prefix = of.name() + "/" + key(of.candidates().get(candidate)) + "/";
    Map<String, Parameter> tensors = new HashMap<>();
    for (Parameter parameter : path(choice, candidate).parameters()) {
      if (parameter.name().startsWith(prefix)) {
        tensors.put(parameter.name().substring(prefix.length()), parameter);
      }
    }
    return tensors;
  }

  private LayerGraph path(int choice, int candidate) {
    return read.apply(space.uniform(0).with(choice, candidate));
  }

  /** The first of those with the most parameters. */
  private int largest(int choice, List<Integer> group) {
    int largest = group.get(0);
    long most = -1;
    for (int k : group.size() == 1 ? List.<Integer>of() : group) {
      long size = path(choice, k).parameters().stream().mapToLong(Parameter::size).sum();
      if (size > most) {
        largest = k;
        most = size;
      }
    }
    return largest;
  }

  /** The name that a tensor of a network is kept by. */
  String kept(String tensor) {
    int operation = tensor.indexOf('/');
    int rest = operation < 0 ? -1 : tensor.indexOf('/', operation + 1);
    String prefix = rest < 0 ? null : kept.get(tensor.substring(0, rest));
    return prefix == null ? tensor : prefix + tensor.substring(rest);
  }

  /** Whether there are any that share. */
  boolean any() {
    return any;
  }

  /** With the largest candidates in place of those that share their weights. */
  Architecture widened(Architecture architecture) {
    int[] picks = architecture.picks();
    for (int l = 0; l < picks.length; l++) {
      picks[l] = largest[l][picks[l]];
    }
    return space.architecture(picks);
  }
}
