package org.lightnas.search;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.SpaceReader;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;
import org.nd4j.linalg.api.buffer.DataType;

/** The networks of a space as a supernet trains them, and the tensors they share. */
final class PathNetworks {

  /** Any share of an identity mapping that is neither all nor nothing. */
  private static final double FADING = 0.5;

  private final SearchSpace space;
  private final Supernet.Abilities abilities;
  private final SpaceReader reader;
  private final SharedWeights shared;
  private final Map<String, Integer> choices = new HashMap<>();

  PathNetworks(SearchSpace space, Supernet.Abilities abilities) {
    this.space = space;
    this.abilities = abilities;
    this.reader = new SpaceReader(space);
    this.shared = new SharedWeights(space, abilities.families(), this::read);
    for (int l = 0; l < space.choices().size(); l++) {
      choices.put(space.choices().get(l).name(), l);
    }
  }

  /** The path's network; an architecture of the space searched is as good as one of this space. */
  LayerGraph read(Architecture architecture) {
    LayerGraph graph = reader.read(space.architecture(architecture.picks()));
    return abilities.affine() ? graph : graph.withPlainBatchNorms();
  }

  /** The path's network as it is trained with a share of identity mapping. */
  LayerGraph mapped(LayerGraph graph, double share) {
    return IdentityMapping.of(graph, space, abilities.mapped() ? share : 0, abilities.affine());
  }

  /** The same with a share of identity mapping that lets it take the most memory. */
  LayerGraph fading(LayerGraph graph) {
    return mapped(graph, FADING);
  }

  /**
   * The position of the choice that a vertex or tensor belongs to, -1 for none, and for identity
   * mappings: whatever the candidate, they run beside it.
   */
  int choice(String name) {
    return IdentityMapping.has(name) ? -1 : choices.getOrDefault(ChoiceResults.prefix(name), -1);
  }

  /** An empty store of the tensors, which knows what is shared. */
  Weights weights(DataType type) {
    return new Weights(type, shared::kept);
  }

  /** Makes the tensors of a path that do not exist yet; wide ones before parts of them. */
  void ensure(Weights weights, Architecture architecture, LayerGraph graph, long seed) {
    if (shared.any()) {
      weights.ensure(read(shared.widened(architecture)), seed);
    }
    weights.ensure(graph, seed);
  }

  /** Makes the tensors of all paths, if some candidates share theirs. */
  void ensureShared(Weights weights, long seed) {
    if (shared.any()) {
      everyCandidate().forEach(path -> ensure(weights, path, read(path), seed));
    }
  }

  /** Makes the tensors of all paths, whole ones only. */
  void ensureAll(Weights weights, long seed) {
    everyCandidate().forEach(path -> weights.ensure(fading(read(shared.widened(path))), seed));
  }

  /** Paths that hold each candidate at least once. */
  private Stream<Architecture> everyCandidate() {
    Architecture first = space.uniform(0);
    return IntStream.range(0, space.choices().size())
        .boxed()
        .flatMap(
            l -> IntStream.range(0, space.choices().get(l).size()).mapToObj(k -> first.with(l, k)));
  }

  /**
   * {@code [choice][candidate]}: whether a candidate has nothing to learn, as a skip connection.
   */
  boolean[][] parameterFree() {
    List<Choice> all = space.choices();
    boolean[][] free = new boolean[all.size()][];
    for (int l = 0; l < free.length; l++) {
      free[l] = new boolean[all.get(l).size()];
      for (int k = 0; k < free[l].length; k++) {
        String choice = all.get(l).name();
        free[l][k] =
            read(space.uniform(0).with(l, k)).nodes().stream()
                .noneMatch(
                    n ->
                        ChoiceResults.prefix(n.name()).equals(choice) && !n.parameters().isEmpty());
      }
    }
    return free;
  }
}
