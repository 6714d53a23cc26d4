package org.lightnas.predict;

import org.jspecify.annotations.Nullable;
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
 *
 * @since 0.1.0
 */
public final class GnnPredictor extends NetPredictor {

  private static final int WIDTH = 32;
  private static final int LAYERS = 2;

  /** Package-private: the parts. */
  GnnPredictor(NetModel model, @Nullable PredictorReport report) {
    super(model, report);
  }

  /**
   * Fits a network of two convolutions of 32 channels; deterministic. Training takes 3,000 steps on
   * batches of 32 samples, or of all where there are fewer; from 30 samples on 15 % are held out,
   * and it ends before if they gain nothing for 900 steps.
   *
   * @throws IllegalArgumentException if there are fewer than 3 samples
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   */
  public static GnnPredictor fit(Profile profile) {
    return fit(profile, new ChoiceGraph(profile.space()));
  }

  private static GnnPredictor fit(Profile profile, ChoiceGraph graph) {
    return new GnnPredictor(NetModel.fit(profile, net(graph), NetSettings.GNN, "A GNN"), null);
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
  public GnnPredictor withReport(PredictorReport report) {
    return new GnnPredictor(model(), report);
  }

  /** {@code GNN of space 'lightnas-small'}. */
  @Override
  public String toString() {
    return "GNN of space '" + space().name() + "'";
  }
}
