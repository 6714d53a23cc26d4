package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.ChoiceSpace;

/**
 * Latency as a multi-layer perceptron of the one-hot choices: the predictor of LightNAS (Luo et
 * al., DAC 2022), 128 - 64 - 1 with ReLU. Unlike there, targets are standardised, wild samples
 * count less, and predictions bend so as to stay positive. float64, plain Java, no backend.
 *
 * <p>Immutable and thread-safe. {@link #sensitivity} is exact and renews only the first layer.
 *
 * @since 0.1.0
 */
public final class MlpPredictor extends NetPredictor {

  private static final int[] SIZES = {128, 64};

  private final int[] hidden;

  /** Package-private: the parts. */
  MlpPredictor(NetModel model, @Nullable PredictorReport report, int... hidden) {
    super(model, report);
    this.hidden = hidden;
  }

  /** Fits a perceptron with hidden layers of 128 and 64. */
  public static MlpPredictor fit(Profile profile) {
    return fit(profile, SIZES);
  }

  /**
   * Fits a perceptron; deterministic.
   *
   * @param hidden widths of the hidden layers, at least one
   * @throws IllegalArgumentException if there is no hidden layer, one has no unit, or there are
   *     fewer than 3 samples
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   */
  public static MlpPredictor fit(Profile profile, int... hidden) {
    int[] sizes = checked(hidden);
    return new MlpPredictor(
        NetModel.fit(profile, net(profile.space(), sizes), NetSettings.MLP, "An MLP"), null, sizes);
  }

  static MlpNet net(ChoiceSpace space, int... hidden) {
    int[] offsets = Entries.offsets(space);
    return new MlpNet(offsets[offsets.length - 1], hidden);
  }

  /** Perceptrons with hidden layers of 128 and 64. */
  public static PredictorFamily family() {
    return family(SIZES);
  }

  /**
   * Perceptrons with these hidden layers.
   *
   * @throws IllegalArgumentException as {@link #fit(Profile, int...)}
   */
  public static PredictorFamily family(int... hidden) {
    int[] sizes = checked(hidden);
    return PredictorFamily.of("mlp", profile -> fit(profile, sizes));
  }

  private static int[] checked(int... hidden) {
    checkArgument(
        hidden.length > 0 && Arrays.stream(hidden).allMatch(size -> size > 0),
        "A perceptron needs hidden layers of at least one unit each, but got %s.",
        Arrays.toString(hidden));
    return hidden.clone();
  }

  int[] hidden() {
    return hidden.clone();
  }

  @Override
  public MlpPredictor withReport(PredictorReport report) {
    return new MlpPredictor(model(), report, hidden);
  }

  /** {@code MLP 128-64-1 of space 'lightnas-small'}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("MLP ");
    for (int size : hidden) {
      text.append(size).append('-');
    }
    return text + "1 of space '" + space().name() + "'";
  }
}
