package org.lightnas.search.spark;

import java.io.IOException;
import java.lang.ref.Reference;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task. What our code or the user's throws is an answer, too: Spark would ask three times more,
 * and it would be the same. Spark asks again where an executor is lost.
 */
final class Ask<T> implements Function<String, String> {

  private static final long serialVersionUID = 1L;

  private static final Logger log = LoggerFactory.getLogger(Ask.class);

  private final Broadcast<Workshop<T>> workshop;
  private final Broadcast<Map<String, byte[]>> files;
  private final RemoteFactory<?, ? extends T> factory;
  private final Question<T> question;

  Ask(
      Broadcast<Workshop<T>> workshop,
      Broadcast<Map<String, byte[]>> files,
      RemoteFactory<?, ? extends T> factory,
      Question<T> question) {
    this.workshop = workshop;
    this.files = files;
    this.factory = factory;
    this.question = question;
  }

  @Override
  public String call(String asked) throws IOException {
    long start = System.nanoTime();
    TaskContext task = TaskContext.get();
    Workshop<T> here = workshop.value();
    boolean well = true;
    String text;
    try {
      Workshop.Tool<T> tool = here.tool(factory, files);
      text = question.answer(tool.space(), tool.made(), asked);
    } catch (IOException | RuntimeException | LinkageError e) {
      if (task.isInterrupted()) {
        throw e;
      }
      log.warn("Could not answer for {}", asked, e);
      well = false;
      text = Reply.failure(e);
    } finally {
      // Otherwise its native memory could be freed while it computes.
      Reference.reachabilityFence(here);
    }
    SparkEnv env = SparkEnv.get();
    return new Reply(
            env.executorId(),
            env.blockManager().blockManagerId().host(),
            task.attemptNumber() + 1,
            System.nanoTime() - start,
            well,
            text)
        .toText();
  }
}
