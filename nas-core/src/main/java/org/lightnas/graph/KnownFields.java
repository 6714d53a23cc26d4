package org.lightnas.graph;

import static com.google.common.base.Preconditions.checkArgument;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.preprocessors.PermutePreprocessor;

/**
 * Guards against silent omission. For every kind of layer that the reader represents it lists the
 * fields that the node carries and those that do not touch the function of the network; <em>any
 * other</em> field, also one that a later DL4J adds, must have the value that a freshly built layer
 * of that kind has, or the layer is not one we understand.
 */
final class KnownFields {

  /**
   * Without influence on the function: names; how DL4J's own {@code fit} would train (our trainer
   * brings its own optimiser and schedule, as its javadoc says); which native library DL4J should
   * use; initial values where the node has its own.
   */
  private static final Set<String> IRRELEVANT =
      Set.of(
          "layerName",
          "iUpdater",
          "biasUpdater",
          "regularization",
          "regularizationBias",
          "gradientNormalization",
          "gradientNormalizationThreshold",
          "gainInit",
          "cudnnAllowFallback",
          "cudnnAlgoMode",
          "cudnnFwdAlgo",
          "cudnnBwdFilterAlgo",
          "cudnnBwdDataAlgo",
          "defaultValueOverriden",
          "defaultValueOverridden",
          "timeDistributedFormat",
          "isMinibatch");

  private static final Set<String> WEIGHTS =
      Set.of("nIn", "nOut", "hasBias", "weightInitFn", "biasInit", "activationFn", "iDropout");
  private static final Set<String> WINDOW =
      Set.of("kernelSize", "stride", "padding", "dilation", "convolutionMode");

  private final Map<Class<?>, Kind> known = new LinkedHashMap<>();

