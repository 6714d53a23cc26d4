package org.lightnas.search.spark;

import com.google.common.base.Splitter;
import java.util.List;

/**
 * What a task sends back, as text: a line for each value, then the answer, which may have lines.
 *
 * @param attempts of this task, this one included
 * @param nanos it took
 * @param well whether the answer is one, and not a message of what went wrong
 */
record Reply(String executor, String host, int attempts, long nanos, boolean well, String text) {

  private static final int PARTS = 6;

  String toText() {
    return String.join(
        "\n",
        executor,
        host,
        Integer.toString(attempts),
        Long.toString(nanos),
        Boolean.toString(well),
        text);
  }

  static Reply of(String text) {
    List<String> parts = Splitter.on('\n').limit(PARTS).splitToList(text);
    return new Reply(
        parts.get(0),
        parts.get(1),
        Integer.parseInt(parts.get(2)),
        Long.parseLong(parts.get(3)),
        Boolean.parseBoolean(parts.get(4)),
        parts.get(5));
  }

  /** Says what went wrong, and what to do if the message does not. */
  static String failure(Throwable problem) {
    String said = problem.toString();
    if (problem instanceof LinkageError) {
      return said + "\nMaybe the executors lack a jar: name it in spark.jars.";
    }
    return said.contains("\nMaybe")
        ? said
        : said + "\nMaybe try the factory on this machine; the executor's log has the stack trace.";
  }
}
