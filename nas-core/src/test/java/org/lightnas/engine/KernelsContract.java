package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.data.Pixels;
import org.lightnas.engine.Experiment.Given;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.Window;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What every provider of kernels has to compute, on more than a thousand random shapes: the values
 * and all gradients of {@link ReferenceKernels}, in maps at odd places, writing nothing else, and
 * the same bits again in a second run.
 *
 * <p>Errors are measured by the sum of the magnitudes of what a result is summed up from, element
 * by element. float32 rounds each term and each partial sum to 6e-8; over the at most some thousand
 * terms here the worst of ND4J is 3e-7; oneDNN comes to 2e-6 where a mean is far from its spread.
 */
abstract class KernelsContract {

  private static final double TOLERANCE = 5e-6;

  private static final List<String> FROM = List.of("in");
  private static final List<Pass> INFERENCE = List.of(Pass.inference());

  private Kernels kernels;
  private Kernels reference;

  /** The provider under test, in float32; closed by this class. */
  abstract Kernels provider();

  /** Whether the provider has to run this; the reason for a no belongs into a comment there. */
  boolean runs(Node.Convolution node) {
    return true;
  }

  @BeforeProperty
  void open() {
    kernels = provider();
    reference = new ReferenceKernels(kernels.differentiatesImages());
  }

  @AfterProperty
  void close() {
    kernels.close();
  }

  /** A batch of maps. */
  record Maps(int batch, int height, int width, int channels) {
    long[] shape() {
      return new long[] {batch, height, width, channels};
    }

    FeatureShape feature() {
      return new FeatureShape(channels, height, width);
    }

    int length() {
      return batch * height * width * channels;
    }

    Maps withChannels(int other) {
      return new Maps(batch, height, width, other);
    }
  }

  /** A window and a map into which it fits. */
  record Windowed(Maps in, Window window) {
    Maps out() {
      return new Maps(
          in.batch(),
          window.outputHeight(in.height()),
          window.outputWidth(in.width()),
          in.channels());
    }
  }

  /** A convolution. */
  record Conv(Node.Convolution node, Maps in, boolean constantInput, long seed) {
    Maps out() {
      FeatureShape o = node.output();
      return new Maps(in.batch(), o.height(), o.width(), o.channels());
    }
  }

  private static Arbitrary<Integer> channels() {
    return Arbitraries.frequencyOf(
        Tuple.of(1, Arbitraries.of(1, 2, 3)),
        Tuple.of(3, Arbitraries.integers().between(1, 40)),
        Tuple.of(2, Arbitraries.of(16, 32, 48, 64)));
  }

  private static Arbitrary<Integer> batches() {
    return Arbitraries.integers().between(1, 5).withoutEdgeCases();
  }