  private final ClassValue<List<Field>> formats =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> kind) {
          return fields(kind).stream().filter(f -> f.getType() == CNN2DFormat.class).toList();
        }
      };

  /**
   * One kind of layer or vertex.
   *
   * @param maker builds one as DL4J does
   * @param carried the fields its node carries
   * @param guarded all others that matter, with the value that one so built has
   */
  private record Kind(Supplier<Object> maker, Set<String> carried, Map<Field, Object> guarded) {}

  KnownFields() {
    know(() -> new ConvolutionLayer.Builder(1, 1).build(), WEIGHTS, WINDOW);
    know(
        () -> new DepthwiseConvolution2D.Builder(1, 1).build(),
        WEIGHTS,
        WINDOW,
        Set.of("depthMultiplier"));
    know(
        () -> new BatchNormalization.Builder().build(),
        Set.of("nIn", "nOut", "decay", "eps", "gamma", "beta", "lockGammaBeta", "useLogStd"),
        // DL4J's batch norm ignores its activation, initial weights and bias.
        Set.of("activationFn", "weightInitFn", "biasInit", "iDropout"));
    know(() -> new ActivationLayer.Builder().build(), Set.of("activationFn", "iDropout"));
    know(
        () -> new DropoutLayer.Builder(0.5).build(),
        // Inherited from layers with weights, of which it has none.
        Set.of("nIn", "nOut", "weightInitFn", "biasInit", "activationFn", "iDropout"));
    know(() -> new DenseLayer.Builder().build(), WEIGHTS);
    know(() -> new OutputLayer.Builder().build(), WEIGHTS, Set.of("lossFn"));
    know(
        () -> new SubsamplingLayer.Builder(PoolingType.MAX).build(),
        WINDOW,
        // pnorm and eps belong to a pooling type that the reader leaves opaque.
        Set.of("poolingType", "avgPoolIncludePadInDivisor", "iDropout", "pnorm", "eps"));
    know(
        () -> new GlobalPoolingLayer.Builder(PoolingType.MAX).build(),
        Set.of("poolingType", "poolingDimensions", "iDropout", "pnorm"));
    know(() -> new ElementWiseVertex(ElementWiseVertex.Op.Add), Set.of("op"));
    know(() -> new MergeVertex(), Set.of("modified"));
    know(() -> new SubsetVertex(0, 0), Set.of("from", "to"));
    know(() -> new ScaleVertex(1), Set.of("scaleFactor"));
    know(() -> new ReshapeVertex(1), Set.of("newShape"));
    // The second says whether the first was completed by a first run.
    know(() -> new PermutePreprocessor(1), Set.of("permutationIndices", "hasLeadingDimension"));
  }

  @SafeVarargs
  private void know(Supplier<Object> maker, Set<String>... fields) {
    Set<String> all = new HashSet<>();
    for (Set<String> some : fields) {
      all.addAll(some);
    }
    Object pristine = maker.get();
    Map<Field, Object> guarded = new LinkedHashMap<>();
    for (Field field : fields(pristine.getClass())) {
      if (!all.contains(field.getName()) && !IRRELEVANT.contains(field.getName())) {
        guarded.put(field, value(field, pristine));
      }
    }
    known.put(pristine.getClass(), new Kind(maker, all, guarded));
  }

  private Kind known(Class<?> kind) {
    Kind found = known.get(kind);
    checkArgument(found != null, "No node represents a %s.", kind.getName());
    return found;
  }

  /** A new layer or vertex of a known kind, as DL4J builds it. */
  Object fresh(Class<?> kind) {
    return known(kind).maker().get();
  }

  /** The fields a node carries for this kind. */
  Set<String> carried(Class<?> kind) {
    return known(kind).carried();
  }

  /** Whether a field may have any value. */
  boolean carries(Class<?> kind, String field) {
    return carried(kind).contains(field) || IRRELEVANT.contains(field);
  }

  /** The kinds represented by nodes. */
  Set<Class<?>> kinds() {
    return known.keySet();
  }

  /** Whether nodes can carry everything that this layer, vertex or preprocessor says. */
  boolean understands(Object said) {
    return differing(said).isEmpty();
  }

  /** Fields with a value that no node carries; for an unknown kind, the kind itself. */
  List<String> differing(Object layerOrVertex) {
    Kind kind = known.get(layerOrVertex.getClass());
    if (kind == null) {
      return List.of(layerOrVertex.getClass().getSimpleName());
    }
    List<String> names = new ArrayList<>();
    kind.guarded()
        .forEach(
            (field, usual) -> {
              if (!same(value(field, layerOrVertex), usual)) {
                names.add(field.getName());
              }
            });
    return names;
  }

  /** The data formats a layer names; most name none. */
  List<CNN2DFormat> formats(Layer layer) {
    return formats.get(layer.getClass()).stream()
        .map(field -> value(field, layer))
        .filter(CNN2DFormat.class::isInstance)
        .map(CNN2DFormat.class::cast)
        .toList();
  }

  /** All instance fields, inherited ones included, made accessible. */
  static List<Field> fields(Class<?> kind) {
    List<Field> all = new ArrayList<>();
    for (Class<?> c = kind; c != null && c != Object.class; c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          all.add(field);
        }
      }
    }
    return all;
  }

  private static Object value(Field field, Object owner) {
    try {
      Object value = field.get(owner);
      return value == null ? Absent.ABSENT : value;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("Cannot read " + field, e);
    }
  }

  private static boolean same(Object a, Object b) {
    if (a.getClass().isArray() && b.getClass().isArray()) {
      int n = Array.getLength(a);
      if (n != Array.getLength(b)) {
        return false;
      }
      for (int i = 0; i < n; i++) {
        if (!Objects.equals(Array.get(a, i), Array.get(b, i))) {
          return false;
        }
      }
      return true;
    }
    // DL4J writes an empty list where it read none.
    return Objects.equals(a, b)
        || (a == Absent.ABSENT && b instanceof List<?> list && list.isEmpty())
        || (b == Absent.ABSENT && a instanceof List<?> other && other.isEmpty());
  }

  private enum Absent {
    ABSENT
  }
}
