package org.lightnas.examples.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.lightnas.FeatureShape;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.GnnPredictor;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.MlpPredictor;
import org.lightnas.predict.Predictors;
import org.lightnas.predict.ProbeKit;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.zoo.NasBench201Space;

/** Readers of tables, predictors, measurements from elsewhere and architectures. */
final class TextReaders {

  /** Four architectures. */
  static final LayeredSpace SPACE =
      LayeredSpace.named("hostile", new FeatureShape(3, 8, 8), 10)
          .stem(new ConvBnAct(3, 4, 1))
          .choice("one", new ConvBnAct(3, 4, 1), new SkipConnect(4, 1))
          .choice("two", new ConvBnAct(1, 4, 1), new SkipConnect(4, 1))
          .build();

  static final LatencyTable TABLE =
      LatencyTable.of(SPACE, 1, new double[][] {{1, 0.5}, {0.75, 0.25}});

  private static final int ROUNDS = 6;

  private final Forgers forgers;
  private final Path scratch;

  private TextReaders(Forgers forgers, Path scratch) {
    this.forgers = forgers;
    this.scratch = scratch;
  }

  static List<HostileReader> all(Forgers forgers, Path scratch) throws IOException {
    return new TextReaders(forgers, scratch).all();
  }

  private List<HostileReader> all() throws IOException {
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    for (int i = 0; i < 4; i++) {
      Architecture a = SPACE.architecture(i % 2, i / 2);
      millis.put(a, TABLE.predict(a));
    }
    Profile profile = Profile.of(SPACE, "a board", millis);
    profile.write(scratch.resolve("profile.csv"));
    LatencyTable table = LatencyTable.fit(profile);
    table.write(scratch.resolve("table.csv"));
    StringBuilder rows = new StringBuilder("# choice, candidate, latency ms (a board)\n");
    SPACE
        .choices()
        .forEach(
            choice ->
                choice
                    .candidates()
                    .forEach(c -> rows.append(choice.name() + ", " + c.id() + ", 0.5\n")));
    byte[] published = rows.toString().getBytes(StandardCharsets.UTF_8);
    byte[] result = SPACE.architecture(1, 0).toJson().getBytes(StandardCharsets.UTF_8);
    NasBench201Space cells = new NasBench201Space(new FeatureShape(3, 32, 32), 10);
    byte[] cell = cells.format(cells.uniform(1)).getBytes(StandardCharsets.UTF_8);
    return List.of(
        csv("profile", Seals::csv, file -> require(Profile.read(file, SPACE))),
        csv("table", Seals::csv, file -> require(LatencyTable.read(file, SPACE))),
        reader(
            "published",
            Map.of("published", published),
            forgers.text(bytes -> bytes),
            folder -> require(LatencyTable.readPublished(folder.resolve("published"), SPACE, 1))),
        predictor("predictor-table", table),
        predictor("predictor-mlp", MlpPredictor.fit(profile, 3, 2)),
        predictor("predictor-gnn", GnnPredictor.fit(profile)),
        predictor("predictor-reachable", LatencyTable.family().reachable().fit(profile)),
        probes(),
        new HostileReader(
            "architecture",
            Map.of("text", result),
            forgers.json(Forgers::plain),
            folder -> require(SPACE.read(text(folder))),
            false,
            6),
        new HostileReader(
            "cell",
            Map.of("text", cell),
            forgers.text(bytes -> bytes),
            folder -> HostileReader.require(cells.parse(text(folder)).pick(0) >= 0, cells),
            false,
            3));
  }

  /** As bytes that are no UTF-8 too, which {@code Files.readString} refuses by itself. */
  private static String text(Path folder) throws IOException {
    return new String(Files.readAllBytes(folder.resolve("text")), StandardCharsets.UTF_8);
  }

  private static HostileReader reader(
      String name,
      Map<String, byte[]> valid,
      HostileReader.Forger forger,
      HostileReader.Reading reading) {
    return new HostileReader(name, valid, forger, reading, true, 6);
  }

  private HostileReader csv(String name, UnaryOperator<byte[]> seal, HostileReader.Reading reading)
      throws IOException {
    return reader(
        name,
        Map.of(name, Files.readAllBytes(scratch.resolve(name + ".csv"))),
        forgers.text(seal),
        folder -> reading.read(folder.resolve(name)));
  }

  private HostileReader predictor(String name, Predictor predictor) throws IOException {
    Path file = scratch.resolve(name);
    Predictors.write(predictor, file);
    return reader(
        name,
        Map.of(name, Files.readAllBytes(file)),
        forgers.json(Seals::predictor),
        folder -> require(Predictors.read(folder.resolve(name), SPACE)));
  }

  private HostileReader probes() throws IOException {
    Path kit = scratch.resolve("kit");
    ProbeKit.builder(SPACE).samples(3).rounds(ROUNDS).write(kit);
    byte[] manifest = Files.readAllBytes(kit.resolve("manifest.json"));
    StringBuilder rows =
        new StringBuilder(
            """
            # lightnas probes, format 1
            # manifest:\s
            # fingerprint: a board
            # unit: ms
            # batch: 1
            # threads: 1
            # reference ms: 0.25
            probe,round,ms,reference_ms
            """);
    for (int probe = 1; probe <= 3; probe++) {
      for (int round = 1; round <= ROUNDS; round++) {
        rows.append("probe-00" + probe + ".onnx," + round + "," + probe * 0.1 + ",0.25\n");
      }
    }
    byte[] results = Seals.results(rows.toString().getBytes(StandardCharsets.UTF_8), manifest);
    Map<String, byte[]> files = new HashMap<>();
    files.put("manifest.json", manifest);
    files.put("results.csv", results);
    return reader(
        "probes",
        files,
        forgers.probes("manifest.json", "results.csv"),
        folder -> require(ProbeKit.read(folder, SPACE)));
  }

  private static void require(Architecture architecture) {
    for (int l = 0; l < SPACE.choices().size(); l++) {
      HostileReader.require(architecture.candidate(l) != null, architecture);
    }
  }

  private static void require(Profile profile) {
    for (Profile.Sample sample : profile.samples()) {
      double millis = sample.measurement().millis();
      HostileReader.require(millis > 0 && Double.isFinite(millis), sample);
      require(sample.architecture());
    }
    HostileReader.require(profile.batch() >= 1 && profile.threads() >= 1, profile);
    HostileReader.require(profile.referenceMillis() > 0, profile);
  }

  private static void require(Predictor predictor) {
    for (int i = 0; i < 4; i++) {
      double millis = predictor.predict(SPACE.architecture(i % 2, i / 2));
      HostileReader.require(millis > 0 && Double.isFinite(millis), millis);
    }
    predictor
        .quality()
        .ifPresent(quality -> HostileReader.require(quality.medianError() >= 0, quality));
    predictor
        .fingerprint()
        .ifPresent(text -> HostileReader.require(text.lines().count() == 1, text));
  }
}
