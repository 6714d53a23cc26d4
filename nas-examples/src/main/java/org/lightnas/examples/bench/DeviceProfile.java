package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.predict.OperationSum;
import org.lightnas.predict.PredictorReport;
import org.lightnas.predict.Predictors;
import org.lightnas.predict.Profile;
import org.lightnas.predict.Selection;
import org.lightnas.space.LayeredSpace;

/**
 * How well this machine's latencies can be predicted, and how long it takes to measure them: {@code
 * mvn -q -Pbench -Dbench=DeviceProfile [-Dspace=small] [-Dsamples=100] [-Dseed=1] [-Dthreads=1]
 * [-Dout=DIR]}. Networks of the small space run on ONNX Runtime, batch 1; every sample is predicted
 * by predictors that have not seen it. Latencies are ratios to the reference network, in ms of it.
 * With {@code out} the profile and the report's page are kept.
 *
 * <p>{@code -Dspace=shuffle} is the space of HSCoNAS for small images, whose choices have 41
 * candidates: there a sum of operations that are measured alone is compared with a table.
 */
public final class DeviceProfile {

  /** A guess, for {@code shuffle}. */
  private static final double MINUTES_OF_OPERATIONS = 2;

  private DeviceProfile() {}

  /** Measures, fits, judges. */
  public static void main(String... args) throws IOException {
    int samples = Options.whole("samples", 100, 4);
    long seed = Options.wholes("seed", "1").get(0);
    LayeredSpace space = StepSpeed.space(StepSpeed.spaceName());
    boolean wide = space.choices().get(0).size() > SharedTable.FEW;
    Bench.say(
        "DeviceProfile: about %.1f minutes, %d networks",
        samples / 60.0 + (wide ? MINUTES_OF_OPERATIONS : 0), samples);
    Profile profile;
    double seconds;
    double[][] alone = {};
    try (OnnxDevice device = OnnxDevice.builder().threads(Options.whole("threads", 1, 1)).build()) {
      long start = System.nanoTime();
      profile = Profile.builder(space, device).samples(samples).seed(seed).measure();
      seconds = (System.nanoTime() - start) / 1e9;
      if (wide) {
        alone = OperationSum.profile(space, device, 3).table().table();
      }
    }
    double spread =
        profile.samples().stream()
            .mapToDouble(s -> s.measurement().spread() / s.measurement().millis())
            .average()
            .orElseThrow();
    Selection selection =
        wide
            ? Predictors.best(profile, List.of(OperationSum.family(alone), LatencyTable.family()))
            : Predictors.best(profile);
    Bench.say("%s", profile);
    Bench.say("%s", selection);
    String out = Options.text("out", "");
    if (!out.isEmpty()) {
      profile.write(Path.of(out, "profile.csv"));
      selection
          .report()
          .page(selection.family() + " on " + profile.fingerprint())
          .write(Path.of(out, "predictor.html"));
    }
    PredictorReport report = selection.report();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("device", profile.fingerprint());
    result.put("space", space.name());
    result.put("samples", profile.samples().size());
    result.put("predictor", selection.family());
    result.put("median_error", report.medianError());
    result.put("within5", report.within(0.05));
    result.put("within10", report.within(0.10));
    result.put("spearman", report.spearman());
    result.put("kendall", report.kendall());
    result.put("drift", report.drift());
    result.put("mean_spread", spread);
    result.put("profile_s", seconds);
    Bench.result(result);
  }
}
