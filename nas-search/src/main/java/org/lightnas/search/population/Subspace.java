package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

/**
 * A space with some of its candidates left out; a space by itself, whose networks are those of the
 * whole.
 */
final class Subspace implements SearchSpace {

  private final SearchSpace whole;

  /** {@code [choice][i]}: positions in the whole of the candidates that are left. */
  private final List<List<Integer>> kept;

  /** Made once: they are asked for with every architecture. */
  private final List<Choice> choices;

  /**
   * A part of a space.
   *
   * @param kept for each choice, at least one position of a candidate
   * @throws IllegalArgumentException if there are more or fewer choices, or a position does not
   *     exist
   */
  Subspace(SearchSpace whole, List<List<Integer>> kept) {
    checkArgument(
        kept.size() == whole.choices().size(),
        "Space '%s' has %s choices, but candidates are kept of %s.",
        whole.name(),
        whole.choices().size(),
        kept.size());
    this.whole = whole;
    this.kept = kept.stream().map(List::copyOf).toList();
    List<Choice> all = whole.choices();
    this.choices =
        IntStream.range(0, all.size())
            .mapToObj(l -> new Choice(all.get(l).name(), candidates(all.get(l), kept.get(l))))
            .toList();
  }

  private static List<Candidate> candidates(Choice choice, List<Integer> positions) {
    for (int position : positions) {
      checkArgument(
          position >= 0 && position < choice.size(),
          "Choice '%s' has %s candidates, but number %s was kept.",
          choice.name(),
          choice.size(),
          position);
    }
    return positions.stream().map(choice.candidates()::get).toList();
  }

  /** All of a space. */
  static Subspace of(SearchSpace whole) {
    return new Subspace(
        whole,
        whole.choices().stream()
            .map(choice -> IntStream.range(0, choice.size()).boxed().toList())
            .toList());
  }

  /** For each choice, positions in the whole of the candidates that are left. */
  List<List<Integer>> kept() {
    return kept;
  }

  /** With other candidates of one choice. */
  Subspace with(int choice, List<Integer> candidates) {
    return new Subspace(
        whole,
        IntStream.range(0, kept.size())
            .mapToObj(l -> l == choice ? candidates : kept.get(l))
            .toList());
  }

  /** What it is a part of. */
  SearchSpace whole() {
    return whole;
  }

  /** An architecture of this space as one of the whole. */
  Architecture widened(Architecture architecture) {
    int[] picks = architecture.picks();
    Arrays.setAll(picks, l -> kept.get(l).get(picks[l]));
    return whole.architecture(picks);
  }

  /** What was scored of this space as of the whole. */
  Scored widened(Scored scored) {
    return new Scored(widened(scored.architecture()), scored.score(), scored.number());
  }

  /** Who listens to searches of the whole, for one of this space. */
  ScoreListener widened(ScoreListener listener) {
    return new ScoreListener() {
      @Override
      public void onScored(Scored scored, StopRule.Standing standing) {
        listener.onScored(widened(scored), standing);
      }

      @Override
      public void onBetter(Scored scored) {
        listener.onBetter(widened(scored));
      }

      @Override
      public void onCheckpoint(Path file) {
        listener.onCheckpoint(file);
      }
    };
  }

  /** A bound on the whole as one on this space. */
  Constraint narrowed(Constraint constraint) {
    Device device = constraint.device();
    return new Constraint(
        new Part(this, constraint.predictor()),
        constraint.bound(),
        device == null ? null : new Seen(this, device));
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public FeatureShape input() {
    return whole.input();
  }

  @Override
  public int classes() {
    return whole.classes();
  }

  @Override
  public List<Choice> choices() {
    return choices;
  }

  @Override
  public List<Link> links() {
    return whole.links();
  }

  @Override
  public ComputationGraphConfiguration toConfiguration(Architecture architecture) {
    architecture.requireSpace(this);
    return whole.toConfiguration(widened(architecture));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Subspace that && kept.equals(that.kept) && whole.equals(that.whole));
  }

  @Override
  public int hashCode() {
    return 31 * whole.hashCode() + kept.hashCode();
  }

  /** {@code part of lightnas-small (3x32x32, 10 classes, 6 choices)}. */
  @Override
  public String toString() {
    return "part of " + whole;
  }

  /** Measures architectures as those of the whole, which it may know by other means. */
  private record Seen(Subspace part, Device device) implements Device {

    @Override
    public String fingerprint() {
      return device.fingerprint();
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      return device.measure(network);
    }

    @Override
    public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
      return device.measure(part.whole, part.widened(architecture), seed);
    }

    @Override
    public Measurement confirm(Supplier<Measurement> sitting) {
      return device.confirm(sitting);
    }

    @Override
    public String toString() {
      return device.toString();
    }
  }

  /** What is predicted of the whole. */
  private record Part(Subspace part, Predictor predictor) implements Predictor {

    @Override
    public Metric metric() {
      return predictor.metric();
    }

    @Override
    public ChoiceSpace space() {
      return part;
    }

    @Override
    public double predict(Architecture architecture) {
      return predictor.predict(part.widened(architecture));
    }

    @Override
    public double[][] sensitivity(Architecture architecture) {
      double[][] all = predictor.sensitivity(part.widened(architecture));
      double[][] kept = new double[all.length][];
      Arrays.setAll(kept, l -> part.kept.get(l).stream().mapToDouble(k -> all[l][k]).toArray());
      return kept;
    }

    @Override
    public boolean extrapolates(Architecture architecture) {
      return predictor.extrapolates(part.widened(architecture));
    }

    @Override
    public Optional<String> fingerprint() {
      return predictor.fingerprint();
    }

    @Override
    public Optional<Quality> quality() {
      return predictor.quality();
    }

    @Override
    public String toString() {
      return predictor.toString();
    }
  }
}
