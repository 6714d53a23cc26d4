package org.lightnas.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.lightnas.compress.Compressed;
import org.lightnas.compress.Reparameterize;
import org.lightnas.data.ImageData;
import org.lightnas.export.Onnx;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.train.Trainer;

/** The code of the README, compiled and run: {@code mvn -Pquickstart -Dexample=ReadmeExample}. */
public final class ReadmeExample {

  private ReadmeExample() {}

  /** Runs it on generated images; about five minutes on two cores. */
  public static void main(String[] args) throws IOException {
    // README begins
    ImageData images = ImageData.generated(); // or fashionMnist(dir), cifar10(dir), of(iterators)
    SearchSpace space = LightNasSpace.small(images.shape(), images.classes());

    OnnxDevice device = OnnxDevice.thisMachine(); // ONNX Runtime, batch 1 on 1 thread
    LatencyTable latency = LatencyTable.profile(space, device); // measured here, half a minute
    Constraint bound = Constraint.latency(latency.range().at(0.4), latency).measuredOn(device);

    SearchResult found = LightNas.searchOnce(space.on(images), bound);
    System.out.println(found.verdict()); // asked ≤ …, predicted …, measured …: satisfied

    ComputationGraph network =
        Trainer.builder().epochs(8).build().fit(found.architecture(), images);
    Compressed small = Reparameterize.batchNorms().compress(network);
    System.out.println(bound.verify(small.network()));
    ModelSerializer.writeModel(small.network(), Path.of("pocket.zip").toFile(), false);
    Onnx.write(small.network(), Path.of("pocket.onnx"));
    // README ends
    device.close();
  }
}
