package org.lightnas.search.spark;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.lightnas.device.Device;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * Measures a {@link Profile} on the executors of a Spark application: each has a device of its own,
 * made once by a {@link RemoteFactory}. The architectures are those that {@link Profile#measure}
 * measures here.
 *
 * <p>Devices have to be of one kind: one fingerprint. Each has calibrated by itself, so their
 * values are put on one scale: that of the executor whose reference network has the middle latency.
 * (Values are ratios to the reference network, which this keeps.) Executors on one machine, or
 * tasks in one executor, would disturb each other: let each machine have one executor with one
 * core.
 *
 * @since 0.1.0
 */
public final class SparkProfile {

  private SparkProfile() {}

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(
      JavaSparkContext context, RemoteFactory<? extends SearchSpace, ? extends Device> factory) {
    return new Builder(context, factory);
  }

  /**
   * Settings of a measuring run.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final JavaSparkContext context;
    private final RemoteFactory<? extends SearchSpace, ? extends Device> factory;
    private int count = 60;
    private long seed = 1;
    private List<Path> files = List.of();
    private final List<ClusterListener> listeners = new ArrayList<>();

    private Builder(
        JavaSparkContext context, RemoteFactory<? extends SearchSpace, ? extends Device> factory) {
      this.context = context;
      this.factory = factory;
    }

    /**
     * How many architectures; spaces that hold fewer are measured whole. Default 60.
     *
     * @throws IllegalArgumentException if below 3
     */
    @CanIgnoreReturnValue
    public Builder samples(int value) {
      checkArgument(value >= 3, "A profile needs at least 3 samples, not %s.", value);
      count = value;
      return this;
    }

    /** Decides which architectures are measured, in which order, and their weights. Default 1. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Files for the factory to be broadcast, and folders with all that is in them. Default none.
     */
    @CanIgnoreReturnValue
    public Builder files(Path... value) {
      files = List.of(value);
      return this;
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public Builder listener(ClusterListener value) {
      listeners.add(value);
      return this;
    }

    /**
     * Measures, as many at the same time as executors have cores.
     *
     * @return samples in the order of {@link Profile#architectures}
     * @throws IllegalArgumentException if two files have the same name
     * @throws java.io.UncheckedIOException if a file cannot be read here
     * @throws org.lightnas.NasException if executors are different devices, naming two; if a device
     *     throws, with what it said; or Spark gives up
     * @throws org.lightnas.InterruptedRunException if this thread is interrupted; tasks are stopped
     */
    public Profile measure() {
      SearchSpace space = factory.space();
      List<Architecture> architectures = Profile.architectures(space, count, seed);
      try (Cluster<Device> cluster = new Cluster<>(context, factory, files, "measure", listeners)) {
        Question<Device> question = question(seed);
        List<Cluster.Pending> asked = new ArrayList<>();
        List<Remeasured> measured = new ArrayList<>();
        try {
          architectures.forEach(a -> asked.add(cluster.ask(a, question)));
          for (Cluster.Pending pending : asked) {
            measured.add(Remeasured.of(cluster.await(pending)));
          }
        } finally {
          asked.forEach(Cluster.Pending::cancel);
        }
        return Remeasured.profile(space, architectures, measured);
      }
    }

    /** Sends the seed only, not this builder. */
    private static Question<Device> question(long seed) {
      return (space, device, json) ->
          Remeasured.toText(
              device.fingerprint(), device.measure((SearchSpace) space, space.read(json), seed));
    }
  }
}
