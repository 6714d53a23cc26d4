package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.dnnl_binary_desc_t;
import org.bytedeco.dnnl.dnnl_shuffle_desc_t;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.data.Pixels;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;

/**
 * Kernels on oneDNN, for float32 in the host's memory. A primitive is made once for all operations
 * of its kind and size and told at each run where its arguments are; so a network that has never
 * run before costs nothing but small Java objects. What oneDNN does not offer, ND4J's kernels do.
 *
 * <p>Owns oneDNN's primitives and the other kernels until closed.
 */
class OneDnnKernels implements Kernels {

  private final OneDnn dnn = new OneDnn();
  private final Kernels others = new Nd4jKernels();
  private final Map<Object, Object> made = new HashMap<>();

  @Override
  public String name() {
    return "oneDNN " + OneDnn.version();
  }

  @SuppressWarnings("unchecked") // Each kind of key has its kind of value.
  private <T> T once(Object key, Supplier<T> make) {
    Object present = made.get(key);
    if (present == null) {
      present = make.get();
      made.put(key, present);
    }
    return (T) present;
  }

  private static int batch(Slot slot) {
    return (int) slot.map().size(0);
  }

  private static FeatureShape shape(Area map) {
    return new FeatureShape((int) map.size(3), (int) map.size(1), (int) map.size(2));
  }

  private Format format(Area map) {
    return once(
        List.of(map.size(0), map.size(3), map.size(1), map.size(2)),
        () -> dnn.format(dnnl_nhwc, map.size(0), map.size(3), map.size(1), map.size(2)));
  }

  @Override
  public long kept(Node node, Activation function, int batch) {
    if (node instanceof Node.BatchNorm norm) {
      return batchNorm(norm, function, batch).kept();
    } else if (node instanceof Node.Pool pool) {
      return pool(kind(pool, batch)).kept();
    } else if (node instanceof Node.GlobalPool pool) {
      return pool(OneDnnPool.Kind.global(batch, pool.in(), pool.output(), pool.max())).kept();
    }
    return others.kept(node, function, batch);
  }

  @Override
  public boolean differentiatesImages() {
    return false;
  }

  @Override
  public void images(Pixels nhwc, Area to) {
    if (nhwc instanceof Pixels.Bytes bytes) {
      int batch = (int) to.size(0);
      int each = (int) (to.length() / batch);
      once(List.of("bytes", batch, each), () -> new OneDnnBytes(dnn, batch, each))
          .run(bytes.values(), to.address());
    } else {
      others.images(nhwc, to);
    }
  }

  @Override
  public Kernel convolution(
      Node.Convolution node, Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    OneDnnConvolutionSize.Kind kind = OneDnnConvolutionSize.Kind.of(node, batch(x));
    return once(kind, () -> new OneDnnConvolution(dnn, kind)).bind(x, y, kernel, bias);
  }

  @Override
  public Kernel folded(
      Node.Convolution node, Activation function, Slot x, Slot y, FoldedWeights weights) {
    OneDnnConvolutionSize.Kind kind = OneDnnConvolutionSize.Kind.folded(node, batch(x));
    OneDnnConvolution convolution =
        once(
            List.of(kind, function),
            () ->
                switch (function) {
                  case RELU -> new OneDnnConvolution(dnn, kind, OneDnn.PostOp.RELU);
                  case RELU6 -> new OneDnnConvolution(dnn, kind, OneDnn.PostOp.RELU6);
                  default -> new OneDnnConvolution(dnn, kind);
                });
    return Kernel.of(() -> convolution.forward(x.map(), y.map(), weights), () -> {});
  }

  @Override
  public Kernel dense(Slot x, Slot y, Weight kernel, @Nullable Weight bias) {
    OneDnnDense.Kind kind =
        new OneDnnDense.Kind(batch(x), (int) x.map().size(3), (int) y.map().size(3), bias != null);
    return once(kind, () -> new OneDnnDense(dnn, kind)).bind(x, y, kernel, bias);
  }