  @Provide
  Arbitrary<Maps> maps() {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, 11).withoutEdgeCases();
    return Combinators.combine(batches(), sizes, sizes, channels()).as(Maps::new);
  }

  /** Windows of 1 to {@code largest}, square or not, padded in one of DL4J's two ways. */
  private static Arbitrary<Windowed> windowed(int largest, int largestDilation) {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, largest).withoutEdgeCases();
    Arbitrary<int[]> kernel =
        Combinators.combine(sizes, sizes, Arbitraries.of(true, true, false))
            .as((a, b, square) -> new int[] {a, square ? a : b});
    Arbitrary<int[]> strides =
        Arbitraries.of(1, 1, 2)
            .tuple2()
            .map(s -> s.get1() == 1 ? new int[] {1, 1} : new int[] {2, s.get2()});
    Arbitrary<Integer> dilations = Arbitraries.of(1, 1, 1, largestDilation);
    Arbitrary<Double> shares = Arbitraries.of(0.0, 0.5, 0.5, 1.0);
    Arbitrary<Integer> more = Arbitraries.integers().between(0, 9).withoutEdgeCases();
    return Combinators.combine(
            batches(), kernel, strides, dilations, shares, more.tuple2(), channels())
        .flatAs(
            (batch, k, s, d, share, extra, c) ->
                Arbitraries.of(true, false)
                    .map(same -> windowed(batch, k, s, d, share, extra, c, same)));
  }

  private static Windowed windowed(
      int batch,
      int[] kernel,
      int[] stride,
      int dilation,
      double share,
      Tuple.Tuple2<Integer, Integer> extra,
      int channels,
      boolean same) {
    int[] dilations = {dilation, dilation};
    int reachH = (kernel[0] - 1) * dilation;
    int reachW = (kernel[1] - 1) * dilation;
    if (same) {
      Maps in = new Maps(batch, 1 + extra.get1(), 1 + extra.get2(), channels);
      return new Windowed(in, Window.same(in.feature(), kernel, stride, dilations));
    }
    int[] padding = {(int) (share * reachH / dilation), (int) (share * reachW / dilation)};
    // From the smallest map into which the window fits.
    int height = Math.max(1, reachH + 1 - 2 * padding[0]) + extra.get1();
    int width = Math.max(1, reachW + 1 - 2 * padding[1]) + extra.get2();
    return new Windowed(
        new Maps(batch, height, width, channels),
        Window.symmetric(kernel, stride, padding, dilations));
  }

  @Provide
  Arbitrary<Conv> convolutions() {
    return convolutions(channels(), false);
  }

  @Provide
  Arbitrary<Conv> depthwiseConvolutions() {
    return convolutions(Arbitraries.of(1, 1, 2, 3), true);
  }

  /** {@code outputs}: output channels, or those per input channel. */
  private Arbitrary<Conv> convolutions(Arbitrary<Integer> outputs, boolean depthwise) {
    return Combinators.combine(
            windowed(7, 2),
            outputs,
            Arbitraries.of(true, false),
            Arbitraries.of(false, false, false, true),
            Arbitraries.longs().withoutEdgeCases())
        .as(
            (windowed, out, bias, constant, seed) -> {
              Maps in = windowed.in();
              int channels = depthwise ? in.channels() * out : out;
              Node.Convolution node =
                  new Node.Convolution(
                      "conv",
                      FROM,
                      in.feature(),
                      windowed.out().withChannels(channels).feature(),
                      windowed.window(),
                      depthwise,
                      bias,
                      new WeightInitXavier(),
                      0);
              return new Conv(node, in, constant, seed);
            })
        // What the reference can compute in some milliseconds.
        .filter(conv -> conv.in().batch() * conv.node().macs() < 1_500_000)
        .filter(conv -> runs(conv.node()));
  }

  @Property(tries = 350, edgeCases = EdgeCasesMode.NONE)
  void convolution(@ForAll("convolutions") Conv conv) {
    check(conv);
  }

  /**
   * A convolution that has taken over the padding of those behind it: at corners its window holds
   * padding alone.
   */
  @Provide
  Arbitrary<Conv> paddedFirst() {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, 11).withoutEdgeCases();
    return Combinators.combine(
            batches(),
            sizes.tuple2(),
            channels().tuple2(),
            Arbitraries.of(1, 1, 3),
            Arbitraries.integers().between(1, 2),
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs().withoutEdgeCases())
        .as(
            (batch, size, channels, kernel, stride, padding, seed) -> {
              int all = kernel / 2 + padding;
              Window window =
                  Window.symmetric(
                      new int[] {kernel, kernel},
                      new int[] {stride, stride},
                      new int[] {all, all},
                      new int[] {1, 1});
              FeatureShape in = new FeatureShape(channels.get1(), size.get1(), size.get2());
              return new Conv(
                  new Node.Convolution(
                      "conv",
                      FROM,
                      in,
                      window.over(in).withChannels(channels.get2()),
                      window,
                      false,
                      seed % 2 == 0,
                      new WeightInitXavier(),
                      0),
                  new Maps(batch, in.height(), in.width(), in.channels()),
                  false,
                  seed);
            })
        .filter(conv -> conv.in().batch() * conv.node().macs() < 1_500_000);
  }

  @Property(tries = 250, edgeCases = EdgeCasesMode.NONE)
  void convolutionPaddedFirst(@ForAll("paddedFirst") Conv conv) {
    check(conv);
  }

  @Property(tries = 250, edgeCases = EdgeCasesMode.NONE)
  void depthwiseConvolution(@ForAll("depthwiseConvolutions") Conv conv) {
    check(conv);
  }

  /** oneDNN itself is off by 0.3 % here, which random sizes rarely find. */
  @Example
  void aDilatedKernelThatSpansMoreThanTheMap() {
    Maps in = new Maps(3, 2, 7, 1);
    Window window =
        Window.symmetric(new int[] {5, 5}, new int[] {1, 1}, new int[] {4, 4}, new int[] {2, 2});
    Node.Convolution node =
        new Node.Convolution(
            "conv",
            FROM,
            in.feature(),
            new FeatureShape(64, 2, 7),
            window,
            false,
            false,
            new WeightInitXavier(),
            0);
    if (runs(node)) {
      check(new Conv(node, in, false, 1));
    }
  }

  @Provide
  Arbitrary<Conv> anyConvolutions() {
    return Arbitraries.oneOf(convolutions(), depthwiseConvolutions());
  }

  @Provide
  Arbitrary<Activation> rectifiers() {
    return Arbitraries.of(Activation.IDENTITY, Activation.RELU, Activation.RELU6);
  }

  /** Factors of one sign, so that a result is off by a share of what it is summed up from. */
  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void foldedConvolution(
      @ForAll("anyConvolutions") Conv conv,
      @ForAll("rectifiers") Activation function,
      @ForAll boolean normed,
      @ForAll boolean affine) {
    FeatureShape shape = conv.node().output();
    Node.BatchNorm norm =
        new Node.BatchNorm("norm", List.of("conv"), shape, 1e-3, 0.9, affine, 1.5, 0.5, false);
    Map<String, Weight> tensors = new LinkedHashMap<>();
    for (Parameter parameter : norm.parameters()) {
      String key = parameter.name().substring("norm/".length());
      Weight weight = new Weight(parameter, Nd4j.create(DataType.DOUBLE, shape.channels()));
      RandomGenerator random = Seeds.random(conv.seed(), key, 0);
      double sign = key.equals("mean") ? -1 : 1;
      Host.write(
          weight.value(),
          random.doubles(shape.channels(), 0.5, 2).map(v -> (float) (sign * v)).toArray());
      tensors.put(key, weight);
    }
    Norm folded = normed ? norm(norm, tensors::get) : null;
    Map<String, double[]> actual =
        inferred(conv, function, folded).run(kernels, DataType.FLOAT, false, INFERENCE);
    Map<String, double[]> expected =
        inferred(conv, function, folded).run(reference, DataType.DOUBLE, false, INFERENCE);
    Map<String, double[]> sizes =
        inferred(conv, Activation.IDENTITY, folded)
            .absolute()
            .run(reference, DataType.DOUBLE, false, INFERENCE);
    Experiment.assertClose("y", actual.get("y0"), expected.get("y0"), sizes.get("y0"), TOLERANCE);
    tensors.values().forEach(Weight::close);
  }

  private static Experiment inferred(Conv conv, Activation function, @Nullable Norm norm) {
    Node.Convolution node = conv.node();
    return experiment(
        node,
        conv.seed(),
        List.of(conv.in()),
        conv.out(),
        true,
        (k, xs, y, w, kept) ->
            k.folded(
                node,
                function,
                xs.get(0),
                y,
                FoldedWeights.of(node, w.apply("W"), w.apply("b"), norm)));
  }

  private void check(Conv conv) {
    Node.Convolution node = conv.node();
    Experiment experiment =
        experiment(
            node,
            conv.seed(),
            List.of(conv.in()),
            conv.out(),
            conv.constantInput() && !kernels.differentiatesImages(),
            (k, xs, y, w, kept) -> k.convolution(node, xs.get(0), y, w.apply("W"), w.apply("b")));
    checkSums(experiment, TOLERANCE);
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void dense(
      @ForAll("batch") int batch,
      @ForAll("width") int in,
      @ForAll("width") int out,
      @ForAll boolean bias,
      @ForAll long seed) {
    Node.Dense node =
        new Node.Dense("fc", FROM, in, FeatureShape.vector(out), bias, new WeightInitXavier(), 0);
    checkSums(
        experiment(
            node,
            seed,
            List.of(new Maps(batch, 1, 1, in)),
            new Maps(batch, 1, 1, out),
            false,
            (k, xs, y, w, kept) -> k.dense(xs.get(0), y, w.apply("W"), w.apply("b"))),
        TOLERANCE);
  }

  @Provide
  Arbitrary<Integer> batch() {
    return batches();
  }

  @Provide
  Arbitrary<Integer> width() {
    return Arbitraries.oneOf(channels(), Arbitraries.of(100, 128, 333));
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void sumsAndProducts(@ForAll("maps") Maps maps, @ForAll("count") int count, @ForAll long seed) {
    List<Maps> inputs = java.util.Collections.nCopies(count, maps);
    Node.Add add = new Node.Add("add", FROM, maps.feature());
    checkSums(
        experiment(add, seed, inputs, maps, false, (k, xs, y, w, kept) -> k.add(xs, y)), TOLERANCE);
    Node.Multiply product = new Node.Multiply("multiply", FROM, maps.feature());
    checkSums(
        experiment(product, seed, inputs, maps, false, (k, xs, y, w, kept) -> k.multiply(xs, y)),
        TOLERANCE);
    Node.Scale scale = new Node.Scale("scale", FROM, maps.feature(), 0.3);
    checkSums(
        experiment(
            scale,
            seed,
            List.of(maps),
            maps,
            false,
            (k, xs, y, w, kept) -> k.scale(0.3, xs.get(0), y)),
        TOLERANCE);
  }

  @Provide
  Arbitrary<Integer> count() {
    return Arbitraries.integers().between(1, 4);
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void images(@ForAll("maps") Maps maps, @ForAll long seed) {
    byte[] bytes = new byte[maps.length()];
    float[] floats = new float[maps.length()];
    Seeds.random(seed, "bytes", 0).nextBytes(bytes);
    for (int i = 0; i < floats.length; i++) {
      floats[i] = 3 * bytes[i] - 7f;
    }
    int gap = 41;
    try (INDArray memory = Nd4j.create(DataType.FLOAT, maps.length() + 2 * gap)) {
      memory.assign(Float.NaN);
      Area to = new Area(memory, gap, maps.shape());
      kernels.images(new Pixels.Floats(floats), to);
      assertThat(Host.read(to.array())).containsExactly(doubles(i -> floats[i], floats.length));
      kernels.images(new Pixels.Bytes(bytes), to);
      double[] unit = Host.read(to.array());
      // A rounding of 1 / 255, and one of the product.
      assertThat(unit)
          .containsExactly(doubles(i -> (bytes[i] & 0xFF) / 255.0, bytes.length), within(1.2e-7));
      kernels.images(new Pixels.Bytes(bytes), to);
      assertThat(Host.read(to.array())).as("again").containsExactly(unit);
      double[] all = Host.read(memory);
      assertThat(Arrays.copyOf(all, gap)).containsOnly(Double.NaN);
      assertThat(Arrays.copyOfRange(all, all.length - gap, all.length)).containsOnly(Double.NaN);
    }
  }

  private static double[] doubles(IntToDoubleFunction value, int count) {
    return IntStream.range(0, count).mapToDouble(value).toArray();
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void accumulation(@ForAll("maps") Maps maps, @ForAll long seed) {
    Node.Add add = new Node.Add("add", FROM, maps.feature());
    checkSums(
        experiment(
            add,
            seed,
            List.of(maps, maps),
            maps,
            false,
            (k, xs, y, w, kept) -> {
              Runnable copy = k.accumulate(y.map(), xs.get(0).map(), true);
              Runnable sum = k.accumulate(y.map(), xs.get(1).map(), false);
              return forwardOnly(
                  () -> {
                    copy.run();
                    sum.run();
                  });
            }),
        TOLERANCE);
  }

  private static Kernel forwardOnly(Runnable forward) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        forward.run();
      }

      @Override
      public void backward() {}
    };
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void concatAndSubset(
      @ForAll("maps") Maps maps,
      @ForAll("few") int second,
      @ForAll("few") int third,
      @ForAll long seed) {
    int all = maps.channels() + second + third;
    List<Maps> parts = List.of(maps, maps.withChannels(second), maps.withChannels(third));
    Maps whole = maps.withChannels(all);
    Node.Concat concat = new Node.Concat("concat", FROM, whole.feature());
    checkSums(
        experiment(concat, seed, parts, whole, false, (k, xs, y, w, kept) -> k.concat(xs, y)), 0);
    for (int from : new int[] {0, second, all - maps.channels()}) {
      Node.Subset subset = new Node.Subset("subset", FROM, maps.feature(), from);
      checkSums(
          experiment(
              subset,
              seed,
              List.of(whole),
              maps,
              false,
              (k, xs, y, w, kept) -> k.subset(from, xs.get(0), y)),
          0);
    }
  }

  @Provide
  Arbitrary<Integer> few() {
    return Arbitraries.integers().between(1, 20);
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void shuffle(
      @ForAll("maps") Maps any,
      @ForAll("few") int size,
      @ForAll("few") int groups,
      @ForAll long seed) {
    Maps maps = any.withChannels(size * groups);
    Node.Shuffle node = new Node.Shuffle("shuffle", FROM, maps.feature(), groups);
    checkSums(
        experiment(
            node,
            seed,
            List.of(maps),
            maps,
            false,
            (k, xs, y, w, kept) -> k.shuffle(groups, xs.get(0), y)),
        0);
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void flatten(@ForAll("maps") Maps maps, @ForAll long seed) {
    int pixels = maps.height() * maps.width();
    Maps vectors = new Maps(maps.batch(), 1, 1, maps.channels() * pixels);
    Node.Flatten node = new Node.Flatten("flat", FROM, maps.feature(), vectors.feature());
    checkSums(
        experiment(
            node,
            seed,
            List.of(maps),
            vectors,
            false,
            (k, xs, y, w, kept) -> k.flatten(xs.get(0), y)),
        0);
  }

  @Property(tries = 120, edgeCases = EdgeCasesMode.NONE)
  void pool(
      @ForAll("pools") Windowed pool,
      @ForAll boolean max,
      @ForAll boolean countPadding,
      @ForAll long seed) {
    Maps in = pool.in();
    Node.Pool node =
        new Node.Pool(
            "pool", FROM, in.feature(), pool.out().feature(), pool.window(), max, countPadding);
    Experiment experiment =
        experiment(
            node,
            seed,
            List.of(in),
            pool.out(),
            false,
            (k, xs, y, w, kept) -> k.pool(node, xs.get(0), y, kept));
    check(experiment, max);
  }

  @Provide
  Arbitrary<Windowed> pools() {
    return windowed(4, 1);
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void globalPool(@ForAll("maps") Maps maps, @ForAll boolean max, @ForAll long seed) {
    Maps out = new Maps(maps.batch(), 1, 1, maps.channels());
    Node.GlobalPool node = new Node.GlobalPool("pool", FROM, maps.feature(), out.feature(), max);
    Experiment experiment =
        experiment(
            node,
            seed,
            List.of(maps),
            out,
            false,
            (k, xs, y, w, kept) -> k.globalPool(max, xs.get(0), y, kept));
    check(experiment, max);
  }

  private void check(Experiment experiment, boolean max) {
    if (max) {
      checkValues(experiment);
    } else {
      checkSums(experiment, TOLERANCE);
    }
  }

  @Property(tries = 80, edgeCases = EdgeCasesMode.NONE)
  void activation(
      @ForAll("functions") Activation function, @ForAll("maps") Maps maps, @ForAll long seed) {
    Node.Activate node = new Node.Activate("act", FROM, maps.feature(), function);
    Experiment experiment =
        experiment(
            node,
            seed,
            List.of(spread(maps, seed)),
            maps,
            (k, xs, y, w, kept) -> k.activation(function, xs.get(0), y));
    checkValues(experiment);
  }

  @Provide
  Arbitrary<Activation> functions() {
    return Arbitraries.of(Activation.values())
        .filter(f -> f != Activation.RRELU && f != Activation.SOFTMAX && f != Activation.IDENTITY);
  }

  /** Between -4 and 8, away from the bends of all functions. */
  private static Given spread(Maps maps, long seed) {
    double[] values = Seeds.random(seed, "spread", 0).doubles(maps.length(), -4, 8).toArray();
    for (int i = 0; i < values.length; i++) {
      for (double bend : new double[] {-2.5, -1, 0, 1, 2.5, 6}) {
        values[i] += Math.abs(values[i] - bend) < 1e-3 ? 3e-3 : 0;
      }
      values[i] = (float) values[i];
    }
    return new Given(false, maps.shape(), values);
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void dropout(@ForAll("maps") Maps maps, @ForAll("keeps") double keep, @ForAll long seed) {
    Node.Dropout node = new Node.Dropout("drop", FROM, maps.feature(), keep);
    Experiment experiment =
        experiment(
            node,
            seed,
            List.of(maps),
            maps,
            false,
            (k, xs, y, w, kept) -> k.dropout(keep, "drop", xs.get(0), y, kept));
    Pass drops = Pass.shared(seed);
    Pass other = Pass.shared(seed + 1);
    Map<String, double[]> results =
        experiment.run(
            kernels, DataType.FLOAT, true, List.of(Pass.inference(), other, drops, other, drops));
    double[] x = experiment.inputs().get(0).values();
    double[] dy = experiment.output().values();
    assertThat(results.get("y0")).as("nothing drops in inference").isEqualTo(x);
    assertThat(results.get("y4")).as("same seed").isEqualTo(results.get("y2"));
    assertThat(results.get("y3")).as("same seed").isEqualTo(results.get("y1"));
    int kept = 0;
    int alike = 0;
    double[] mask = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      mask[i] = results.get("y4")[i] == 0 ? 0 : 1 / keep;
      kept += mask[i] > 0 ? 1 : 0;
      alike += (mask[i] > 0) == (results.get("y3")[i] != 0) ? 1 : 0;
    }
    for (String[] pair : new String[][] {{"y4", "x"}, {"dx0", "dy"}}) {
      double[] whole = pair[1].equals("x") ? x : dy;
      double[] masked = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        masked[i] = mask[i] * whole[i];
      }
      double[] size = Arrays.stream(masked).map(Math::abs).toArray();
      Experiment.assertClose(pair[0], results.get(pair[0]), masked, size, TOLERANCE);
    }
    // Seven standard deviations.
    double spread = 7 * Math.sqrt(x.length * 0.25) + 1;
    assertThat((double) kept).isBetween(keep * x.length - spread, keep * x.length + spread);
    double agreement = keep * keep + (1 - keep) * (1 - keep);
    assertThat((double) alike)
        .as("agreement of two seeds")
        .isBetween(agreement * x.length - spread, agreement * x.length + spread);
  }

  @Provide
  Arbitrary<Double> keeps() {
    return Arbitraries.of(0.2, 0.5, 0.9);
  }

  /** A batch norm with the function behind it. */
  record Normed(Maps maps, boolean affine, Activation function, double eps, long seed) {
    Node.BatchNorm node() {
      return new Node.BatchNorm("norm", FROM, maps.feature(), eps, 0.8, affine, 3, 2.5, false);
    }
  }

  @Provide
  Arbitrary<Normed> norms() {
    // Where pixels can be put together by 2, 4, 8 or 16, any number of channels fills vectors.
    Arbitrary<Maps> divisible = maps().map(m -> new Maps(m.batch(), 4, 8, m.channels()));
    return Combinators.combine(
            Arbitraries.oneOf(maps(), divisible),
            Arbitraries.of(true, true, false),
            Arbitraries.of(
                Activation.IDENTITY, Activation.RELU, Activation.RELU6, Activation.RELU6),
            Arbitraries.of(1e-5, 1e-3),
            Arbitraries.longs().withoutEdgeCases())
        .as(Normed::new);
  }

  /**
   * Channels with a spread of 1, of 0.01 and of 0.0001 around values up to 30, and constant ones;
   * scales and shifts with which ReLU6 clips on both sides.
   */
  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void batchNorm(@ForAll("norms") Normed norm) {
    Node.BatchNorm node = norm.node();
    Maps maps = norm.maps();
    RandomGenerator random = Seeds.random(norm.seed(), "channels", 0);
    int channels = maps.channels();
    double[] offset = random.doubles(channels, -30, 30).toArray();
    double[] spread = new double[channels];
    for (int c = 0; c < channels; c++) {
      spread[c] = new double[] {1, 1, 1, 0.01, 1e-4, 0}[random.nextInt(6)];
      offset[c] *= random.nextBoolean() ? 1 : 0.03;
    }
    double[] x = gaussian(maps.length(), norm.seed(), "x");
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (offset[i % channels] + spread[i % channels] * x[i]);
    }
    Map<String, double[]> weights = new LinkedHashMap<>();
    if (norm.affine()) {
      double[] gamma = floats(random.doubles(channels, 2, 4).toArray());
      for (int c = 0; c < channels; c++) {
        gamma[c] *= random.nextInt(5) == 0 ? -1 : 1;
      }
      weights.put("gamma", gamma);
      weights.put("beta", floats(random.doubles(channels, 1, 5).toArray()));
    }
    weights.put("mean", floats(random.doubles(channels, -2, 2).toArray()));
    weights.put("var", floats(random.doubles(channels, 0.5, 2).toArray()));
    NormTerms terms = new NormTerms(norm, x, weights);
    double[] dy = gaussian(maps.length(), norm.seed(), "dy");
    for (int i = 0; i < dy.length; i++) {
      // Where rounding decides the side of a bend no gradient comes, so that either is right.
      dy[i] = norm.function() != Activation.IDENTITY && terms.nearABend(i) ? 0 : dy[i];
    }
    Experiment experiment =
        new Experiment(
            node,
            List.of(new Given(false, maps.shape(), x)),
            new Given(false, maps.shape(), dy),
            weights,
            (k, xs, y, w, kept) -> k.batchNorm(norm(node, w), norm.function(), xs.get(0), y, kept));
    List<Pass> passes =
        List.of(Pass.inference(), Pass.training(0), Pass.inference(), Pass.shared(0));
    Map<String, double[]> actual = experiment.run(kernels, DataType.FLOAT, true, passes);
    Map<String, double[]> expected = experiment.run(reference, DataType.DOUBLE, true, passes);
    Map<String, double[]> sizes = terms.sizes(expected, dy);
    expected.forEach(
        (name, values) ->
            Experiment.assertClose(name, actual.get(name), values, sizes.get(name), TOLERANCE));
    Map<String, double[]> inferred = experiment.run(kernels, DataType.FLOAT, false, INFERENCE);
    Experiment.assertClose(
        "inferred", inferred.get("y0"), expected.get("y0"), sizes.get("y0"), TOLERANCE);
  }

  private static Norm norm(Node.BatchNorm node, Function<String, @Nullable Weight> weights) {
    return new Norm(
        node,
        weights.apply("gamma"),
        weights.apply("beta"),
        weights.apply("mean"),
        weights.apply("var"));
  }

  /**
   * What the results of a batch norm are made of. {@code x - mean} is exact to the rounding of x
   * and of the mean, not to that of the difference, so a normalised value counts as {@code r (|x| +
   * mean |x|)}.
   */
  private static final class NormTerms {
    final Normed norm;
    final int channels;
    final int rows;
    final double[] x;
    final Map<String, double[]> weights;
    final double[] mean;
    final double[] meanSize;
    final double[] variance;

    NormTerms(Normed norm, double[] x, Map<String, double[]> weights) {
      this.norm = norm;
      this.x = x;
      this.weights = weights;
      channels = norm.maps().channels();
      rows = x.length / channels;
      mean = new double[channels];
      meanSize = new double[channels];
      variance = new double[channels];
      for (int i = 0; i < x.length; i++) {
        mean[i % channels] += x[i] / rows;
        meanSize[i % channels] += Math.abs(x[i]) / rows;
      }
      for (int i = 0; i < x.length; i++) {
        double away = x[i] - mean[i % channels];
        variance[i % channels] += away * away / rows;
      }
    }

    double gamma(int c) {
      return norm.affine() ? weights.get("gamma")[c] : norm.node().gamma();
    }

    double beta(int c) {
      return norm.affine() ? weights.get("beta")[c] : norm.node().beta();
    }

    double inverse(int c) {
      return 1 / Math.sqrt(variance[c] + norm.eps());
    }

    double normalSize(int i) {
      int c = i % channels;
      return inverse(c) * (Math.abs(x[i]) + meanSize[c]);
    }

    double outputSize(int i) {
      int c = i % channels;
      return Math.abs(gamma(c)) * normalSize(i) + Math.abs(beta(c));
    }

    boolean nearABend(int i) {
      int c = i % channels;
      double v = gamma(c) * (x[i] - mean[c]) * inverse(c) + beta(c);
      double margin = 2 * TOLERANCE * outputSize(i) + 1e-6;
      return Math.abs(v) < margin || Math.abs(v - 6) < margin;
    }

    Map<String, double[]> sizes(Map<String, double[]> expected, double[] dy) {
      double[] dgamma = new double[channels];
      double[] dbeta = new double[channels];
      for (int i = 0; i < x.length; i++) {
        dgamma[i % channels] += Math.abs(dy[i]) * normalSize(i);
        dbeta[i % channels] += Math.abs(dy[i]);
      }
      double[] y = new double[x.length];
      double[] inferred = new double[x.length];
      double[] dx = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        int c = i % channels;
        double scale = Math.abs(gamma(c)) * inverse(c);
        y[i] = outputSize(i);
        // Running variances are at least a tenth, running means not much larger than the batch's.
        inferred[i] = Math.abs(gamma(c)) * 3 * (Math.abs(x[i]) + meanSize[c] + 2) + beta(c);
        dx[i] = scale * (Math.abs(dy[i]) + (dbeta[c] + normalSize(i) * dgamma[c]) / rows);
      }
      Map<String, double[]> sizes = new LinkedHashMap<>();
      sizes.put("y0", inferred);
      sizes.put("y1", y);
      sizes.put("y2", inferred);
      sizes.put("y3", y);
      sizes.put("dx0", dx);
      sizes.put("dgamma", dgamma);
      sizes.put("dbeta", dbeta);
      sizes.put("mean", Arrays.stream(meanSize).map(m -> m + 2).toArray());
      sizes.put("var", Arrays.stream(variance).map(v -> v + 1).toArray());
      assertThat(sizes.keySet()).containsAll(expected.keySet());
      return sizes;
    }
  }

  private static Experiment experiment(
      Node node,
      long seed,
      List<Maps> inputs,
      Maps output,
      boolean constant,
      Experiment.Binding binding) {
    List<Given> given = new ArrayList<>();
    for (int k = 0; k < inputs.size(); k++) {
      Maps maps = inputs.get(k);
      given.add(new Given(constant, maps.shape(), gaussian(maps.length(), seed, "x" + k)));
    }
    return experiment(node, seed, given, output, binding);
  }

  private static Experiment experiment(
      Node node, long seed, List<Given> inputs, Maps output, Experiment.Binding binding) {
    Map<String, double[]> weights = new LinkedHashMap<>();
    for (Parameter parameter : node.parameters()) {
      String key = parameter.name().substring(parameter.name().indexOf('/') + 1);
      weights.put(key, gaussian((int) parameter.size(), seed, key));
    }
    double[] dy = gaussian(output.length(), seed, "dy");
    return new Experiment(node, inputs, new Given(false, output.shape(), dy), weights, binding);
  }

  /** Standard normal values that float32 has exactly. */
  private static double[] gaussian(int count, long seed, String purpose) {
    RandomGenerator random = Seeds.random(seed, purpose, 0);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] floats(double[] values) {
    return Arrays.stream(values).map(v -> (float) v).toArray();
  }

  /** Compares an operation whose results are sums of products, in training and in inference. */
  private void checkSums(Experiment experiment, double tolerance) {
    for (boolean training : new boolean[] {true, false}) {
      List<Pass> passes = List.of(training ? Pass.training(0) : Pass.inference());
      Map<String, double[]> actual = experiment.run(kernels, DataType.FLOAT, training, passes);
      Map<String, double[]> expected = experiment.run(reference, DataType.DOUBLE, training, passes);
      Map<String, double[]> sizes =
          experiment.absolute().run(reference, DataType.DOUBLE, training, passes);
      assertThat(actual.keySet()).isEqualTo(expected.keySet());
      expected.forEach(
          (name, values) ->
              Experiment.assertClose(name, actual.get(name), values, sizes.get(name), tolerance));
    }
  }

  /** Compares an operation that is no sum; what it is given is of size 1. */
  private void checkValues(Experiment experiment) {
    for (boolean training : new boolean[] {true, false}) {
      List<Pass> passes = List.of(Pass.shared(0));
      Map<String, double[]> actual = experiment.run(kernels, DataType.FLOAT, training, passes);
      Map<String, double[]> expected = experiment.run(reference, DataType.DOUBLE, training, passes);
      expected.forEach(
          (name, values) -> {
            double[] size = Arrays.stream(values).map(v -> 1 + Math.abs(v)).toArray();
            Experiment.assertClose(name, actual.get(name), values, size, TOLERANCE);
          });
    }
  }
}
