package org.lightnas.search.spark;

import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/** What executors of tests work with. */
final class Remotes {

  static final LayeredSpace SPACE =
      LayeredSpace.named("remote", new FeatureShape(3, 32, 32), 10)
          .stem(new ConvBnAct(3, 8, 4))
          .choice("one", new MbConv(3, 2, 8, 1), new MbConv(5, 2, 8, 1), new SkipConnect(8, 1))
          .choice("two", new MbConv(3, 2, 16, 2), new MbConv(5, 2, 16, 2), new SkipConnect(16, 2))
          .choice("three", new MbConv(3, 1, 16, 1), new MbConv(5, 1, 16, 1), new SkipConnect(16, 1))
          .build();

  private Remotes() {}

  /** Threads of this JVM as executors. */
  static JavaSparkContext threads(int count) {
    return new JavaSparkContext(
        new SparkConf()
            .setMaster("local[" + count + "]")
            .setAppName("test")
            .set("spark.ui.enabled", "false"));
  }

  /** A number that uses all its bits. */
  static double score(Architecture architecture) {
    return Math.sin(1 + Arrays.hashCode(architecture.picks()));
  }

  interface Scores extends RemoteFactory<LayeredSpace, Evaluator> {
    @Override
    default LayeredSpace space() {
      return SPACE;
    }
  }

  record Sines() implements Scores {
    @Override
    public Evaluator create(Path files) {
      return Evaluator.of("sine", Remotes::score);
    }
  }

  /** As slow as the network has operations. */
  record Counting(String fingerprint) implements Device {
    @Override
    public Measurement measure(ComputationGraph network) {
      double macs = Cost.of(network.getConfiguration()).macs();
      return new Measurement(macs / 1e5, macs / 3e7, 7, 2, 1, 0.37);
    }
  }

  record Counters() implements RemoteFactory<SearchSpace, Device> {
    @Override
    public SearchSpace space() {
      return SPACE;
    }

    @Override
    public Device create(Path files) {
      return new Counting("counts operations, batch 2");
    }
  }
}
