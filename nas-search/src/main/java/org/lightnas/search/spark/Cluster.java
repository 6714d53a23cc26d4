package org.lightnas.search.spark;

import static com.google.common.base.Preconditions.checkState;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.Progress;
import org.lightnas.internal.Listeners;
import org.lightnas.space.Architecture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executors of a Spark application, each with its tool. Every question is a job of one task, so
 * its answer comes once, whatever Spark did to get it; jobs run side by side. Thread-safe.
 */
final class Cluster<T> implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  private static final String DESCRIPTION = "spark.job.description";
  private static final String INTERRUPTS = "spark.job.interruptOnCancel";

  private final JavaSparkContext context;
  private final Broadcast<Workshop<T>> workshop;
  private final Broadcast<Map<String, byte[]>> files;
  private final RemoteFactory<?, ? extends T> factory;
  private final String verb;
  private final List<ClusterListener> listeners;
  private final long start = System.nanoTime();
  private long asked;
  private long answered;
  private boolean closed;

  /**
   * A question on its way.
   *
   * @param label what executors are to do, for messages and Spark's pages
   * @param architecture what about; null for the first question, of which nobody hears
   */
  record Pending(
      String label, @Nullable Architecture architecture, JavaFutureAction<List<String>> action) {

    /** Ends it, wherever it is; nothing if it has ended. */
    void cancel() {
      action.cancel(true);
    }
  }

  Cluster(
      JavaSparkContext context,
      RemoteFactory<?, ? extends T> factory,
      List<Path> paths,
      String verb,
      List<ClusterListener> listeners) {
    this.context = context;
    this.factory = factory;
    this.verb = verb;
    this.listeners = List.copyOf(listeners);
    this.files = context.broadcast(Cargo.load(paths));
    this.workshop = context.broadcast(new Workshop<>());
  }

  /** Asks something that is not about an architecture, and waits. As {@link #await}. */
  String first(Question<T> question) {
    return await(submit("begin", null, "", question)).text();
  }

  /**
   * Asks without waiting.
   *
   * @throws IllegalStateException if this is closed, or the context stopped
   */
  Pending ask(Architecture architecture, Question<T> question) {
    synchronized (this) {
      checkState(
          !closed, "What executors worked with was closed.\nMaybe close it after the search.");
      asked++;
    }
    String label = verb + " " + architecture.id();
    return submit(label, architecture, architecture.toJson(), question);
  }

  private Pending submit(
      String label, @Nullable Architecture architecture, String text, Question<T> question) {
    String description = context.getLocalProperty(DESCRIPTION);
    String interrupts = context.getLocalProperty(INTERRUPTS);
    try {
      context.setLocalProperty(DESCRIPTION, label);
      context.setLocalProperty(INTERRUPTS, "true");
      return new Pending(
          label,
          architecture,
          context
              .parallelize(List.of(text), 1)
              .map(new Ask<>(workshop, files, factory, question))
              .collectAsync());
    } catch (Exception e) {
      // Scala declares no exceptions.
      if (e instanceof SparkException) {
        throw new NasException(
            "The factory "
                + factory
                + " cannot be sent to executors: "
                + e.getCause()
                + "\nMaybe make it a record of numbers and texts.",
            e);
      }
      throw e;
    } finally {
      context.setLocalProperty(DESCRIPTION, description);
      context.setLocalProperty(INTERRUPTS, interrupts);
    }
  }

  /**
   * Waits for the answer.
   *
   * @throws InterruptedRunException if this thread is interrupted; then the question is dropped
   * @throws NasException if it cannot be answered
   */
  Reply await(Pending pending) {
    Reply reply;
    try {
      reply = Reply.of(pending.action.get().get(0));
    } catch (InterruptedException e) {
      pending.cancel();
      Thread.currentThread().interrupt();
      throw new InterruptedRunException(
          "Interrupted while an executor was to " + pending.label + ".");
    } catch (ExecutionException | CancellationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new NasException(
          "No executor could "
              + pending.label
              + ": "
              + cause.getMessage()
              + "\nMaybe the executors' logs say more; one that is killed may need more memory beside"
              + " its heap (spark.executor.memoryOverhead).",
          e);
    }
    if (!reply.well()) {
      throw new NasException(
          "Executor "
              + reply.executor()
              + " on "
              + reply.host()
              + " could not "
              + pending.label
              + ": "
              + reply.text());
    }
    if (pending.architecture != null) {
      tell(pending.architecture, reply);
    }
    return reply;
  }

  private synchronized void tell(Architecture architecture, Reply reply) {
    answered++;
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    Progress progress = new Progress(verb, answered, asked, elapsed);
    ClusterListener.Answer answer =
        new ClusterListener.Answer(
            architecture,
            reply.executor(),
            reply.host(),
            reply.attempts(),
            Duration.ofNanos(reply.nanos()));
    Listeners.tell(listeners, l -> l.onAnswer(progress, answer), log);
  }

  /** Lets executors forget what they work with. Closing twice is fine. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      workshop.destroy();
      files.destroy();
    }
  }
}
