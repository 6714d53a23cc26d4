package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class BackendsTest {

  private static final String ABSENT =
      "No ND4J backend on the class path, so networks cannot be built.\n"
          + "Maybe add org.nd4j:nd4j-native-platform (CPU).";

  @Test
  void isContentWhereThereIsOne() {
    assertThatCode(Backends::require).doesNotThrowAnyException();
  }

  @Test
  void saysTheSameAtEveryTouchWhereThereIsNone() throws Exception {
    try (URLClassLoader bare = classPathWithout(jar -> jar.startsWith("nd4j-native"))) {
      assertThat(require(bare)).hasMessage(ABSENT);
      assertThat(require(bare)).hasMessage(ABSENT);
    }
  }

  @Test
  void saysTheSameIfSomebodyElseTouchedNd4jBefore() throws Exception {
    try (URLClassLoader bare = classPathWithout(jar -> jar.startsWith("nd4j-native"))) {
      assertThatThrownBy(
              () -> within(bare, () -> Class.forName("org.nd4j.linalg.factory.Nd4j", true, bare)))
          .isInstanceOf(ExceptionInInitializerError.class)
          .hasStackTraceContaining("NoAvailableBackendException");
      assertThat(require(bare)).hasMessage(ABSENT);
    }
  }

  @Test
  void explainsABackendThatDoesNotStart() {
    assertThat(
            Backends.explain(
                new ExceptionInInitializerError(new UnsatisfiedLinkError("no jnind4jcpu"))))
        .isEqualTo(
            "The ND4J backend on the class path does not start, so networks cannot be built:"
                + " no jnind4jcpu\n"
                + "Maybe add org.nd4j:nd4j-native with the classifier of this platform, or"
                + " org.nd4j:nd4j-native-platform with all of them.");
  }

  private static Throwable require(ClassLoader loader) throws Exception {
    try {
      within(
          loader,
          () ->
              Class.forName(Backends.class.getName(), true, loader)
                  .getMethod("require")
                  .invoke(null));
      throw new AssertionError("A backend was found.");
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
  }

  /** ND4J looks for backends by the class loader of the thread. */
  private static void within(ClassLoader loader, Callable<?> act) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      act.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static URLClassLoader classPathWithout(Predicate<String> jar) throws Exception {
    List<URL> urls = new ArrayList<>();
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : path.split(File.pathSeparator)) {
      Path file = Path.of(entry);
      if (!jar.test(file.getFileName().toString())) {
        urls.add(file.toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
