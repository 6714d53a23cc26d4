package org.lightnas.predict;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Latency by graph convolutions over a space's choices and their {@linkplain ChoiceSpace#links()
 * links}, with a global node that hears all: after SurgeNAS (Luo et al., IEEE TC 2022), whose
 * details are not published; {@link GnnNet} has ours. Works for any space; a choice's features are
 * its operation, its place and, where the space has networks, shapes and MACs. float64, plain Java,
 * no backend.
 *
 * <p>Immutable and thread-safe. Features are worked out when a predictor is made, never when it
 * predicts. {@link #sensitivity} is exact and one batch.
 */
public final class GnnPredictor implements GradientPredictor {

  private static final int WIDTH = 32;
  private static final int LAYERS = 2;

  private final NetModel model;

  /** Package-private: the parts. */
  GnnPredictor(NetModel model) {
    this.model = model;
  }

  /**
   * Fits a network of two convolutions of 32 channels; deterministic.
   *
   * @throws IllegalArgumentException if there are fewer than 3 samples
   */
  public static GnnPredictor fit(Profile profile) {
    return fit(profile, new ChoiceGraph(profile.space()));
  }

  private static GnnPredictor fit(Profile profile, ChoiceGraph graph) {
    return new GnnPredictor(NetModel.fit(profile, net(graph), NetSettings.GNN, "A GNN"));
  }

  static GnnNet net(ChoiceGraph graph) {
    return new GnnNet(graph, WIDTH, LAYERS);
  }

  /** Predictors as {@link #fit} makes them. */
  public static PredictorFamily family() {
    SpaceCache<ChoiceGraph> graphs = new SpaceCache<>(ChoiceGraph::new);
    return PredictorFamily.of("gnn", profile -> fit(profile, graphs.of(profile.space())));
  }

  @Override
  public Metric metric() {
    return Metric.LATENCY;
  }

  @Override
  public ChoiceSpace space() {
    return model.space();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  @Override
  public double predict(Architecture architecture) {
    return model.predict(architecture);
  }

  @Override
  public double predict(double[][] relaxed) {
    return model.predict(relaxed);
  }

  @Override
  public double[][] gradient(double[][] relaxed) {
    return model.gradient(relaxed);
  }

  /** {@inheritDoc} One batch. */
  @Override
  public double[][] sensitivity(Architecture architecture) {
    return model.sensitivity(architecture);
  }

  @Override
  public Optional<String> fingerprint() {
    return Optional.ofNullable(model.fingerprint());
  }

  /**
   * How many graphs its training passed forward and backward, for measuring the speed of training;
   * 0 if it was read from a file.
   */
  public long trainedGraphs() {
    return model.trained();
  }

  /**
   * Writes a JSON file, in one move.
   *
   * @throws IOException naming the file, if it cannot be written
   */
  public void write(Path file) throws IOException {
    PredictorFile.write(this, file);
  }

  NetModel model() {
    return model;
  }

  /** {@code GNN of space 'lightnas-small'}. */
  @Override
  public String toString() {
    return "GNN of space '" + space().name() + "'";
  }
}
