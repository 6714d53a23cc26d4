package org.lightnas.engine;

import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Batch norm and activation by ND4J operations, for float64 and for memory Java cannot see. */
final class Nd4jBatchNorm implements Kernel {

  private final Node.BatchNorm node;
  private final Activation function;
  private final Slot x;
  private final Slot y;
  private final @Nullable Weight gamma;
  private final @Nullable Weight beta;
  private final Weight mean;
  private final Weight variance;

  Nd4jBatchNorm(Norm norm, Activation function, Slot x, Slot y) {
    this.node = norm.node();
    this.function = function;
    this.x = x;
    this.y = y;
    this.gamma = norm.gamma();
    this.beta = norm.beta();
    this.mean = norm.mean();
    this.variance = norm.variance();
  }

  @Override
  public void forward(Pass pass) {
    INDArray m = mean.value();
    INDArray v = variance.value();
    if (pass.training()) {
      m = perChannel(x.rows().mean(0));
      v = perChannel(x.rows().var(false, 0));
      double kept = pass.kept(node.decay());
      mean.value().muli(kept).addi(m.mul(1 - kept));
      variance.value().muli(kept).addi(v.mul(1 - kept));
      mean.changed();
      variance.changed();
    }
    INDArray scale = scale().div(Transforms.sqrt(v.add(node.eps())));
    INDArray result = x.rows().subRowVector(m).muliRowVector(scale);
    if (beta != null) {
      result.addiRowVector(beta.value());
    } else {
      result.addi(node.beta());
    }
    function.getActivationFunction().getActivation(result, pass.training());
    y.rows().assign(result);
  }

  @Override
  public void backward() {
    INDArray d = y.gradientRows().dup();
    if (function != Activation.IDENTITY) {
      d.muli(y.rows().gt(0).castTo(d.dataType()));
    }
    if (function == Activation.RELU6) {
      d.muli(y.rows().lt(6).castTo(d.dataType()));
    }
    INDArray m = perChannel(x.rows().mean(0));
    INDArray v = perChannel(x.rows().var(false, 0));
    INDArray inverse = Transforms.pow(v.add(node.eps()), -0.5);
    INDArray normal = x.rows().subRowVector(m).muliRowVector(inverse);
    INDArray dgamma = perChannel(d.mul(normal).sum(0));
    INDArray dbeta = perChannel(d.sum(0));
    long rows = x.rows().rows();
    INDArray inner = d.mul(rows).subiRowVector(dbeta).subi(normal.muliRowVector(dgamma));
    x.gradientRows().assign(inner.muliRowVector(scale().mul(inverse).div(rows)));
    if (gamma != null && beta != null) {
      gamma.gradient().assign(dgamma);
      beta.gradient().assign(dbeta);
    }
  }

  /** Of a single row ND4J's reductions keep both axes. */
  private static INDArray perChannel(INDArray reduced) {
    return reduced.reshape(reduced.length());
  }

  private INDArray scale() {
    return gamma != null
        ? gamma.value()
        : Nd4j.valueArrayOf(new long[] {x.value().size(3)}, node.gamma(), x.value().dataType());
  }
}
