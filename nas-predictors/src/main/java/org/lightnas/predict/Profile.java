package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.internal.Foreign;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a device said about some architectures of a space: the data that predictors are fitted on.
 *
 * @param space the space of all samples
 * @param fingerprint of the device
 * @param samples at least one, in the order in which they were measured; of distinct architectures
 *     and one batch, number of threads and reference latency
 * @since 0.1.0
 */
public record Profile(ChoiceSpace space, String fingerprint, List<Sample> samples) {

  private static final Logger LOG = LoggerFactory.getLogger(Profile.class);

  /**
   * One measured architecture.
   *
   * @param architecture of the profile's space
   * @param measurement of its network
   * @since 0.1.0
   */
  public record Sample(Architecture architecture, Measurement measurement) {

    private void requireAlike(Measurement first) {
      checkArgument(
          measurement.batch() == first.batch()
              && measurement.threads() == first.threads()
              && measurement.referenceMillis() == first.referenceMillis(),
          "Architecture %s was measured with another batch, number of threads or reference latency"
              + " (%s, %s, %s ms) than the first (%s, %s, %s ms).\n"
              + "Maybe keep one profile for each.",
          architecture.id(),
          measurement.batch(),
          measurement.threads(),
          measurement.referenceMillis(),
          first.batch(),
          first.threads(),
          first.referenceMillis());
    }
  }

  /**
   * Checks that the samples belong together and copies them.
   *
   * @throws IllegalArgumentException if there is none, the fingerprint is blank or has several
   *     lines, an architecture is of another space or occurs twice, or batch, threads or reference
   *     latency differ
   */
  public Profile {
    samples = List.copyOf(samples);
    checkArgument(!samples.isEmpty(), "A profile of space '%s' needs a sample.", space.name());
    requireLine(fingerprint);
    Set<Architecture> seen = new HashSet<>();
    for (Sample sample : samples) {
      Architecture architecture = sample.architecture();
      architecture.requireSpace(space);
      checkArgument(
          seen.add(architecture), "Architecture %s was measured twice.", architecture.id());
      sample.requireAlike(samples.get(0).measurement());
    }
  }

  private static void requireLine(String fingerprint) {
    checkArgument(
        !fingerprint.isBlank() && fingerprint.lines().count() == 1,
        "A fingerprint must be one line of text, but is '%s'.",
        fingerprint);
  }

  /**
   * Measures 60 architectures; {@link #builder} has settings.
   *
   * @throws org.lightnas.NasException as {@link Device#measure}
   */
  public static Profile measure(SearchSpace space, Device device) {
    return builder(space, device).measure();
  }

  /**
   * A profile of latencies that were measured elsewhere, without a spread or a reference network:
   * spreads are 0, rounds, batch and threads 1, and the reference latency 1 ms.
   *
   * @param fingerprint says what was measured and how, on one line
   * @param millis latencies in ms, positive and finite; iterated in measuring order if it has one,
   *     so prefer a {@link java.util.LinkedHashMap}
   * @throws IllegalArgumentException if there is none, the fingerprint is blank or has several
   *     lines, an architecture is of another space, or a latency is not positive and finite, naming
   *     its architecture
   */
  public static Profile of(
      ChoiceSpace space, String fingerprint, Map<Architecture, Double> millis) {
    List<Sample> samples = new ArrayList<>();
    millis.forEach(
        (architecture, value) -> {
          checkArgument(
              value > 0 && Double.isFinite(value),
              "The latency of architecture %s must be a positive number of ms, but is %s.",
              architecture.id(),
              value);
          samples.add(new Sample(architecture, new Measurement(value, 0, 1, 1, 1, 1)));
        });
    return new Profile(space, fingerprint, samples);
  }

