package org.lightnas.metric;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.lightnas.Reproducible;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.SpaceReader;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;

/**
 * Costs that need no device and are exact: what is bounded is counted from the network itself. No
 * backend is needed. Immutable; thread-safe.
 *
 * <pre>
 * Constraint small = Constraint.atMost(150_000, CostPredictor.parameters(space));
 * </pre>
 *
 * @since 0.1.0
 */
public final class CostPredictor implements Predictor, Reproducible {

  private final SearchSpace space;
  private final Metric metric;
  private final String method;
  private final SpaceReader reader;
  private final ToLongFunction<LayerGraph> count;

  /**
   * What every candidate adds to the cost of {@code space.uniform(0)}, where that decides the cost:
   * in a {@link LayeredSpace} no operation's shape depends on another choice, so counts that are
   * sums over layers add up. Null elsewhere.
   */
  private final double @Nullable [][] added;

  private final double base;

  private CostPredictor(
      SearchSpace space,
      Metric metric,
      String method,
      boolean sum,
      ToLongFunction<LayerGraph> count) {
    this.space = space;
    this.metric = metric;
    this.method = method;
    this.count = count;
    this.reader = new SpaceReader(space);
    Architecture first = space.uniform(0);
    this.base = count(first);
    this.added = sum && space instanceof LayeredSpace ? added(first) : null;
  }

  /** Multiply-accumulate operations for one image, as {@link Cost#macs}. */
  public static CostPredictor macs(SearchSpace space) {
    return new CostPredictor(space, Metric.MACS, "macs", true, graph -> Cost.of(graph).macs());
  }

  /** Trainable numbers, as {@link Cost#parameters}. */
  public static CostPredictor parameters(SearchSpace space) {
    return new CostPredictor(
        space, Metric.PARAMETERS, "parameters", true, graph -> Cost.of(graph).parameters());
  }

  /**
   * The most memory that one image's feature maps take at the same time in inference, as float32:
   * layers in their order, maps kept as long as they are read, batch norms and activations in
   * place. It is a maximum over layers, so candidates' contributions do not add up.
   */
  public static CostPredictor activations(SearchSpace space) {
    return new CostPredictor(
        space, Metric.ACTIVATIONS, "activations", false, FeatureMaps::peakBytes);
  }

  private double count(Architecture architecture) {
    return count.applyAsLong(reader.read(architecture));
  }

  private double[][] added(Architecture first) {
    List<Choice> choices = space.choices();
    double[][] terms = new double[choices.size()][];
    for (int l = 0; l < terms.length; l++) {
      terms[l] = new double[choices.get(l).size()];
      for (int k = 0; k < terms[l].length; k++) {
        terms[l][k] = count(first.with(l, k)) - base;
      }
    }
    return terms;
  }

  @Override
  public Metric metric() {
    return metric;
  }

  @Override
  public ChoiceSpace space() {
    return space;
  }

  /**
   * The exact count.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  @Override
  public double predict(Architecture architecture) {
    architecture.requireSpace(space);
    if (added == null) {
      return count(architecture);
    }
    double total = base;
    for (int l = 0; l < added.length; l++) {
      total += added[l][architecture.pick(l)];
    }
    return total;
  }

  @Override
  public double[][] sensitivity(Architecture architecture) {
    if (added == null) {
      return Predictor.super.sensitivity(architecture);
    }
    double[][] change = new double[added.length][];
    for (int l = 0; l < change.length; l++) {
      double now = added[l][architecture.pick(l)];
      change[l] = Arrays.stream(added[l]).map(term -> term - now).toArray();
    }
    return change;
  }

  @Override
  public Optional<String> code() {
    return Optional.of(CostPredictor.class.getName() + "." + method + "(space)");
  }

  @Override
  public String toString() {
    return "exact count of " + metric.name() + " in space '" + space.name() + "'";
  }
}
