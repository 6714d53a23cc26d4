package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.metric.Cost;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

class BackendsTest {

  @Test
  void findsTheBackendOfTheTests() {
    assertThatCode(Backends::require).doesNotThrowAnyException();
  }

  @Test
  void tellsAnAbsentBackendFromOneThatDoesNotStart() {
    String absent =
        "No ND4J backend on the class path, so networks cannot be built.\n"
            + "Maybe add org.nd4j:nd4j-native-platform (CPU).";
    assertThat(
            Backends.explain(
                new ExceptionInInitializerError(new NoAvailableBackendException("none"))))
        .isEqualTo(absent);
    // What the JVM says at the second touch.
    assertThat(
            Backends.explain(
                new NoClassDefFoundError(
                    "Could not initialize class org.nd4j.linalg.factory.Nd4j: "
                        + NoAvailableBackendException.class.getName())))
        .isEqualTo(absent);
    assertThat(
            Backends.explain(
                new ExceptionInInitializerError(new UnsatisfiedLinkError("no jnind4jcpu"))))
        .isEqualTo(
            "The ND4J backend on the class path does not start, so networks cannot be built: no"
                + " jnind4jcpu\nMaybe add org.nd4j:nd4j-native with the classifier of this"
                + " platform, or org.nd4j:nd4j-native-platform with all of them.");
  }

  @Test
  void usesTheCoresThatAreOurs() {
    assertThat(Backends.threads(null, 8, 16)).isEqualTo(8);
    assertThat(Backends.threads(null, 8, 2)).isEqualTo(2);
    assertThat(Backends.threads("3", 8, 2)).isEqualTo(3);
    assertThat(Backends.threads(" 4,2", 8, 16)).isEqualTo(4);
    assertThat(Backends.threads("0", 8, 16)).isEqualTo(8);
    assertThat(Backends.threads("all", 8, 16)).isEqualTo(8);
  }

  @Test
  void everyThreadUsesAsMany() throws InterruptedException {
    NativeOps operations = NativeOpsHolder.getInstance().getDeviceNativeOps();
    List<Integer> seen = new ArrayList<>();
    Thread other =
        new Thread(
            () -> {
              operations.setOmpNumThreads(Backends.threads() + 1);
              seen.add(operations.ompGetMaxThreads());
              Backends.useThreads();
              seen.add(operations.ompGetMaxThreads());
            });
    other.start();
    other.join();
    assertThat(seen).containsExactly(Backends.threads() + 1, Backends.threads());
  }

  /** What must work on a machine that only plans networks, and what must fail there with words. */
  static final class WithoutBackend {

    private WithoutBackend() {}

    public static void main(String[] arguments) {
      if (arguments.length > 0) {
        try {
          System.out.println(Nd4j.getBackend());
        } catch (ExceptionInInitializerError e) {
          System.out.println("Nd4j was touched before");
        }
      }
      LayeredSpace space = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);
      var architecture = space.read(space.architecture(0, 1, 3, 1, 3, 5).toJson());
      System.out.println(space.toConfiguration(architecture).getVertices().size() + " vertices");
      System.out.println(Cost.of(architecture).macs() + " MACs");
      for (Runnable needy :
          List.<Runnable>of(
              Backends::require, Backends::require, () -> space.network(architecture, 1))) {
        try {
          needy.run();
          System.out.println("nothing thrown");
        } catch (NasException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  @Test
  @Tag("slow")
  void spacesAndCostsNeedNoBackendAndNetworksSayThatTheyDo() throws Exception {
    List<Path> classPath = OtherJvm.classPath(entry -> !OtherJvm.isBackend(entry));
    assertThat(classPath).hasSizeLessThan(OtherJvm.classPath(entry -> true).size());
    String missing = "No ND4J backend on the class path, so networks cannot be built.";
    String remedy = "Maybe add org.nd4j:nd4j-native-platform (CPU).";
    assertThat(OtherJvm.run(classPath, WithoutBackend.class.getName()))
        .containsExactly(
            "60 vertices", "11540736 MACs", missing, remedy, missing, remedy, missing, remedy);
  }

  @Test
  @Tag("slow")
  void theWordsAreTheSameIfSomebodyElseTouchedNd4jFirst() throws Exception {
    List<Path> classPath = OtherJvm.classPath(entry -> !OtherJvm.isBackend(entry));
    assertThat(OtherJvm.run(classPath, WithoutBackend.class.getName(), "touch"))
        .startsWith("Nd4j was touched before", "60 vertices")
        .endsWith(
            "No ND4J backend on the class path, so networks cannot be built.",
            "Maybe add org.nd4j:nd4j-native-platform (CPU).");
  }
}