  /** Settings, all with defaults. */
  public static Builder builder(SearchSpace space, Device device) {
    return new Builder(space, device);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param space the space that was measured
   * @throws IOException if the file cannot be read
   * @throws PredictorFileException if it is no such file, is of a newer format or another space, or
   *     was changed; naming the line
   */
  public static Profile read(Path file, ChoiceSpace space) throws IOException {
    return ProfileCsv.read(file, space);
  }

  /**
   * Writes a CSV file with the fingerprint in its head, in one move.
   *
   * @throws IOException naming the file, if it cannot be written
   */
  public void write(Path file) throws IOException {
    ProfileCsv.write(this, file);
  }

  /**
   * What {@link Builder#measure} measures, and in which order: stratified by cost, the extremes
   * included, in random order.
   *
   * @param count of them; spaces that hold fewer are taken whole
   * @throws IllegalArgumentException if below 3
   */
  public static List<Architecture> architectures(SearchSpace space, int count, long seed) {
    checkArgument(count >= 3, "A profile needs at least 3 samples, not %s.", count);
    List<Architecture> architectures =
        new StratifiedSampler(
                space, SwapCosts.of(space), Seeds.random(seed, "profile architectures", 0))
            .sample(count);
    Collections.shuffle(architectures, new Random(Seeds.derive(seed, "profile order", 0)));
    return architectures;
  }

  /** Images per batch. */
  public int batch() {
    return samples.get(0).measurement().batch();
  }

  /** Threads that the networks ran on. */
  public int threads() {
    return samples.get(0).measurement().threads();
  }

  /** The latency of the device's reference network, in ms, that all values are scaled by. */
  public double referenceMillis() {
    return samples.get(0).measurement().referenceMillis();
  }

  /** {@code 60 samples of space 'lightnas-small' on [AMD EPYC, …]}. */
  @Override
  public String toString() {
    return samples.size() + " samples of space '" + space.name() + "' on [" + fingerprint + "]";
  }

  /**
   * Settings of a measuring run.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final SearchSpace space;
    private final Device device;
    private int count = 60;
    private long seed = 1;
    private final List<ProfileListener> listeners = new ArrayList<>();

    private Builder(SearchSpace space, Device device) {
      this.space = space;
      this.device = device;
    }

    /**
     * How many architectures; spaces that hold fewer are measured whole. Default 60.
     *
     * @throws IllegalArgumentException if below 3
     */
    @CanIgnoreReturnValue
    public Builder samples(int newCount) {
      checkArgument(newCount >= 3, "A profile needs at least 3 samples, not %s.", newCount);
      count = newCount;
      return this;
    }

    /** Decides which architectures are measured and in which order. Default 1. */
    @CanIgnoreReturnValue
    public Builder seed(long newSeed) {
      seed = newSeed;
      return this;
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public Builder listener(ProfileListener newListener) {
      listeners.add(newListener);
      return this;
    }

    /**
     * Samples architectures stratified by cost, the extremes included, and measures untrained
     * networks of them in random order, so that drift of the device does not look like cost.
     *
     * @throws org.lightnas.NasException as {@link Device#measure}, or if the device fails, naming
     *     it and the architecture
     * @throws IllegalArgumentException if the device's fingerprint is blank or has several lines,
     *     or batch, threads or reference latency differ between its measurements
     * @throws InterruptedRunException if this thread is interrupted; what was measured is lost
     */
    public Profile measure() {
      requireLine(device.fingerprint());
      List<Architecture> architectures = architectures(space, count, seed);
      List<Sample> samples = new ArrayList<>();
      long start = System.nanoTime();
      for (Architecture architecture : architectures) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedRunException(
              "The profile of space '"
                  + space.name()
                  + "' was interrupted after "
                  + samples.size()
                  + " of "
                  + architectures.size()
                  + " samples and is lost.\nMaybe measure fewer at a time.");
        }
        Measurement measured =
            Foreign.call(
                () -> device.measure(space, architecture, seed),
                () -> "Device " + device + " failed on architecture " + architecture.id());
        samples.add(new Sample(architecture, measured));
        Sample last = samples.get(samples.size() - 1);
        // Now, not when all have been measured.
        last.requireAlike(samples.get(0).measurement());
        Progress progress =
            new Progress(
                "profile",
                samples.size(),
                architectures.size(),
                Duration.ofNanos(System.nanoTime() - start));
        Listeners.tell(listeners, l -> l.onSample(progress, last), LOG);
      }
      Profile profile = new Profile(space, device.fingerprint(), samples);
      LOG.info("Measured {}", profile);
      return profile;
    }
  }
}
