package org.lightnas.search.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Scores architectures on the executors of a Spark application: each has an evaluator of its own,
 * made once by a {@link RemoteFactory}. Scores are those of the same evaluator here, bit for bit
 * where processors are of one kind and run as many native threads.
 *
 * <p>As many are scored at the same time as threads ask: give a searcher as many threads as there
 * are executors, and {@code atOnce} at least as many; the threads only wait. Where an executor is
 * lost, another is asked, up to {@code spark.task.maxFailures} times, and the score counts once.
 * What the evaluator itself throws is not tried again.
 *
 * <p>Close it when the search is over, before the context; the context stays the caller's.
 *
 * @since 0.1.0
 */
public final class SparkEvaluator implements Evaluator, AutoCloseable {

  private final ChoiceSpace space;
  private final Cluster<Evaluator> cluster;
  private final String name;
  private final Map<String, String> settings;

  private SparkEvaluator(Builder builder) {
    space = builder.factory.space();
    cluster =
        new Cluster<>(builder.context, builder.factory, builder.files, "score", builder.listeners);
    try {
      // So whatever executors lack is known before a search begins.
      name = cluster.first((there, evaluator, nothing) -> evaluator.name());
      settings = settings(cluster.first((there, evaluator, nothing) -> text(evaluator)));
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private static String text(Evaluator evaluator) {
    return new ObjectMapper().valueToTree(evaluator.settings()).toString();
  }

  private static Map<String, String> settings(String text) {
    try {
      return Collections.unmodifiableMap(
          new ObjectMapper()
              .readValue(text, new TypeReference<LinkedHashMap<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an executor's settings are no JSON: " + text, e);
    }
  }

  /**
   * Asks an executor to make its evaluator, and what its scores are.
   *
   * @param files to be broadcast, and folders with all that is in them: images, weights
   * @throws IllegalArgumentException if two files have the same name
   * @throws java.io.UncheckedIOException if a file cannot be read here
   * @throws org.lightnas.NasException if the executor cannot make its evaluator, with its message
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   */
  public static SparkEvaluator of(
      JavaSparkContext context, RemoteFactory<?, ? extends Evaluator> factory, Path... files) {
    return builder(context, factory).files(files).build();
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(
      JavaSparkContext context, RemoteFactory<?, ? extends Evaluator> factory) {
    return new Builder(context, factory);
  }

  /** What the executors' evaluators call their scores. */
  @Override
  public String name() {
    return name;
  }

  /** Those of the executors' evaluators. */
  @Override
  public Map<String, String> settings() {
    return settings;
  }

  /**
   * The score that an executor's evaluator gives.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   * @throws IllegalStateException if this is closed
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted; the task is stopped
   * @throws org.lightnas.NasException if the evaluator throws, with what it said, or Spark gives up
   */
  @Override
  public double score(Architecture architecture) {
    architecture.requireSpace(space);
    Cluster.Pending asked =
        cluster.ask(
            architecture,
            (there, evaluator, json) -> Double.toString(evaluator.score(there.read(json))));
    return Double.parseDouble(cluster.await(asked).text());
  }

  /** Lets executors forget their evaluators. Closing twice is fine. */
  @Override
  public void close() {
    cluster.close();
  }

  /**
   * Settings of a {@link SparkEvaluator}.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final JavaSparkContext context;
    private final RemoteFactory<?, ? extends Evaluator> factory;
    private List<Path> files = List.of();
    private final List<ClusterListener> listeners = new ArrayList<>();

    private Builder(JavaSparkContext context, RemoteFactory<?, ? extends Evaluator> factory) {
      this.context = context;
      this.factory = factory;
    }

    /**
     * Files to be broadcast, and folders with all that is in them; together in this JVM's memory
     * until closed. Default none.
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
     * As {@link SparkEvaluator#of}.
     *
     * @throws IllegalArgumentException if two files have the same name
     * @throws java.io.UncheckedIOException if a file cannot be read here
     * @throws org.lightnas.NasException if an executor cannot make its evaluator
     * @throws org.lightnas.InterruptedRunException if this thread is interrupted
     */
    public SparkEvaluator build() {
      return new SparkEvaluator(this);
    }
  }
}
