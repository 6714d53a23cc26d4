package org.lightnas.search.spark;

import java.io.IOException;
import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.ChoiceSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where an executor keeps what it works with. Broadcast: Spark reads a broadcast value once in each
 * executor and gives the same object to all tasks there, so what is made in it is made once. It
 * travels empty, as spark.serializer may be one that cannot write the user's factory. The files are
 * a broadcast of their own, which Spark may move to the disk without taking this object with it.
 */
final class Workshop<T> implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final Logger log = LoggerFactory.getLogger(Workshop.class);

  /** Spark does not say when a value is dropped; the garbage collector does. */
  private static final Cleaner CLEANER = Cleaner.create();

  private transient @Nullable Tool<T> tool;

  /** What was made, and for which space. */
  record Tool<T>(ChoiceSpace space, T made) {}

  /** What this executor works with; it is made when it is first asked for. */
  synchronized Tool<T> tool(
      RemoteFactory<?, ? extends T> factory, Broadcast<Map<String, byte[]>> files)
      throws IOException {
    Tool<T> known = tool;
    if (known == null) {
      Path folder = Cargo.unload(files.value());
      try {
        known = new Tool<>(factory.space(), factory.create(folder));
      } finally {
        Cargo.delete(folder);
      }
      tool = known;
      if (known.made instanceof AutoCloseable owner) {
        CLEANER.register(this, () -> close(owner));
      }
    }
    return known;
  }

  private static void close(AutoCloseable owner) {
    try {
      owner.close();
    } catch (Exception e) {
      log.warn("{} could not be closed", owner, e);
    }
  }
}
