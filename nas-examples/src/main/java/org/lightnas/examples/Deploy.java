package org.lightnas.examples;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.export.Onnx;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/**
 * From a network to a service: trains one briefly, writes it as ONNX, and classifies with ONNX
 * Runtime alone, as a program without our jars and without DL4J does. {@code mvn -Pquickstart
 * -Dexample=Deploy}, under a minute.
 */
public final class Deploy {

  private Deploy() {}

  /** Writes {@code target/quickstart/deployed.onnx}. */
  public static void main(String[] args) throws IOException, OrtException {
    ImageData images = ImageData.generated(2000, 500, 1);
    SearchSpace space = LightNasSpace.small(images.shape(), images.classes());
    ComputationGraph network = Trainer.builder().epochs(2).build().fit(space.uniform(0), images);
    Path file = Path.of("target/quickstart/deployed.onnx");
    Onnx.of(network)
        .foldBatchNorms()
        .provenance(Map.of("images", images.name(), "scale", "[0, 1]"))
        .write(file);
    System.out.printf(
        Locale.ROOT,
        "accuracy of the network %.1f %%, of %s %.1f %%%n",
        Accuracy.of(network, images.test()),
        file,
        accuracy(file, images.test()));
    network.close();
  }

  /** All of this is ONNX Runtime; images go in as {@code [N, C, H, W]}, channel after channel. */
  static double accuracy(Path file, ImageSet images) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int right = 0;
    try (OrtSession session = environment.createSession(file.toString())) {
      String input = session.getInputNames().iterator().next();
      for (int i = 0; i < images.size(); i++) {
        float[][][][] image = {nchw(images, i)};
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, image);
            OrtSession.Result answer = session.run(Map.of(input, tensor))) {
          float[] probabilities = ((float[][]) answer.get(0).getValue())[0];
          right += best(probabilities) == images.label(i) ? 1 : 0;
        }
      }
    }
    return 100.0 * right / images.size();
  }

  private static float[][][] nchw(ImageSet images, int index) {
    int channels = images.shape().channels();
    int height = images.shape().height();
    int width = images.shape().width();
    float[] pixels = new float[channels * height * width];
    images.copyNhwc(index, pixels, 0);
    float[][][] planes = new float[channels][height][width];
    for (int i = 0; i < pixels.length; i++) {
      planes[i % channels][i / channels / width][i / channels % width] = pixels[i];
    }
    return planes;
  }

  private static int best(float[] probabilities) {
    int best = 0;
    for (int c = 1; c < probabilities.length; c++) {
      best = probabilities[c] > probabilities[best] ? c : best;
    }
    return best;
  }
}
