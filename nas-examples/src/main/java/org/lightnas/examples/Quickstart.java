package org.lightnas.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.lightnas.NativeTuning;
import org.lightnas.Progress;
import org.lightnas.compress.Compressed;
import org.lightnas.compress.Reparameterize;
import org.lightnas.data.ImageData;
import org.lightnas.device.Measurement;
import org.lightnas.export.Onnx;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.QualityLimit;
import org.lightnas.metric.Verdict;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.predict.Profile;
import org.lightnas.predict.ProfileListener;
import org.lightnas.search.Attempt;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchListener;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SearchStep;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;
import org.lightnas.train.TrainingListener;

/**
 * The whole way, once: images, a profile of this machine, a search under a latency bound, training,
 * folding, and the verdict, beside a random network that meets the same bound.
 *
 * <pre>
 * mvn -Pquickstart                              images that are generated, about four minutes
 * mvn -Pquickstart -Dnas.images=DIR             a folder with Fashion-MNIST or CIFAR-10 files
 * mvn -Pquickstart -Dquickstart.out=DIR         where report, result and network go
 * mvn -Pquickstart -Dquickstart.size=smallest   only to see that everything runs
 * </pre>
 */
public final class Quickstart {

  private static final long SEED = 42;

  /** Where in the measured range of latencies the bound is put. */
  private static final double BOUND_AT = 0.4;

  private final Effort effort;
  private final ImageData images;
  private final Path out;

  private Quickstart(Effort effort, ImageData images, Path out) {
    this.effort = effort;
    this.images = images;
    this.out = out;
  }

  /**
   * How much is done.
   *
   * @param samples networks measured for the profile
   * @param searchSteps steps of the search
   * @param epochs of training, for each of the two networks
   */
  private record Effort(int samples, int searchSteps, int epochs) {

    /** Enough to see that everything runs. */
    static final Effort SMALLEST = new Effort(14, 24, 1);

    /** With the smallest effort also on a machine too busy for its figures to mean anything. */
    OnnxDevice device() {
      return this.equals(SMALLEST)
          ? OnnxDevice.builder().busyFactor(1000).build()
          : OnnxDevice.thisMachine();
    }

    /** What few samples of a machine however busy say about it is not judged. */
    QualityLimit quality() {
      return this.equals(SMALLEST) ? QualityLimit.none() : QualityLimit.standard();
    }

    /** Six epochs of a small set, four of a large one. */
    static Effort normal(ImageData images) {
      return new Effort(50, 600, Math.max(4, Math.round(36_000f / images.train().size())));
    }
  }

  /** Runs with the system properties named above. */
  public static void main(String[] args) throws IOException {
    NativeTuning.apply();
    boolean smallest = System.getProperty("quickstart.size", "").equals("smallest");
    String folder = System.getProperty("nas.images", "");
    ImageData images =
        !folder.isEmpty()
            ? ImageData.open(Path.of(folder))
            : smallest ? ImageData.generated(600, 200, SEED) : ImageData.generated();
    Effort effort = smallest ? Effort.SMALLEST : Effort.normal(images);
    Path out = Path.of(System.getProperty("quickstart.out", "target/quickstart"));
    new Quickstart(effort, images, out).run();
  }

  private void run() throws IOException {
    long start = System.nanoTime();
    SearchSpace space = LightNasSpace.small(images.shape(), images.classes());
    say(
        "%s: %,d images of %s to train on, %,d to test on, %d classes",
        images.name(),
        images.train().size(),
        images.shape(),
        images.test().size(),
        images.classes());
    say("%s: %,d architectures", space, space.size());

    try (OnnxDevice device = effort.device()) {
      say("device: %s", device.fingerprint());
      Profile profile =
          Profile.builder(space, device).samples(effort.samples()).listener(new Lines()).measure();
      LatencyTable latency = LatencyTable.fit(profile);
      latency.report().ifPresent(report -> say("%s", report));
      Duration limit = latency.range().at(BOUND_AT);
      Constraint bound = Constraint.latency(limit, latency).measuredOn(device);
      say("reachable: %s; bound: %.3f ms", latency.range(), bound.bound());

      SearchResult found =
          LightNas.builder()
              .steps(effort.searchSteps())
              .seed(SEED)
              .quality(effort.quality())
              .listener(new Lines())
              .build()
              .search(space.on(images), bound);
      say("found %s", found);
      Architecture rival = randomWithin(bound, space);
      say("random network within the bound: %s", rival);

      ComputationGraph network = train("found", found.architecture());
      double foundAccuracy = Accuracy.of(network, images.test());
      ComputationGraph other = train("random", rival);
      double randomAccuracy = Accuracy.of(other, images.test());
      other.close();
      Compressed small =
          Reparameterize.batchNorms().checkedOn(images.test().take(64)).compress(network);
      Verdict verdict = bound.verify(found.architecture(), small.network());
      Measurement unfolded = device.measureUnfolded(network);

      found.page().write(out.resolve("search.html"));
      found.write(out.resolve("search.json"));
      latency.write(out.resolve("latency.csv"));
      ModelSerializer.writeModel(small.network(), out.resolve("network.zip").toFile(), false);
      Onnx.of(small.network()).provenance(found.provenance()).write(out.resolve("network.onnx"));
      print(bound, found, verdict, unfolded, foundAccuracy, randomAccuracy, small, start);
      network.close();
      small.network().close();
    }
  }