  @Override
  public Kernel batchNorm(Norm norm, Activation function, Slot x, Slot y, Area kept) {
    return batchNorm(norm.node(), function, batch(x)).bind(norm, x, y, kept);
  }

  private OneDnnBatchNorm batchNorm(Node.BatchNorm node, Activation function, int batch) {
    OneDnnBatchNorm.Kind kind =
        new OneDnnBatchNorm.Kind(batch, node.output(), node.eps(), function);
    return once(kind, () -> new OneDnnBatchNorm(dnn, kind));
  }

  private OneDnnActivation function(Format map, OneDnnActivation.Function function) {
    return once(List.of(map, function), () -> new OneDnnActivation(dnn, map, function));
  }

  @Override
  public Kernel activation(Activation function, Slot x, Slot y) {
    if (!OneDnnActivation.Function.knows(function)) {
      return others.activation(function, x, y);
    }
    OneDnnActivation.Function f = OneDnnActivation.Function.of(function);
    OneDnnActivation activation = function(format(x.map()), f);
    Area known = f.fromResult() ? y.map() : x.map();
    return Kernel.of(
        () -> activation.forward(x.map().address(), y.map().address()),
        () -> activation.backward(known.address(), y.slope().address(), x.slope().address()));
  }

  /** Two maps of one size into one, which may be the first of them. */
  private OneDnnPrimitive binary(int algorithm, Format map) {
    return once(
        List.of(map, algorithm),
        () -> {
          dnnl_binary_desc_t operation = new dnnl_binary_desc_t();
          OneDnn.check(
              dnnl_binary_desc_init(operation, algorithm, map.desc(), map.desc(), map.desc()),
              "a sum or product");
          return dnn.primitive(
              dnn.describe(operation, null), DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST);
        });
  }

  @Override
  public Kernel add(List<Slot> xs, Slot y) {
    if (xs.size() == 1) {
      return others.add(xs, y);
    }
    OneDnnPrimitive sum = binary(dnnl_binary_add, format(y.map()));
    return Kernel.of(() -> chain(sum, xs, y.map()), () -> {});
  }

  private static void chain(OneDnnPrimitive binary, List<Slot> xs, Area y) {
    binary.run(xs.get(0).map().address(), xs.get(1).map().address(), y.address());
    for (int i = 2; i < xs.size(); i++) {
      binary.run(y.address(), xs.get(i).map().address(), y.address());
    }
  }

  @Override
  public Kernel multiply(List<Slot> xs, Slot y) {
    if (xs.size() != 2) {
      return others.multiply(xs, y);
    }
    OneDnnPrimitive product = binary(dnnl_binary_mul, format(y.map()));
    Slot a = xs.get(0);
    Slot b = xs.get(1);
    return Kernel.of(
        () -> chain(product, xs, y.map()),
        () -> {
          long dy = y.slope().address();
          product.run(dy, b.map().address(), a.slope().address());
          product.run(dy, a.map().address(), b.slope().address());
        });
  }

  @Override
  public Kernel scale(double factor, Slot x, Slot y) {
    OneDnnActivation scale = function(format(x.map()), OneDnnActivation.Function.scale(factor));
    return Kernel.of(
        () -> scale.forward(x.map().address(), y.map().address()),
        () -> scale.forward(y.slope().address(), x.slope().address()));
  }

  private OneDnnPrimitive copy(Format from, Format to) {
    return once(
        List.of("copy", from, to),
        () -> dnn.primitive(dnn.describeCopy(from, to), DNNL_ARG_FROM, DNNL_ARG_TO));
  }

  /** The channels of a map from {@code from} on, as many as {@code like} has. */
  private Format channels(Area whole, int from, Area like) {
    long[] dims = {like.size(0), like.size(3), like.size(1), like.size(2)};
    return dnn.part(format(whole), dims, new long[] {0, from, 0, 0});
  }

