package org.lightnas.export;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.lightnas.NasException;
import org.nd4j.shade.protobuf.ByteString;

/** A graph in the making: gives names that are not taken yet, and hides the protobuf classes. */
final class OnnxGraph {

  private static final String BATCH = "batch";

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Set<String> taken = new HashSet<>();

  /** Keeps a name for whoever asked for it by that name. */
  void reserve(String name) {
    taken.add(name);
  }

  /** The name, or one like it if it is taken. */
  String fresh(String wanted) {
    String name = wanted;
    for (int i = 2; !taken.add(name); i++) {
      name = wanted + "~" + i;
    }
    return name;
  }

  /**
   * A constant float32 tensor.
   *
   * @param values row-major
   * @return its name
   * @throws NasException if a value is not finite in float32
   */
  String weights(String wanted, double[] values, long... shape) {
    ByteBuffer bytes = buffer(values.length, Float.BYTES);
    for (double value : values) {
      float rounded = (float) value;
      if (!Float.isFinite(rounded)) {
        throw new NasException(
            "Tensor '"
                + wanted
                + "' holds "
                + value
                + ", so the network cannot be written as ONNX.\nMaybe train it again.");
      }
      bytes.putFloat(rounded);
    }
    return constant(wanted, TensorProto.DataType.FLOAT, bytes, shape);
  }

  /** A constant float32 scalar; returns its name. */
  String scalar(String wanted, double value) {
    return weights(wanted, new double[] {value});
  }

  /** A constant int64 vector; returns its name. */
  String indices(String wanted, long... values) {
    ByteBuffer bytes = buffer(values.length, Long.BYTES);
    for (long value : values) {
      bytes.putLong(value);
    }
    return constant(wanted, TensorProto.DataType.INT64, bytes, values.length);
  }

  private static ByteBuffer buffer(int length, int bytes) {
    // What ONNX says of raw data, whatever the machine.
    return ByteBuffer.allocate(length * bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String constant(
      String wanted, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
    String name = fresh(wanted);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .setRawData(ByteString.copyFrom(bytes.flip()));
    for (long axis : shape) {
      tensor.addDims(axis);
    }
    graph.addInitializer(tensor);
    return name;
  }

  /** The graph's input: float32 {@code [batch, …]}. */
  void input(String name, long... axes) {
    graph.addInput(value(name, axes));
  }

  /** The graph's output: float32 {@code [batch, …]}. */
  void output(String name, long... axes) {
    graph.addOutput(value(name, axes));
  }

  private static ValueInfoProto value(String name, long... axes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH));
    for (long axis : axes) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(axis));
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** Begins an operator. */
  Operator operator(String type, String... inputs) {
    return new Operator(type, List.of(inputs));
  }

  GraphProto build(String name) {
    return graph.setName(name).build();
  }

  /** One operator with its attributes; {@link #into} adds it. */
  final class Operator {

    private final NodeProto.Builder node = NodeProto.newBuilder();

    private Operator(String type, List<String> inputs) {
      node.setOpType(type).addAllInput(inputs);
    }

    @CanIgnoreReturnValue
    Operator with(String attribute, long value) {
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName(attribute)
              .setType(AttributeProto.AttributeType.INT)
              .setI(value));
      return this;
    }

    @CanIgnoreReturnValue
    Operator with(String attribute, float value) {
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName(attribute)
              .setType(AttributeProto.AttributeType.FLOAT)
              .setF(value));
      return this;
    }

    @CanIgnoreReturnValue
    Operator withAll(String attribute, int... values) {
      AttributeProto.Builder builder =
          AttributeProto.newBuilder().setName(attribute).setType(AttributeProto.AttributeType.INTS);
      for (int value : values) {
        builder.addInts(value);
      }
      node.addAttribute(builder);
      return this;
    }

    /** Adds the operator under its result's name, which must be fresh or reserved; returns it. */
    @CanIgnoreReturnValue
    String into(String result) {
      graph.addNode(node.setName(result).addOutput(result));
      return result;
    }
  }
}
