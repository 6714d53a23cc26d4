package org.lightnas.engine;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which kernels an engine runs on: oneDNN's where its natives load, ND4J computes in the host's
 * memory, and a convolution comes out right; ND4J's otherwise. The system property {@value
 * #PROPERTY} forces one: {@code onednn} or {@code nd4j}; {@code auto} is the default.
 */
final class KernelChoice {

  static final String PROPERTY = "lightnas.kernels";

  /** Sums of 144 products up to 0.01, in another order. */
  private static final double TOLERANCE = 1e-5;

  private static final Logger log = LoggerFactory.getLogger(KernelChoice.class);

  private KernelChoice() {}

  /** Kernels by the property's present value. */
  static Kernels kernels() {
    String wish = System.getProperty(PROPERTY, "auto");
    return switch (wish.toLowerCase(Locale.ROOT)) {
      case "nd4j" -> new Nd4jKernels();
      case "onednn" -> {
        if (Probe.PROBLEM != null) {
          throw new NasException(
              "System property "
                  + PROPERTY
                  + " asks for oneDNN, but "
                  + Probe.PROBLEM
                  + ".\nMaybe leave the property out, so that ND4J's kernels are taken.");
        }
        yield new OneDnnKernels();
      }
      case "auto" -> Probe.PROBLEM == null ? new OneDnnKernels() : new Nd4jKernels();
      default ->
          throw new IllegalArgumentException(
              "System property "
                  + PROPERTY
                  + " is '"
                  + wish
                  + "', which names no kernels.\nMaybe set it to onednn, nd4j or auto.");
    };
  }

  /** Runs once, at the first question. */
  private static final class Probe {

    /** Why oneDNN is not used; null if it is. */
    static final @Nullable String PROBLEM =
        Nd4j.getEnvironment().isCPU()
            // Not a method reference: that would load the class here, where nobody catches.
            ? problem(() -> new OneDnnKernels())
            : reject("ND4J's arrays are not in the host's memory", null);
  }

  /** Tries kernels, says in the log what was found, and returns why not to use them, if so. */
  static @Nullable String problem(Supplier<? extends Kernels> make) {
    try (Kernels kernels = make.get()) {
      double error = selfTest(kernels);
      if (error > TOLERANCE) {
        return reject(
            "its self-test convolution is off by " + error, new NasException("self-test"));
      }
      log.info("Kernels: {}", kernels.name());
      return null;
    } catch (NoClassDefFoundError e) {
      log.debug("oneDNN is not there", e);
      return reject("org.bytedeco:dnnl is not on the class path", null);
    } catch (LinkageError | NasException e) {
      return reject("oneDNN does not start here (" + e.getMessage() + ")", e);
    }
  }

  /** What nobody chose is a warning. */
  private static String reject(String problem, @Nullable Throwable surprise) {
    String text = "Kernels: ND4J's, several times slower than oneDNN's, because {}";
    if (surprise == null) {
      log.info(text, problem);
    } else {
      log.warn(text, problem, surprise);
    }
    return problem;
  }

  /** The largest error of a small convolution, against the definition. */
  private static double selfTest(Kernels kernels) {
    int size = 6;
    int in = 16;
    int out = 5;
    RandomGenerator random = Seeds.random(1, "self-test", 0);
    float[] x = new float[size * size * in];
    float[] w = new float[9 * in * out];
    fill(x, random);
    fill(w, random);
    FeatureShape from = new FeatureShape(in, size, size);
    FeatureShape to = new FeatureShape(out, size, size);
    int[] ones = {1, 1};
    Window window = Window.symmetric(new int[] {3, 3}, ones, ones, ones);
    Node.Convolution node =
        new Node.Convolution(
            "self-test", List.of("x"), from, to, window, false, false, new WeightInitXavier(), 0);
    try (INDArray images = array(x, 1, size, size, in);
        INDArray result = array(new float[size * size * out], 1, size, size, out)) {
      Weight kernel = new Weight(node.parameters().get(0), array(w, 3, 3, in, out));
      kernels
          .convolution(
              node, Slot.constant(Area.of(images)), Slot.constant(Area.of(result)), kernel, null)
          .forward(Pass.inference());
      double[] y = Host.read(result);
      kernel.close();
      double worst = 0;
      for (int i = 0; i < y.length; i++) {
        worst =
            Math.max(worst, Math.abs(y[i] - sum(x, w, i / out / size, i / out % size, i % out)));
      }
      return worst;
    }
  }

  private static INDArray array(float[] values, long... shape) {
    return Nd4j.create(values, shape, Nd4j.getStrides(shape, 'c'), 'c', DataType.FLOAT);
  }

  private static void fill(float[] values, RandomGenerator random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() / 10;
    }
  }

  /** One value of the convolution of the 6 x 6 x 16 map x with the 3 x 3 x 16 x 5 kernel w. */
  private static double sum(float[] x, float[] w, int row, int column, int out) {
    double sum = 0;
    for (int k = 0; k < 9; k++) {
      int r = row + k / 3 - 1;
      int c = column + k % 3 - 1;
      if (r >= 0 && r < 6 && c >= 0 && c < 6) {
        for (int i = 0; i < 16; i++) {
          sum += (double) x[(r * 6 + c) * 16 + i] * w[(k * 16 + i) * 5 + out];
        }
      }
    }
    return sum;
  }
}
