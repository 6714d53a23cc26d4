package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.compress.Compressed;
import org.lightnas.compress.Domino;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.internal.AtomicFile;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Evaluator;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.Profile;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.train.Trainer;

/** What {@link KillBench} kills: goes on from a folder, and says in a file what came out. */
final class KillWork {

  private KillWork() {}

  /** Kinds of work. */
  enum Phase {
    SEARCH,
    PROFILE,
    TRAINING,
    COMPRESSION,
    WRITING;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Measures without noise: a microsecond for each thousand operations. */
  private static final class Exact implements Device {

    @Override
    public String fingerprint() {
      return "exact";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      double millis = 1e-3 + Cost.of(network.getConfiguration()).macs() / 1e6;
      return new Measurement(millis, 0, 6, 1, 1, 1);
    }
  }

  /** Does the work of a phase, with a folder for its state and a file for the result. */
  public static void main(String... args) throws IOException {
    Path state = Path.of(args[1]);
    String result =
        switch (Phase.valueOf(args[0])) {
          case SEARCH -> search(state);
          case PROFILE -> profile(state);
          case TRAINING -> training(state);
          case COMPRESSION -> compression(state);
          case WRITING -> writing(state);
        };
    AtomicFile.write(Path.of(args[2]), result);
  }

  private static String search(Path state) {
    ImageData images = ImageData.generated(400, 10, 1);
    LayeredSpace space = LightNasSpace.small(images.shape(), images.classes());
    SearchResult found =
        LightNas.builder()
            .steps(150)
            .batchSize(16)
            .checkpoints(state)
            .build()
            .search(space.on(images), Constraint.atMost(6e6, CostPredictor.macs(space)));
    StringBuilder bits = new StringBuilder(found.architecture().id()).append('\n');
    found.history().forEach(step -> bits.append(step).append('\n'));
    return bits.append(Arrays.deepToString(found.probabilities())).toString();
  }

  /** A profile has no state on the way: it is there, or it is measured. */
  private static String profile(Path state) throws IOException {
    LayeredSpace space = LightNasSpace.small(ImageData.generated(10, 10, 1).shape(), 10);
    Path samples = state.resolve("profile.csv");
    Path table = state.resolve("table.csv");
    if (!Files.exists(samples)) {
      Profile.builder(space, new Exact()).samples(100).measure().write(samples);
    }
    LatencyTable.fit(Profile.read(samples, space)).write(table);
    return Files.readString(samples) + Files.readString(table);
  }

  private static String training(Path state) {
    ImageData images = ImageData.generated(320, 10, 1);
    LayeredSpace space = LightNasSpace.small(images.shape(), images.classes());
    Trainer trainer =
        Trainer.builder()
            .epochs(6)
            .batchSize(16)
            .validation(0.2)
            .averaging(0.9)
            .checkpoints(state)
            .build();
    return bits(trainer.fit(space.uniform(1), images));
  }

  private static String compression(Path state) {
    ImageData images = ImageData.generated(192, 48, 1);
    LayeredSpace space =
        LayeredSpace.named("tiny", images.shape(), images.classes())
            .stem(new ConvBnAct(3, 8, 2))
            .choice("one", new MbConv(7, 1, 8, 2))
            .choice("two", new MbConv(3, 6, 8, 1))
            .choice("three", new MbConv(3, 6, 16, 2))
            .choice("four", new MbConv(3, 6, 16, 1))
            .build();
    Trainer.Builder trainer = Trainer.builder().epochs(2).batchSize(16);
    ComputationGraph network =
        trainer.checkpoints(state.resolve("original")).build().fit(space.uniform(0), images);
    Compressed small =
        Domino.builder(new Exact(), images)
            .samples(20)
            .epochs(6)
            .training(t -> t.batchSize(16))
            .evaluator(
                (of, some) -> Evaluator.of("few", mask -> -Arrays.stream(mask.picks()).sum()))
            .checkpoints(state.resolve("domino"))
            .build()
            .compress(network);
    return small.blocks() + "\n" + bits(small.network());
  }

  /** A checkpoint after the other; each holds one number only. */
  private static String writing(Path state) {
    Path file = state.resolve("last.ckpt");
    int next = 1;
    if (Files.exists(file)) {
      StateFile<Integer> found = StateFile.read(file, Integer.class);
      double number = found.position();
      if (Arrays.stream(found.tensors().get("all")).anyMatch(value -> value != number)) {
        throw new IllegalStateException("The parts of " + file + " do not belong together.");
      }
      next += found.position();
    }
    double[] values = new double[2_000_000];
    for (int i = next; i <= 100; i++) {
      Arrays.fill(values, i);
      new StateFile<>(file, Map.of("run", "writing"), i, Map.of("all", values)).write();
    }
    return "done";
  }

  private static String bits(ComputationGraph network) {
    return Arrays.toString(network.params().toFloatVector());
  }
}
