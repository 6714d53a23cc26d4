package org.lightnas.device;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.Reproducible;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Backends;
import org.lightnas.internal.JavaCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A runtime of this machine as a device: the timing that all of them share.
 *
 * <p>A fixed {@linkplain #referenceNetwork reference network} takes turns with the network to be
 * measured. The value is the median over rounds of the ratio of the two, times the reference's
 * latency when the device was made; so a machine that gets slower for both gives the same value.
 * What slows only one of the two (another program that eats cache, say) does not cancel. Rounds end
 * when the standard error of the median is at most {@link Builder#maxSpread}, by default 1 %.
 *
 * <p>Two devices, in one process or two, calibrate a little differently, and their values with
 * them. Where values of different runs are compared (a table from a file, say), calibrate the
 * second by {@link Builder#referenceMillis}.
 *
 * <p>Thread-safe: one measurement at a time. Close the device to free the reference network.
 *
 * @since 0.1.0
 */
public abstract class LocalDevice implements Device, Reproducible, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalDevice.class);

  private static final long BETWEEN_SITTINGS_NANOS = 500_000_000;

  private final InferenceRuntime runtime;
  private final int batch;
  private final int threads;
  private final String fingerprint;
  private final Reference reference;
  private final int sittings;
  private final Optional<String> calls;
  private boolean closed;

  /**
   * Warms up and calibrates: two seconds or so.
   *
   * @param onThreads makes a runtime for a number of threads
   * @throws NasException if there is no ND4J backend on the class path
   */
  protected LocalDevice(Builder<?> settings, IntFunction<InferenceRuntime> onThreads) {
    Backends.require();
    runtime = onThreads.apply(settings.threads);
    batch = settings.batch;
    threads = settings.threads;
    sittings = settings.sittings;
    fingerprint = Runtimes.fingerprint(runtime.description(), threads, batch);
    RatioTimer timer =
        new RatioTimer(
            settings.clock,
            LocalDevice::sleep,
            settings.maxRounds,
            settings.maxTime.toNanos(),
            settings.maxSpread,
            settings.busyFactor);
    reference = new Reference(runtime, batch, timer, settings.referenceMillis);
    calls = settings.calls(reference.millis());
    LOG.info(
        "Measuring on {}; the reference network takes {} ms",
        fingerprint,
        String.format(Locale.ROOT, "%.3f", timer.quietNanos() / 1e6));
  }

  /**
   * The network that all others are measured against, untrained: 3x3 convolution, eight inverted
   * residuals, 1x1 convolution, pooling, dense; takes 3 x 24 x 24 images, 10 classes. Owned by the
   * caller.
   *
   * <p>It is like what it is compared with, in operations and in time. Where other guests of a host
   * slow a machine down by a third, for seconds or minutes, ratios to a network of a single block
   * fell by a tenth, because the runtime around its layers suffers more than they do; ratios to
   * this one changed by at most a fiftieth.
   *
   * @throws NasException if there is no ND4J backend on the class path
   */
  public static ComputationGraph referenceNetwork() {
    return Reference.network();
  }

  @Override
  public final String fingerprint() {
    return fingerprint;
  }

  /** The latency of the reference network that all values are scaled by, in ms. */
  public final double referenceMillis() {
    return reference.millis();
  }

  /**
   * {@inheritDoc}
   *
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   * @throws IllegalStateException if the device is closed
   */
  @Override
  public final Measurement measure(ComputationGraph network) {
    return measure(network, true);
  }

  /**
   * Times a network as it is, batch norms and all: what {@link #measure} leaves out is what folding
   * gains. (Where a runtime folds by itself, that is nothing.)
   *
   * @throws org.lightnas.NasException as {@link #measure}
   * @throws IllegalStateException if the device is closed
   */
  public final Measurement measureUnfolded(ComputationGraph network) {
    return measure(network, false);
  }

  /**
   * In {@linkplain Builder#sittings several sittings}, half a second apart: what else goes on on a
   * machine comes and goes, and the rounds of one sitting all see the same.
   *
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   * @throws IllegalStateException if the device is closed
   */
  @Override
  public final Measurement confirm(Supplier<Measurement> sitting) {
    List<Measurement> several = new ArrayList<>();
    for (int i = 0; i < sittings; i++) {
      if (i > 0) {
        sleep(BETWEEN_SITTINGS_NANOS);
      }
      several.add(sitting.get());
    }
    return Measurement.together(several);
  }

  private synchronized Measurement measure(ComputationGraph network, boolean folded) {
    if (closed) {
      throw new IllegalStateException(
          "The device is closed, so it cannot measure.\nMaybe close it after the search.");
    }
    FeatureShape input = input(network);
    return runtime.configured(
        () -> {
          try (Inference inference = runtime.prepare(network, input, batch, folded)) {
            runOnce(inference);
            RatioEstimate estimate = reference.compare(inference);
            double scale = reference.millis();
            return new Measurement(
                estimate.ratio() * scale,
                estimate.spread() * scale,
                estimate.rounds(),
                batch,
                threads,
                scale);
          }
        });
  }

  private static FeatureShape input(ComputationGraph network) {
    List<String> inputs = network.getConfiguration().getNetworkInputs();
    if (inputs.size() != 1) {
      throw new NasException(
          "The network has the inputs "
              + inputs
              + ", but a device measures networks with one.\nMaybe measure its parts.");
    }
    if (network.params().length() == 0) {
      throw new NasException(
          "The network has no parameters, so it cannot be measured.\nMaybe call init() first.");
    }
    return LayerGraph.read(network.getConfiguration()).input();
  }

  private void runOnce(Inference inference) {
    try {
      inference.run();
    } catch (RuntimeException e) {
      throw new NasException(
          "The network cannot be run on a batch of "
              + batch
              + ": "
              + e.getMessage()
              + "\nMaybe try network.output(...) by hand.",
          e);
    }
  }

  private static void sleep(long nanos) {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    } catch (InterruptedException e) {
      // The next round hears it.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The calls of the builder, calibrated as this device is. Empty for a kind of device without a
   * public {@code builder()} of its own.
   */
  @Override
  public Optional<String> code() {
    return Arrays.stream(getClass().getMethods())
        .filter(method -> method.getName().equals("builder") && method.getParameterCount() == 0)
        .flatMap(method -> JavaCode.visible(getClass()).stream())
        .findFirst()
        .flatMap(type -> calls.map(set -> type + ".builder()" + set + "\n    .build()"));
  }

  /** Frees the reference network. Closing twice is fine. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      reference.close();
    }
  }

  /** {@code Dl4jDevice (AMD EPYC, Linux amd64, …)}. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + " (" + fingerprint + ")";
  }

  /**
   * Settings for a kind of device, all at their defaults.
   *
   * @param make the constructor of the kind
   */
  protected static <D extends LocalDevice> Builder<D> builder(Function<Builder<D>, D> make) {
    return new Builder<>(make);
  }

  /**
   * Settings of a {@link LocalDevice}, all with defaults.
   *
   * @param <D> the kind of device
   * @since 0.1.0
   */
  public static final class Builder<D extends LocalDevice> {

    /** 292 years. */
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private final Function<Builder<D>, D> make;

    private int batch = 1;
    private int threads = 1;
    private int maxRounds = 40;
    private Duration maxTime = Duration.ofSeconds(5);
    private double maxSpread = 0.01;
    private double busyFactor = 2;
    private int sittings = 7;
    private double referenceMillis;
    private LongSupplier clock = System::nanoTime;

    private Builder(Function<Builder<D>, D> make) {
      this.make = make;
    }

    /** By the names of the setters. */
    private record Settings(
        int batch,
        int threads,
        int maxRounds,
        Duration maxTime,
        double maxSpread,
        double busyFactor,
        int sittings,
        double referenceMillis) {}

    private Settings calibrated(double reference) {
      return new Settings(
          batch, threads, maxRounds, maxTime, maxSpread, busyFactor, sittings, reference);
    }

    private Optional<String> calls(double reference) {
      Builder<D> usual = new Builder<>(make);
      return JavaCode.calls(
          calibrated(reference), usual.calibrated(usual.referenceMillis), JavaCode::of);
    }

    /**
     * Warms up and calibrates: two seconds or so.
     *
     * @throws NasException if the runtime of this kind of device, or an ND4J backend, is not on the
     *     class path
     */
    public D build() {
      return make.apply(this);
    }

    /**
     * Images per batch. Default 1.
     *
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder<D> batch(int images) {
      checkArgument(images >= 1, "The batch must hold at least 1 image, not %s.", images);
      batch = images;
      return this;
    }

    /**
     * Threads that networks run on; set while measuring and set back afterwards. Default 1: small
     * networks gain little from more, and on a machine that others use too, several threads wait
     * for each other at every layer, by as much as a hundred times what the layer takes.
     *
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder<D> threads(int count) {
      checkArgument(count >= 1, "A network runs on at least 1 thread, not %s.", count);
      threads = count;
      return this;
    }

    /**
     * After so many rounds a measurement ends, however noisy. Default 40.
     *
     * @throws IllegalArgumentException if below 6, which say nothing about their own spread
     */
    @CanIgnoreReturnValue
    public Builder<D> maxRounds(int rounds) {
      checkArgument(
          rounds >= RatioTimer.MIN_ROUNDS,
          "A measurement needs at least %s rounds, not %s.",
          RatioTimer.MIN_ROUNDS,
          rounds);
      maxRounds = rounds;
      return this;
    }

    /**
     * When this has passed, a measurement ends as soon as there are 6 rounds, however noisy.
     * Default 5 seconds.
     *
     * @throws IllegalArgumentException if not positive
     */
    @CanIgnoreReturnValue
    public Builder<D> maxTime(Duration time) {
      checkArgument(
          !time.isNegative() && !time.isZero(),
          "The time for a measurement must be positive, not %s.",
          time);
      maxTime = time.compareTo(FOREVER) > 0 ? FOREVER : time;
      return this;
    }

    /**
     * Rounds are added until the standard error is at most this share of the value. Default 0.01.
     *
     * @throws IllegalArgumentException if not above 0 and below 1
     */
    @CanIgnoreReturnValue
    public Builder<D> maxSpread(double share) {
      checkArgument(
          share > 0 && share < 1, "The spread must be a share between 0 and 1, not %s.", share);
      maxSpread = share;
      return this;
    }

    /**
     * Rounds in which a network, or the reference network, takes more than this times its quiet
     * latency are dropped, with growing pauses between them; if more than {@link #maxRounds} are,
     * the measurement is refused. Default 2.
     *
     * @throws IllegalArgumentException if not above 1
     */
    @CanIgnoreReturnValue
    public Builder<D> busyFactor(double factor) {
      checkArgument(
          factor > 1 && Double.isFinite(factor),
          "The busy factor must exceed 1, not be %s.",
          factor);
      busyFactor = factor;
      return this;
    }

    /**
     * How often a network is measured that is to keep a bound, half a second apart each; see {@link
     * Device#confirm}. Default 7, which take about five seconds.
     *
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder<D> sittings(int count) {
      checkArgument(count >= 1, "A network is measured in at least 1 sitting, not %s.", count);
      sittings = count;
      return this;
    }

    /**
     * Scales values by this latency of the reference network instead of the one found in
     * calibration, so that they compare with those of an earlier run on the same machine: see
     * {@link Measurement#referenceMillis}.
     *
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder<D> referenceMillis(double millis) {
      checkArgument(
          millis > 0 && Double.isFinite(millis),
          "The reference latency must be a positive number of ms, not %s.",
          millis);
      referenceMillis = millis;
      return this;
    }

    /** Package-private for tests: a clock in nanoseconds. */
    @CanIgnoreReturnValue
    Builder<D> clock(LongSupplier nanos) {
      clock = nanos;
      return this;
    }
  }
}