  private ComputationGraph train(String name, Architecture architecture) {
    return Trainer.builder()
        .epochs(effort.epochs())
        .seed(SEED)
        .listener(new Lines(name + " network, "))
        .build()
        .fit(architecture, images);
  }

  /** One that uses the bound as well as the found one does, as nearly as 10,000 draws give it. */
  private static Architecture randomWithin(Constraint bound, SearchSpace space) {
    RandomGenerator random = new SplittableRandom(SEED);
    return Stream.generate(() -> space.sample(random))
        .limit(10_000)
        .filter(bound::admits)
        .filter(architecture -> bound.predict(architecture) >= 0.9 * bound.bound())
        .findFirst()
        .orElseThrow();
  }

  private void print(
      Constraint bound,
      SearchResult found,
      Verdict verdict,
      Measurement unfolded,
      double foundAccuracy,
      double randomAccuracy,
      Compressed small,
      long start) {
    double predicted = bound.predict(found.architecture());
    Measurement measured = Objects.requireNonNull(verdict.measured(), "a device was given");
    Cost cost = Cost.of(found.architecture());
    double seconds = (System.nanoTime() - start) / 1e9;
    say("");
    say("  latency  asked at most           %10.3f ms", bound.bound());
    say("           predicted               %10.3f ms", predicted);
    say("           measured                %10s", measured);
    say("           before folding          %10s", unfolded);
    say(
        "           verdict                 %s",
        verdict.satisfied() ? "satisfied" : "NOT satisfied");
    say("  accuracy found                   %10.2f %%", foundAccuracy);
    say("           random, same bound      %10.2f %%", randomAccuracy);
    say("  size     MACs                    %,10d", cost.macs());
    say("           parameters              %,10d", cost.parameters());
    say("           after folding           %,10d", small.after().parameters());
    say("  folding  %s", small.equivalence());
    say("  report   %s", out.resolve("search.html").toAbsolutePath());
    say("  network  %s", out.resolve("network.zip").toAbsolutePath());
    say("  onnx     %s", out.resolve("network.onnx").toAbsolutePath());
    say("");
    say(
        "RESULT {\"bound_ms\": %.4f, \"predicted_ms\": %.4f, \"measured_ms\": %.4f, "
            + "\"spread_ms\": %.4f, \"found_acc\": %.2f, \"random_acc\": %.2f, \"macs\": %d, "
            + "\"params\": %d, \"seconds\": %.0f}",
        bound.bound(),
        predicted,
        measured.millis(),
        measured.spread(),
        foundAccuracy,
        randomAccuracy,
        cost.macs(),
        cost.parameters(),
        seconds);
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  /** A line of progress every few seconds. */
  private static final class Lines implements ProfileListener, SearchListener, TrainingListener {

    private static final long EVERY_NANOS = 5_000_000_000L;

    private final String prefix;
    private long last = System.nanoTime();

    Lines() {
      this("");
    }

    Lines(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public void onSample(Progress progress, Profile.Sample sample) {
      tell(progress, String.format(Locale.ROOT, "%s", sample.measurement()));
    }

    @Override
    public void onStep(Progress progress, SearchStep step) {
      tell(
          progress,
          String.format(
              Locale.ROOT,
              "expected %.3f ms, multiplier %.2f, loss %.3f",
              step.expected(),
              step.multiplier(),
              step.loss()));
    }

    @Override
    public void onProjection(Attempt attempt) {
      say("projected: %s, %s", attempt.architecture(), attempt.verdict());
    }

    @Override
    public void onStep(Progress progress, double loss) {
      tell(progress, String.format(Locale.ROOT, "loss %.3f", loss));
    }

    private void tell(Progress progress, String detail) {
      long now = System.nanoTime();
      if (now - last >= EVERY_NANOS || progress.done() == progress.total()) {
        last = now;
        say("  %s%s: %s", prefix, progress, detail);
      }
    }
  }
}
