package org.lightnas.graph;

import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** An instance of each interface that DL4J's layers hold. */
final class SomeValues {

  private SomeValues() {}

  static Object of(Class<?> type) {
    if (type == IDropout.class) {
      return new Dropout(0.5);
    }
    if (type == IWeightNoise.class) {
      return new DropConnect(0.5);
    }
    if (type == IWeightInit.class) {
      return new WeightInitXavier();
    }
    if (type == IActivation.class) {
      return new ActivationCube();
    }
    if (type == IUpdater.class) {
      return new Sgd();
    }
    if (type.isInterface() && type.getSimpleName().equals("DataFormat")) {
      return org.deeplearning4j.nn.conf.CNN2DFormat.NHWC;
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    throw new IllegalArgumentException("no value of " + type + "; add one");
  }
}
