package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.lightnas.NasException;
import org.lightnas.graph.Node;
import org.lightnas.internal.OtherJvm;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class KernelChoiceTest {

  private final @Nullable String before = System.getProperty(KernelChoice.PROPERTY);

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(KernelChoice.PROPERTY);
    } else {
      System.setProperty(KernelChoice.PROPERTY, before);
    }
  }

  private static String chosen(String wish) {
    System.setProperty(KernelChoice.PROPERTY, wish);
    try (Engine engine = Engine.create()) {
      return engine.kernels();
    }
  }

  @Test
  void oneDnnRunsByDefaultAndThePropertyForcesEither() {
    assertThat(chosen("auto")).startsWith("oneDNN 2.5");
    assertThat(chosen("onednn")).startsWith("oneDNN 2.5");
    assertThat(chosen("nd4j")).startsWith("nd4j");
  }

  @Test
  void unknownKernelsAreRefused() {
    assertThatThrownBy(() -> chosen("cuda"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "System property lightnas.kernels is 'cuda', which names no kernels.\n"
                + "Maybe set it to onednn, nd4j or auto.");
  }

  /** Whose convolutions find nothing but zeros. */
  @Test
  void kernelsThatComputeWrongAreNotUsed() {
    assertThat(KernelChoice.problem(OneDnnKernels::new)).isNull();
    assertThat(
            KernelChoice.problem(
                () ->
                    new OneDnnKernels() {
                      @Override
                      public Kernel convolution(
                          Node.Convolution node,
                          Slot x,
                          Slot y,
                          Weight kernel,
                          @Nullable Weight bias) {
                        Kernel right = super.convolution(node, x, y, kernel, bias);
                        return new Kernel() {
                          @Override
                          public void forward(Pass pass) {
                            right.forward(pass);
                            y.value().putScalar(3, y.value().getDouble(3) + 1e-3);
                          }

                          @Override
                          public void backward() {
                            right.backward();
                          }
                        };
                      }
                    }))
        .startsWith("its self-test convolution is off by ");
    assertThat(
            KernelChoice.problem(
                () -> {
                  throw new NasException("no engine");
                }))
        .isEqualTo("oneDNN does not start here (no engine)");
    assertThat(
            KernelChoice.problem(
                () -> {
                  throw new UnsatisfiedLinkError("no jnidnnl");
                }))
        .isEqualTo("oneDNN does not start here (no jnidnnl)");
  }

  /** Prints what runs; with an argument, first asks for those kernels. */
  static final class Ask {
    private Ask() {}

    public static void main(String[] args) {
      if (args.length > 0) {
        System.setProperty(KernelChoice.PROPERTY, args[0]);
      }
      try (Engine engine = Engine.create()) {
        System.out.println(engine.kernels());
      } catch (NasException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static List<String> ask(Predicate<Path> left, String... arguments) throws Exception {
    return OtherJvm.run(OtherJvm.classPath(left.negate()), Ask.class.getName(), arguments);
  }

  private static boolean isDnnl(Path entry) {
    return entry.getFileName().toString().startsWith("dnnl-");
  }

  private static boolean isNative(Path entry) {
    return isDnnl(entry) && entry.getFileName().toString().contains("linux-x86_64");
  }

  @Test
  @Tag("slow")
  void withoutTheDependencyNd4jRuns() throws Exception {
    assertThat(ask(KernelChoiceTest::isDnnl)).last().asString().startsWith("nd4j");
    assertThat(ask(KernelChoiceTest::isDnnl, "onednn"))
        .containsExactly(
            "System property lightnas.kernels asks for oneDNN, but org.bytedeco:dnnl is not on the"
                + " class path.",
            "Maybe leave the property out, so that ND4J's kernels are taken.");
  }

  @Test
  @Tag("slow")
  void withoutTheNativesOfThisPlatformNd4jRuns() throws Exception {
    assertThat(ask(KernelChoiceTest::isNative)).last().asString().startsWith("nd4j");
  }
}
