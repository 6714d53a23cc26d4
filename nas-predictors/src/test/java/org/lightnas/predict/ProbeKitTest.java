package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/** The kit is written and measured by a plain JVM once; then its results are spoilt. */
class ProbeKitTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("probed", new FeatureShape(3, 24, 24), 4)
          .stem(new ConvBnAct(3, 16, 1))
          .choice("block", new SkipConnect(16, 1), new MbConv(3, 3, 16, 1), new MbConv(7, 6, 16, 1))
          .build();

  private static final int ROUNDS = 6;
  private static final int HEADER = 8;

  @TempDir private static Path kit;

  private static List<String> output;
  private static List<String> genuine;

  @TempDir private Path folder;

  @BeforeAll
  static void writeAndMeasure() throws Exception {
    ProbeKit.builder(SPACE).samples(4).rounds(ROUNDS).batch(2).write(kit);
    output = measure(0, "--busy=1000", "--device=Some  board");
    genuine = Files.readAllLines(kit.resolve("results.csv"));
  }

  /** Runs the program as README.txt says: no class path but ONNX Runtime. */
  private static List<String> measure(int exit, String... options) throws Exception {
    String jar =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> Path.of(entry).getFileName().toString().startsWith("onnxruntime"))
            .findFirst()
            .orElseThrow();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Also as source of the oldest Java it promises to run on.
    command.addAll(List.of("--source", "11", "-cp", jar, "MeasureProbes.java"));
    command.addAll(List.of(options));
    Path out = Files.createTempFile("out", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(kit.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ends").isTrue();
    List<String> lines = new ArrayList<>(Files.readAllLines(out));
    Files.delete(out);
    // From Java 24 on it warns of every library that is native.
    lines.removeIf(line -> line.isEmpty() || line.startsWith("WARNING: "));
    assertThat(process.exitValue()).as("%s", lines).isEqualTo(exit);
    return lines;
  }

  /** With the right sum, as only somebody who means it writes it. */
  private Path forged(String from, String to) throws IOException {
    String text = Files.readString(kit.resolve("manifest.json"));
    assertThat(text).contains(from);
    ObjectNode root = (ObjectNode) new ObjectMapper().readTree(text.replaceFirst(from, to));
    root.remove("content-sha256");
    root.put("content-sha256", ProbeKit.sha256(root.toString().getBytes(StandardCharsets.UTF_8)));
    return Files.writeString(folder.resolve("manifest.json"), root.toString());
  }

  @Test
  void manifestsThatLeadElsewhereOrCountNothingAreRefused() throws IOException {
    for (String[] change :
        new String[][] {
          {"probe-002.onnx", "../secret.onnx", "'../secret.onnx' is no file of a kit."},
          {"probe-002.onnx", "probe-001.onnx", "'probe-001.onnx' is there twice."},
          {"\"rounds\" : 6", "\"rounds\" : 0", "'rounds' must be a whole number of at least 1"},
          {"\"batch\" : 2", "\"batch\" : \"x\"", "'batch' must be a whole number of at least 1"},
          {"\"skip\"", "\"skap\"", "Choice 'block' does not offer 'skap'"}
        }) {
      Path manifest = forged(change[0], change[1]);
      assertThatThrownBy(() -> ProbeKit.read(folder, SPACE))
          .isInstanceOf(PredictorFileException.class)
          .hasMessageStartingWith("File '" + manifest + "', line 1: " + change[2])
          .hasMessageEndingWith("\nMaybe take the one that ProbeKit wrote.");
    }
  }

  /** Where the first bytes are zeros, Jackson takes the others for UTF-32. */
  @Test
  void manifestsInNoEncodingAreRefused() throws IOException {
    Path manifest = folder.resolve("manifest.json");
    Files.write(manifest, new byte[] {0, 0, 0, '{', 'n', 'h', 'k', 0});
    assertThatThrownBy(() -> ProbeKit.read(folder, SPACE))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageStartingWith("File '" + manifest + "', line 1: this is no JSON: ");
  }

  @Test
  void ratiosThatAreNoNumbersAreRefused() throws IOException {
    Files.copy(kit.resolve("manifest.json"), folder.resolve("manifest.json"));
    List<String> lines = new ArrayList<>(genuine);
    lines.replaceAll(
        line ->
            line.startsWith("probe-") ? line.replaceFirst(",[^,]*,[^,]*$", ",1e300,1e-300") : line);
    Files.write(folder.resolve("results.csv"), lines);
    assertThatThrownBy(() -> ProbeKit.read(folder, SPACE))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageStartingWith("File '" + folder.resolve("results.csv") + "', line ")
        .hasMessageContaining("A latency of Infinity ms cannot have been measured.");
  }

  @Test
  @Tag("slow")
  void theProgramReadsNothingOutsideTheKit() throws Exception {
    byte[] whole = Files.readAllBytes(kit.resolve("manifest.json"));
    Files.copy(
        forged("probe-002.onnx", "../secret.onnx"),
        kit.resolve("manifest.json"),
        StandardCopyOption.REPLACE_EXISTING);
    try {
      assertThat(measure(1))
          .containsExactly("The manifest names '../secret.onnx', no file of a kit. Copy it again.");
    } finally {
      Files.write(kit.resolve("manifest.json"), whole);
    }
  }

  @Test
  void whatCameBackIsAProfile() throws IOException {
    Profile profile = ProbeKit.read(kit, SPACE);
    assertThat(profile.samples()).hasSize(3);
    assertThat(profile.batch()).isEqualTo(2);
    assertThat(profile.threads()).isEqualTo(1);
    assertThat(profile.referenceMillis()).isPositive();
    assertThat(profile.fingerprint())
        .startsWith("Some board, " + System.getProperty("os.name"))
        .endsWith(
            "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion() + ", 1 thread, batch 2");
    double[] byCandidate = new double[3];
    for (Profile.Sample sample : profile.samples()) {
      assertThat(sample.measurement().rounds()).isEqualTo(ROUNDS);
      byCandidate[sample.architecture().pick(0)] = sample.measurement().millis();
    }
    assertThat(byCandidate[2]).isGreaterThan(byCandidate[1]);
    assertThat(byCandidate[1]).isGreaterThan(byCandidate[0]);
  }

  @Test
  void theProgramSaysHowFarItIs() {
    assertThat(output.get(0)).startsWith("Measuring 3 networks on Some board, ");
    assertThat(output.get(3)).startsWith("  3/3  probe-003.onnx  ").endsWith(" ms");
    assertThat(output.get(4)).startsWith("Wrote ").endsWith("results.csv: send this file back.");
  }

  @Test
  void theKitIsWhole() throws IOException {
    try (Stream<Path> files = Files.list(kit)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains(
              "README.txt",
              "MeasureProbes.java",
              "manifest.json",
              "reference.onnx",
              "probe-001.onnx",
              "probe-002.onnx",
              "probe-003.onnx");
    }
    assertThat(Files.readString(kit.resolve("README.txt"))).contains("not been run on arm64");
  }

  @Test
  @Tag("slow")
  void theProgramRefusesADamagedNetworkAndUnknownOptions() throws Exception {
    Path probe = kit.resolve("probe-002.onnx");
    byte[] whole = Files.readAllBytes(probe);
    byte[] damaged = whole.clone();
    damaged[damaged.length / 2]++;
    Files.write(probe, damaged);
    try {
      assertThat(measure(1))
          .containsExactly("probe-002.onnx was damaged or changed. Copy the kit again.");
    } finally {
      Files.write(probe, whole);
    }
    assertThat(measure(1, "--fast"))
        .containsExactly(
            "Unknown option '--fast'. Known are --dir=DIR, --device=NAME, --busy=FACTOR.");
    assertThat(measure(1, "--dir=/nowhere"))
        .containsExactly(
            "There is no /nowhere/manifest.json. Start this in the folder of the kit.");
  }

  /** No machine ever takes half of what it takes when it is quiet. */
  @Test
  @Tag("slow")
  void theProgramGivesUpWhereTheMachineIsTooBusy() throws Exception {
    List<String> lines = measure(1, "--busy=0.5");
    assertThat(lines.get(lines.size() - 1))
        .matches(
            "The machine is too busy: in \\d+ rounds networks took more than 0\\.5 times as long as"
                + " when it is quiet\\. Stop other programs, or give --busy=4\\.");
  }

  @Test
  @Tag("slow")
  void theProgramNamesWhatTheManifestLacks() throws Exception {
    Path manifest = kit.resolve("manifest.json");
    String whole = Files.readString(manifest);
    assertThat(whole).contains("\"rounds\"");
    Files.writeString(manifest, whole.replace("\"rounds\"", "\"turns\""));
    try {
      assertThat(measure(1)).containsExactly("The manifest says no 'rounds'. Copy the kit again.");
    } finally {
      Files.writeString(manifest, whole);
    }
  }

  /** The message about results that were changed in this way. */
  private PredictorFileException refusal(UnaryOperator<List<String>> change) throws IOException {
    Files.copy(kit.resolve("manifest.json"), folder.resolve("manifest.json"));
    Files.write(folder.resolve("results.csv"), change.apply(new ArrayList<>(genuine)));
    try {
      ProbeKit.read(folder, SPACE);
    } catch (PredictorFileException e) {
      return e;
    }
    throw new AssertionError("not refused");
  }

  private PredictorFileException with(int line, String pattern, String replacement)
      throws IOException {
    return refusal(
        lines -> {
          String before = lines.get(line - 1);
          lines.set(line - 1, before.replaceFirst(pattern, replacement));
          assertThat(lines.get(line - 1)).isNotEqualTo(before);
          return lines;
        });
  }

  @Test
  void aMissingRowIsRefused() throws IOException {
    String probe = genuine.get(HEADER + 2).split(",")[0];
    PredictorFileException e =
        refusal(
            lines -> {
              lines.remove(HEADER + 2);
              return lines;
            });
    assertThat(e.line()).isEqualTo(genuine.size() - 1);
    assertThat(e)
        .hasMessageContaining(
            "the file ends, but of '"
                + probe
                + "' it holds 5 of 6 rounds.\n"
                + "Maybe measure again, and send the whole file.");
  }

  @Test
  void aRowThatIsThereTwiceIsRefused() throws IOException {
    PredictorFileException e =
        refusal(
            lines -> {
              lines.add(HEADER + 3, lines.get(HEADER));
              return lines;
            });
    assertThat(e.line()).isEqualTo(HEADER + 4);
    assertThat(e).hasMessageContaining("round 1 of 'probe-001.onnx' was in line 9 already.\nMaybe");
  }

  @Test
  void latenciesThatAreNoneAreRefused() throws IOException {
    assertThat(with(HEADER + 2, ",2,[^,]*,", ",2,NaN,"))
        .hasMessageContaining(
            "results.csv', line 10: the latency in ms must be a finite number above 0, but is"
                + " 'NaN'.");
  }

  @Test
  void negativeLatenciesAreRefused() throws IOException {
    assertThat(with(HEADER + 1, ",1,", ",1,-"))
        .hasMessageContaining("line 9: the latency in ms must be a finite number above 0");
  }

  @Test
  void negativeLatenciesOfTheReferenceAreRefused() throws IOException {
    assertThat(with(HEADER + 1, ",([^,]*)$", ",-$1"))
        .hasMessageContaining("line 9: the reference's latency in ms must be a finite number");
  }

  @Test
  void anotherUnitIsRefused() throws IOException {
    assertThat(with(4, "ms", "us"))
        .hasMessageContaining(
            "line 4: latencies are in 'us', but the kit's manifest says 'ms'.\n"
                + "Maybe these are results of another kit, or were edited: measure this one.");
  }

  @Test
  void anotherBatchIsRefused() throws IOException {
    assertThat(with(5, "2", "1"))
        .hasMessageContaining(
            "line 5: networks ran on a batch of '1', but the kit's manifest says '2'.");
  }

  @Test
  void anotherNumberOfThreadsIsRefused() throws IOException {
    assertThat(with(6, "1", "4"))
        .hasMessageContaining(
            "line 6: the number of threads was '4', but the kit's manifest says '1'.");
  }

  @Test
  void resultsOfAnotherManifestAreRefused() throws IOException {
    assertThat(with(2, "manifest: .{8}", "manifest: 00000000"))
        .hasMessageContaining("line 2: the results are of manifest '00000000");
  }

  @Test
  void anUnknownProbeIsRefused() throws IOException {
    assertThat(with(HEADER + 1, "probe-001", "probe-007"))
        .hasMessageContaining("line 9: the manifest knows no probe 'probe-007.onnx'.");
  }

  @Test
  void aRoundTooManyIsRefused() throws IOException {
    assertThat(with(HEADER + 1, ",1,", ",7,"))
        .hasMessageContaining("line 9: round 7 is more than the 6 of the manifest.");
  }

  @Test
  void whatFollowsTheRowsIsRefused() throws IOException {
    assertThat(
            refusal(
                lines -> {
                  lines.add("# end");
                  return lines;
                }))
        .hasMessageContaining("expected the end of the file.");
  }

  private void refuseManifest(String from, String to, String message) throws IOException {
    String manifest = Files.readString(kit.resolve("manifest.json"));
    assertThat(manifest).contains(from);
    Files.writeString(folder.resolve("manifest.json"), manifest.replace(from, to));
    Files.write(folder.resolve("results.csv"), genuine);
    assertThatThrownBy(() -> ProbeKit.read(folder, SPACE))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageContaining("manifest.json', line ")
        .hasMessageContaining(message);
  }

  @Test
  void aChangedManifestIsRefused() throws IOException {
    refuseManifest(
        "\"batch\" : 2", "\"batch\" : 1", "line 1: the manifest was changed after it was written.");
    refuseManifest(
        "\"format\" : 1",
        "\"format\" : 2",
        "the manifest is of format 2, but this version of the library reads format 1.");
    refuseManifest("\"kind\"", "\"sort\"", "this is no manifest of a probe kit.");
    refuseManifest("\"rounds\" :", "\"rounds\"", "this is no JSON: ");
  }

  @Test
  void anotherSpaceIsRefusedNamingBoth() {
    LayeredSpace other =
        LayeredSpace.named("other", new FeatureShape(3, 24, 24), 4)
            .stem(new ConvBnAct(3, 16, 1))
            .choice("block", new SkipConnect(16, 1), new MbConv(3, 3, 16, 1))
            .build();
    assertThatThrownBy(() -> ProbeKit.read(kit, other))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageContaining("the kit is of space 'probed ")
        .hasMessageContaining("not of 'other ");
  }

  @Test
  void resultsThatAreNotThereYetAreAskedFor() throws IOException {
    Files.copy(kit.resolve("manifest.json"), folder.resolve("manifest.json"));
    assertThatThrownBy(() -> ProbeKit.read(folder, SPACE))
        .isInstanceOf(NasException.class)
        .hasMessageContaining("so nothing was measured yet.\nMaybe run MeasureProbes.java");
  }

  @Test
  void settersRejectNonsense() {
    assertThatThrownBy(() -> ProbeKit.write(SPACE, 2, folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A profile needs at least 3 samples, not 2.");
    assertThatThrownBy(() -> ProbeKit.builder(SPACE).batch(0))
        .hasMessage("The batch must hold at least 1 image, not 0.");
    assertThatThrownBy(() -> ProbeKit.builder(SPACE).threads(0))
        .hasMessage("A network runs on at least 1 thread, not 0.");
    assertThatThrownBy(() -> ProbeKit.builder(SPACE).rounds(5))
        .hasMessage("A measurement needs at least 6 rounds, not 5.");
  }
}
