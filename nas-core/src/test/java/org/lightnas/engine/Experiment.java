package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One operation with the values it is given, which any provider of kernels can be made to run. It
 * runs in a memory where every map starts at an odd place between canaries and whatever has to be
 * written holds NaN before.
 *
 * @param node what {@link Kernels#kept} is asked about
 * @param inputs what is read; all maps of one batch
 * @param output its values are the gradient that arrives
 * @param weights values of the node's parameters, by key
 * @param binding makes the kernel
 */
record Experiment(
    Node node, List<Given> inputs, Given output, Map<String, double[]> weights, Binding binding) {

  /** Odd, so that maps of all sizes start where no vector register would like it. */
  private static final int GAP = 41;

  /** A map; {@code constant}: its gradient is not wanted. */
  record Given(boolean constant, long[] shape, double[] values) {
    int length() {
      return values.length;
    }

    Given absolute() {
      return new Given(constant, shape, magnitudes(values));
    }
  }

  /** How a provider makes the kernel. */
  @FunctionalInterface
  interface Binding {
    Kernel bind(
        Kernels kernels,
        List<Slot> xs,
        Slot y,
        Function<String, @Nullable Weight> weights,
        Area kept);
  }

  /** The same with all values positive: the sizes of what a multilinear operation sums up. */
  Experiment absolute() {
    Map<String, double[]> positive = new LinkedHashMap<>();
    weights.forEach((key, values) -> positive.put(key, magnitudes(values)));
    List<Given> all = inputs.stream().map(Given::absolute).toList();
    return new Experiment(node, all, output.absolute(), positive, binding);
  }

  private static double[] magnitudes(double[] values) {
    return Arrays.stream(values).map(Math::abs).toArray();
  }

  /**
   * Results by name: the output after each pass ("y0", "y1", …), after the last one the gradients
   * ("dx0", …, "dW") and all weights that are not trained. Checks on the way that nothing else is
   * written and that a second run of the last pass gives the same bits.
   *
   * @param training false: no gradients at all, as in a plan for inference
   */
  Map<String, double[]> run(Kernels kernels, DataType type, boolean training, List<Pass> passes) {
    Pass last = passes.get(passes.size() - 1);
    Pass again = new Pass(last.training(), 1, last.seed());
    try (Bench bench = new Bench(kernels, type, training)) {
      Map<String, double[]> results = new LinkedHashMap<>();
      for (int i = 0; i < passes.size(); i++) {
        bench.kernel.forward(passes.get(i));
        results.put("y" + i, Host.read(bench.y.value()));
      }
      if (training) {
        bench.kernel.backward();
      }
      Map<String, double[]> rest = bench.results();
      results.putAll(rest);
      bench.assertNothingElseTouched();
      bench.kernel.forward(again);
      double[] y = Host.read(bench.y.value());
      assertThat(y).as("y of a second run").isEqualTo(results.get("y" + (passes.size() - 1)));
      if (training) {
        bench.kernel.backward();
        bench.results().forEach((n, v) -> assertThat(v).as("second " + n).isEqualTo(rest.get(n)));
      }
      return results;
    }
  }

  /** The operation in memory. */
  private final class Bench implements AutoCloseable {
    final INDArray memory;
    final double[] before;
    final boolean[] writable;
    final List<Slot> xs = new ArrayList<>();
    final Slot y;
    final Map<String, Weight> tensors = new LinkedHashMap<>();
    final boolean training;
    final Kernel kernel;
    private int end = GAP;

    Bench(Kernels kernels, DataType type, boolean training) {
      this.training = training;
      int batch = (int) output.shape()[0];
      // Behind a batch norm ReLU6 keeps the most.
      int kept = (int) kernels.kept(node, Activation.RELU6, batch);
      int total = 2 * output.length() + kept + 4 * GAP;
      for (Given input : inputs) {
        total += 2 * (input.length() + GAP);
      }
      total += 2 * (inputs.size() + 4);
      memory = Nd4j.create(type, total);
      before = new double[total];
      writable = new boolean[total];
      for (int i = 0; i < total; i++) {
        before[i] = 1000 + i % 7;
      }
      for (Given input : inputs) {
        Area map = area(input.values(), input.shape());
        boolean constant = !training || input.constant();
        xs.add(constant ? Slot.constant(map) : new Slot(map, area(null, input.shape())));
      }
      Area map = area(null, output.shape());
      y = training ? new Slot(map, area(output.values(), output.shape())) : Slot.constant(map);
      Area keptArea = area(null, kept);
      Host.write(memory, before);
      for (Parameter parameter : node.parameters()) {
        String key = parameter.name().substring(parameter.name().indexOf('/') + 1);
        Weight weight = new Weight(parameter, Nd4j.create(type, parameter.dimensions()));
        Host.write(weight.value(), weights.get(key));
        if (parameter.trained()) {
          weight.gradient().assign(Double.NaN);
        }
        tensors.put(key, weight);
      }
      kernel = binding.bind(kernels, xs, y, tensors::get, keptArea);
    }

    /** The next place in the memory; {@code values} null: to be written by the kernel. */
    private Area area(double @Nullable [] values, long... shape) {
      int offset = end | 1;
      int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      if (values == null) {
        Arrays.fill(before, offset, offset + length, Double.NaN);
        Arrays.fill(writable, offset, offset + length, true);
      } else {
        System.arraycopy(values, 0, before, offset, length);
      }
      end = offset + length + GAP;
      return new Area(memory, offset, shape);
    }

    /** The gradients, and the statistics. */
    Map<String, double[]> results() {
      Map<String, double[]> results = new LinkedHashMap<>();
      for (int k = 0; k < xs.size(); k++) {
        if (xs.get(k).differentiated()) {
          results.put("dx" + k, Host.read(xs.get(k).gradient()));
        }
      }
      tensors.forEach(
          (key, weight) -> {
            if (!weight.parameter().trained()) {
              results.put(key, Host.read(weight.value()));
            } else if (training) {
              results.put("d" + key, Host.read(weight.gradient()));
            }
          });
      return results;
    }

    void assertNothingElseTouched() {
      double[] now = Host.read(memory);
      for (int i = 0; i < now.length; i++) {
        if (!writable[i] && now[i] != before[i]) {
          assertThat(now[i])
              .as("element %s of %s, which is not the kernel's to write", i, now.length)
              .isEqualTo(before[i]);
        }
      }
      tensors.forEach(
          (key, weight) -> {
            if (weight.parameter().trained()) {
              assertThat(Host.read(weight.value())).as(key).isEqualTo(weights.get(key));
            }
          });
    }

    @Override
    public void close() {
      tensors.values().forEach(Weight::close);
      memory.close();
    }
  }

  /**
   * Compares element by element.
   *
   * @param size for every element the sum of the magnitudes of what it was summed up from, by which
   *     its rounding is measured; a thousandth of the largest counts everywhere, because fast
   *     algorithms share terms between neighbours
   */
  static void assertClose(
      String what, double[] actual, double[] expected, double[] size, double tolerance) {
    double floor = 1e-3 * Arrays.stream(size).max().orElse(0) + 1e-30;
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]) / (size[i] + floor);
      boolean bothUnwritten = Double.isNaN(actual[i]) && Double.isNaN(expected[i]);
      if (!(error <= tolerance) && !bothUnwritten) {
        throw new AssertionError(
            what
                + "["
                + i
                + "] of "
                + expected.length
                + " is "
                + actual[i]
                + ", not "
                + expected[i]
                + ": off by "
                + error
                + " of its terms, more than "
                + tolerance);
      }
    }
  }
}
