package org.lightnas.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.junit.jupiter.api.Test;

/** The reader's one risk is to overlook a setting; here every field of every kind is walked. */
class KnownFieldsTest {

  private final KnownFields known = new KnownFields();

  @Test
  void everyFieldIsCarriedOrIrrelevantOrMakesTheLayerUnknown() throws ReflectiveOperationException {
    List<String> unguarded = new ArrayList<>();
    for (Class<?> kind : known.kinds()) {
      for (Field field : KnownFields.fields(kind)) {
        Object changed = known.fresh(kind);
        boolean carried = known.carries(kind, field.getName());
        field.setAccessible(true);
        field.set(changed, other(field, field.get(changed)));
        if (!carried && known.differing(changed).isEmpty()) {
          unguarded.add(kind.getSimpleName() + "." + field.getName());
        }
        if (carried) {
          assertThat(known.differing(changed)).doesNotContain(field.getName());
        }
      }
    }
    assertThat(unguarded).isEmpty();
  }

  /** A carried field that DL4J renamed would silently guard nothing: every name must exist. */
  @Test
  void everyCarriedNameIsAFieldOfThatKind() {
    for (Class<?> kind : known.kinds()) {
      assertThat(known.carried(kind))
          .as(kind.getSimpleName())
          .allMatch(
              name ->
                  KnownFields.fields(kind).stream()
                      .anyMatch(field -> field.getName().equals(name)));
    }
  }

  @Test
  void namesTheSettingThatNoNodeCarries() {
    ConvolutionLayer layer = new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(1).build();
    assertThat(known.understands(layer)).isTrue();
    layer.setConstraints(Arrays.asList(new MaxNormConstraint(1.0, 1)));
    assertThat(known.differing(layer)).containsExactly("constraints");
    assertThat(known.differing(new DenseLayer.Builder().nIn(1).nOut(1).hasLayerNorm(true).build()))
        .containsExactly("hasLayerNorm");
    assertThat(
            known.differing(
                new GlobalPoolingLayer.Builder(PoolingType.MAX).collapseDimensions(false).build()))
        .containsExactly("collapseDimensions");
  }

  @Test
  void understandsPlainLayersAndNoForeignOnes() {
    assertThat(known.understands(new BatchNormalization.Builder().eps(1e-3).build())).isTrue();
    assertThat(known.differing(new PReLULayer.Builder().build())).containsExactly("PReLULayer");
  }

  @Test
  void refusesToMakeAnUnknownKind() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> known.fresh(PReLULayer.class))
        .withMessage("No node represents a org.deeplearning4j.nn.conf.layers.PReLULayer.");
  }

  /** Some value that differs from the given one. */
  private static Object other(Field field, Object value) throws ReflectiveOperationException {
    Class<?> type = field.getType();
    if (type == boolean.class) {
      return !((Boolean) value);
    }
    if (type == int.class) {
      return (Integer) value + 17;
    }
    if (type == char.class) {
      return (Character) value == 'f' ? 'c' : 'f';
    }
    if (type == long.class) {
      return (Long) value + 17;
    }
    if (type == double.class) {
      return Double.isNaN((Double) value) ? 17.0 : (Double) value + 17;
    }
    if (type == String.class) {
      return value + "17";
    }
    if (type == int[].class) {
      return new int[] {17, 17, 17};
    }
    if (type.isEnum()) {
      Object[] all = type.getEnumConstants();
      return all[0].equals(value) ? all[1] : all[0];
    }
    if (List.class.isAssignableFrom(type)) {
      return List.of("17");
    }
    if (value != null) {
      return null;
    }
    return SomeValues.of(type);
  }
}