  @Override
  public Kernel concat(List<Slot> xs, Slot y) {
    List<OneDnnPrimitive> join = new ArrayList<>();
    List<OneDnnPrimitive> split = new ArrayList<>();
    int from = 0;
    for (Slot x : xs) {
      Format part = channels(y.map(), from, x.map());
      join.add(copy(format(x.map()), part));
      split.add(copy(part, format(x.map())));
      from += (int) x.map().size(3);
    }
    return Kernel.of(
        () -> {
          for (int i = 0; i < xs.size(); i++) {
            join.get(i).run(xs.get(i).map().address(), y.map().address());
          }
        },
        () -> {
          for (int i = 0; i < xs.size(); i++) {
            split.get(i).run(y.slope().address(), xs.get(i).slope().address());
          }
        });
  }

  @Override
  public Kernel subset(int from, Slot x, Slot y) {
    Format part = channels(x.map(), from, y.map());
    OneDnnPrimitive take = copy(part, format(y.map()));
    OneDnnPrimitive put = copy(format(y.map()), part);
    return Kernel.of(
        () -> take.run(x.map().address(), y.map().address()),
        () -> {
          Host.clear(x.gradient());
          put.run(y.slope().address(), x.slope().address());
        });
  }

  @Override
  public Kernel shuffle(int groups, Slot x, Slot y) {
    Format map = format(x.map());
    OneDnnPrimitive ahead = shuffle(map, (int) x.map().size(3) / groups);
    OneDnnPrimitive back = shuffle(map, groups);
    return Kernel.of(
        () -> ahead.run(x.map().address(), y.map().address()),
        () -> back.run(y.slope().address(), x.slope().address()));
  }

  /** Groups of so many channels become so many groups. */
  private OneDnnPrimitive shuffle(Format map, int size) {
    return once(
        List.of("shuffle", map, size),
        () -> {
          dnnl_shuffle_desc_t operation = new dnnl_shuffle_desc_t();
          OneDnn.check(
              dnnl_shuffle_forward_desc_init(
                  operation, dnnl_forward_inference, map.desc(), 1, size),
              "a shuffle");
          return dnn.primitive(dnn.describe(operation, null), DNNL_ARG_SRC, DNNL_ARG_DST);
        });
  }

  private static OneDnnPool.Kind kind(Node.Pool node, int batch) {
    return new OneDnnPool.Kind(
        batch, node.in(), node.output(), node.window(), node.max(), node.countPadding());
  }

  private OneDnnPool pool(OneDnnPool.Kind kind) {
    return once(kind, () -> new OneDnnPool(dnn, kind));
  }

  @Override
  public Kernel pool(Node.Pool node, Slot x, Slot y, Area kept) {
    return pool(kind(node, batch(x))).bind(x, y, kept);
  }

  @Override
  public Kernel globalPool(boolean max, Slot x, Slot y, Area kept) {
    return pool(OneDnnPool.Kind.global(batch(x), shape(x.map()), shape(y.map()), max))
        .bind(x, y, kept);
  }

  @Override
  public Kernel flatten(Slot x, Slot y) {
    Format map = format(x.map());
    Area like = x.map();
    Format vector = dnn.format(dnnl_nchw, like.size(0), like.size(3), like.size(1), like.size(2));
    OneDnnPrimitive ahead = copy(map, vector);
    OneDnnPrimitive back = copy(vector, map);
    return Kernel.of(
        () -> ahead.run(x.map().address(), y.map().address()),
        () -> back.run(y.slope().address(), x.slope().address()));
  }

  @Override
  public Kernel dropout(double keep, String name, Slot x, Slot y, Area kept) {
    return others.dropout(keep, name, x, y, kept);
  }

  @Override
  public Kernel opaque(Node.Opaque node, Slot x, Slot y, @Nullable Weight parameters) {
    return others.opaque(node, x, y, parameters);
  }

  @Override
  public Runnable accumulate(Area target, Area other, boolean copy) {
    Format map = format(target);
    if (copy) {
      OneDnnPrimitive assign = copy(map, map);
      return () -> assign.run(other.address(), target.address());
    }
    OneDnnPrimitive sum = binary(dnnl_binary_add, map);
    return () -> sum.run(target.address(), other.address(), target.address());
  }

  @Override
  public void close() {
    dnn.close();
    others.close();
  }
}
