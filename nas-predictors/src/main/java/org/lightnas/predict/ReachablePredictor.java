package org.lightnas.predict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * A predictor for runtimes that remove dead operations: it sees of an architecture only what
 * reaches the output ({@link ChoiceSpace#reachable}), when it is fitted and when it predicts.
 * Whether a runtime is one of these, cross-validation tells: on others it is much worse.
 *
 * @param inner predicts architectures all of which reaches the output
 * @param known its report, if it was compared
 */
record ReachablePredictor(Predictor inner, @Nullable PredictorReport known) implements Reported {

  /** Architectures of which the same reaches the output count once, with their median latency. */
  static Profile reachable(Profile profile) {
    Map<Architecture, List<Measurement>> groups = new LinkedHashMap<>();
    for (Profile.Sample sample : profile.samples()) {
      groups
          .computeIfAbsent(
              profile.space().reachable(sample.architecture()), key -> new ArrayList<>())
          .add(sample.measurement());
    }
    List<Profile.Sample> samples = new ArrayList<>();
    groups.forEach(
        (architecture, measured) -> {
          measured.sort(Comparator.comparingDouble(Measurement::millis));
          samples.add(new Profile.Sample(architecture, measured.get((measured.size() - 1) / 2)));
        });
    return new Profile(profile.space(), profile.fingerprint(), samples);
  }

  @Override
  public Metric metric() {
    return inner.metric();
  }

  @Override
  public ChoiceSpace space() {
    return inner.space();
  }

  @Override
  public double predict(Architecture architecture) {
    return inner.predict(space().reachable(architecture));
  }

  @Override
  public boolean extrapolates(Architecture architecture) {
    return inner.extrapolates(space().reachable(architecture));
  }

  @Override
  public Optional<String> fingerprint() {
    return inner.fingerprint();
  }

  @Override
  public Optional<PredictorReport> report() {
    return Optional.ofNullable(known);
  }

  @Override
  public ReachablePredictor withReport(PredictorReport report) {
    return new ReachablePredictor(inner, report);
  }

  /** {@code latency table of space 'cell', of what reaches the output}. */
  @Override
  public String toString() {
    return inner + ", of what reaches the output";
  }
}
