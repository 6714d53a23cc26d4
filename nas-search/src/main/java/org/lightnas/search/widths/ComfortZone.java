package org.lightnas.search.widths;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lightnas.device.Device;
import org.lightnas.space.Architecture;
import org.lightnas.space.widths.ChannelSpace;

/**
 * Makes a found network wider where that costs no time: devices compute channels in groups and wait
 * for memory, so small networks leave them idle. The idea is the Comfort Zone of Luo et al.; their
 * rule is not published, and this one is ours:
 *
 * <pre>
 * CZ(t) = { s : LAT(s) &lt;= (1 + t) LAT(found) }     t = max(tolerance, 2 standard errors of the ratio)
 * </pre>
 *
 * <ol>
 *   <li>All widths are multiplied by factors from 1 to 2, in steps of 8 channels of the widest
 *       layer, and the networks measured in rounds of random order. An isotonic fit tells the ends
 *       of plateaus; the largest factor in the zone is taken.
 *   <li>From there every layer by itself (and the resolution, if wished) is raised to the last
 *       width on the grid of 8 channels with which the latency rises by no more than the layer's
 *       part of the tolerance, or two standard errors: the end of its plateau, found by bisection.
 *   <li>Those raises are taken together, most operations for the latency they cost first, while the
 *       latencies they add up to stay in the zone.
 *   <li>The result is measured afresh against the found network, in turns; raises are taken back,
 *       then the factor lowered, until it is in the zone, and keeps the bound if there is one
 *       ({@link Builder#latency}).
 * </ol>
 *
 * <p>Within one percent of its latency every network can be given something. So there is a comfort
 * zone only if the operations gained are several times the latency tolerated ({@link
 * Builder#worth}); and if measurements are so noisy that t is large, the gain has to be large too.
 *
 * <p>Networks are measured untrained. What was found can be trained anew, or on from the weights of
 * the found one: {@link ChannelSpace#inherit}. Immutable.
 *
 * @since 0.1.0
 */
public final class ComfortZone {

  private final Device device;
  private final Settings settings;
  private final List<ComfortListener> listeners;

  /**
   * All settings; see {@link Builder}.
   *
   * @param bound in ms, infinite for none
   */
  record Settings(
      double tolerance,
      double bound,
      double most,
      int points,
      int repeats,
      double worth,
      int[] resolutions,
      long seed) {}

  private ComfortZone(Builder builder) {
    this.device = builder.device;
    this.settings =
        new Settings(
            builder.tolerance,
            builder.bound,
            builder.most,
            builder.points,
            builder.repeats,
            builder.worth,
            builder.resolutions,
            builder.seed);
    this.listeners = List.copyOf(builder.listeners);
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(Device device) {
    return new Builder(device);
  }

  /**
   * Looks for wider networks of the same latency.
   *
   * @param found of a space with networks; it is measured at its own widths, too
   * @throws IllegalArgumentException if it has no network, or no width that can be changed
   * @throws org.lightnas.NasException as {@link Device#measure}
   */
  public ComfortResult widen(Architecture found) {
    return new ComfortRun(device, space(found), settings, listeners).run();
  }

  /**
   * How many measurements widening takes at most, without those after something was taken back.
   *
   * @throws IllegalArgumentException as {@link #widen}
   */
  public long mostMeasurements(Architecture found) {
    return settings.repeats()
        * new ComfortRun(device, space(found), settings, listeners).networks();
  }

  private ChannelSpace space(Architecture found) {
    ChannelSpace.Builder space = ChannelSpace.builder(found).everyWidth(1, settings.most());
    if (settings.resolutions().length > 0) {
      space.resolutions(settings.resolutions());
    }
    return space.build();
  }

  /**
   * Settings of a {@link ComfortZone}.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final Device device;
    private double tolerance = 0.01;
    private double bound = Double.POSITIVE_INFINITY;
    private double most = 2;
    private int points = 25;
    private int repeats = 3;
    private double worth = 5;
    private int[] resolutions = {};
    private long seed = 1;
    private final List<ComfortListener> listeners = new ArrayList<>();

    private Builder(Device device) {
      this.device = device;
    }

    /**
     * By what share latency may grow, from 0 to 1. Default 0.01; two standard errors of the
     * comparison are allowed anyway.
     */
    @CanIgnoreReturnValue
    public Builder tolerance(double share) {
      checkArgument(
          share >= 0 && share <= 1,
          "The tolerance must be a share of the latency from 0 to 1, but is %s.",
          share);
      tolerance = share;
      return this;
    }

    /**
     * A bound on the latency of the widened network, which it keeps by measured + 2 spread: the one
     * that was searched under, as the tolerance alone may lead beyond it. Default none.
     */
    @CanIgnoreReturnValue
    public Builder latency(Duration value) {
      checkArgument(
          !value.isNegative() && !value.isZero(),
          "The latency bound must be positive, but is %s.",
          value);
      bound = value.getSeconds() * 1e3 + value.getNano() / 1e6;
      return this;
    }

    /** The greatest factor of a width, above 1 and at most 8. Default 2. */
    @CanIgnoreReturnValue
    public Builder most(double factor) {
      checkArgument(
          factor > 1 && factor <= 8,
          "The greatest factor of widths must be above 1 and at most 8, but is %s.",
          factor);
      most = factor;
      return this;
    }

    /** Into how many networks the staircase is cut at most, at least 2. Default 25. */
    @CanIgnoreReturnValue
    public Builder points(int count) {
      checkArgument(count >= 2, "A staircase needs at least 2 points, not %s.", count);
      points = count;
      return this;
    }

    /** How often every network is measured, at least 1. Default 3. */
    @CanIgnoreReturnValue
    public Builder repeats(int count) {
      checkArgument(count >= 1, "A network must be measured at least once, not %s times.", count);
      repeats = count;
      return this;
    }

    /**
     * How many times the latency tolerated the operations gained must be, at least 1, for the
     * result to be called a comfort zone. Default 5.
     */
    @CanIgnoreReturnValue
    public Builder worth(double times) {
      checkArgument(
          times >= 1 && Double.isFinite(times),
          "The operations gained must be at least once the latency tolerated, not %s times.",
          times);
      worth = times;
      return this;
    }

    /**
     * Larger edge lengths of the images that may be taken, in pixels, raised as if the resolution
     * were a layer. Default none.
     *
     * @throws IllegalArgumentException if a length is below 1
     */
    @CanIgnoreReturnValue
    public Builder resolutions(int... pixels) {
      checkArgument(
          Arrays.stream(pixels).allMatch(edge -> edge >= 1),
          "Edges of images must be of at least 1 pixel, but are %s.",
          Arrays.toString(pixels));
      resolutions = pixels.clone();
      return this;
    }

    /** Decides the order of measurements and the networks' weights. Default 1. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public Builder listener(ComfortListener value) {
      listeners.add(value);
      return this;
    }

    /** Makes it. */
    public ComfortZone build() {
      return new ComfortZone(this);
    }
  }
}
