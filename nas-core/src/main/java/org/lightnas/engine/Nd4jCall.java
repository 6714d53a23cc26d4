package org.lightnas.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/** A native operation bound to its arrays. Its context is freed with the last reference. */
record Nd4jCall(DynamicCustomOp op, OpContext context) {

  /** An operation by its name, with integers as settings. */
  static Nd4jCall of(String name, int[] settings, List<INDArray> inputs, List<INDArray> outputs) {
    OpContext context = Nd4j.getExecutioner().buildContext();
    context.setInputArrays(inputs);
    context.setOutputArrays(outputs);
    context.setIArguments(Arrays.stream(settings).asLongStream().toArray());
    return new Nd4jCall(DynamicCustomOp.builder(name).build(), context);
  }

  /** A matrix product, of transposed factors where said. */
  static Nd4jCall product(INDArray a, boolean turnA, INDArray b, boolean turnB, INDArray c) {
    return of("matmul", new int[] {turnA ? 1 : 0, turnB ? 1 : 0}, List.of(a, b), List.of(c));
  }

  /** One operation of two operands over many of one shape. */
  static List<Nd4jCall> chain(String op, List<INDArray> operands, INDArray result) {
    List<Nd4jCall> calls = new ArrayList<>();
    INDArray first = operands.get(0);
    if (operands.size() == 1) {
      calls.add(of("assign", new int[0], List.of(result, first), List.of(result)));
    }
    for (INDArray operand : operands.subList(1, operands.size())) {
      calls.add(of(op, new int[0], List.of(first, operand), List.of(result)));
      first = result;
    }
    return calls;
  }

  /** Some of them each way. */
  static Kernel kernel(List<Nd4jCall> ahead, List<Nd4jCall> back) {
    return Kernel.of(() -> ahead.forEach(Nd4jCall::run), () -> back.forEach(Nd4jCall::run));
  }

  void run() {
    Nd4j.getExecutioner().exec(op, context);
  }

  /** Of a reduction: the axes reduced stay, of size 1. */
  void keepAxes() {
    context.setBArguments(true);
  }
}
