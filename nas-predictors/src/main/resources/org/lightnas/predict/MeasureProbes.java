import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures the networks of a probe kit on the machine that it runs on, and writes results.csv.
 *
 * <pre>
 * java -cp onnxruntime.jar MeasureProbes.java [--dir=DIR] [--device=NAME] [--busy=FACTOR]
 * </pre>
 *
 * Plain Java 11 or newer and ONNX Runtime; nothing else. Each probe takes turns with a small
 * reference network, so that whatever slows the machine down slows both; a round in which either
 * takes more than FACTOR (default 2) times as long as when it is quiet is done again.
 */
public final class MeasureProbes {

  private static final long WARM_UP_NANOS = 1_000_000_000L;
  private static final long MIN_PORTION_NANOS = 3_000_000L;
  private static final long SIDE_NANOS = 12_000_000L;
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 500;
  private static final int LEAST_PORTIONS = 16;
  private static final Pattern NETWORK =
      Pattern.compile("\"file\"\\s*:\\s*\"([^\"]+)\"\\s*,\\s*\"sha256\"\\s*:\\s*\"([0-9a-f]{64})\"");

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Path folder;
  private final double busyFactor;
  private final int batch;
  private final int threads;
  private final int rounds;
  private double quietReference = Double.POSITIVE_INFINITY;

  private MeasureProbes(Path folder, double busyFactor, String manifest) {
    this.folder = folder;
    this.busyFactor = busyFactor;
    batch = number(manifest, "batch");
    threads = number(manifest, "threads");
    rounds = number(manifest, "rounds");
  }

  public static void main(String[] args) throws Exception {
    Path folder = Paths.get("");
    String device = processor();
    double busyFactor = 2;
    for (String arg : args) {
      if (arg.startsWith("--dir=")) {
        folder = Paths.get(arg.substring("--dir=".length()));
      } else if (arg.startsWith("--device=")) {
        device = arg.substring("--device=".length());
      } else if (arg.startsWith("--busy=")) {
        busyFactor = Double.parseDouble(arg.substring("--busy=".length()));
      } else {
        stop("Unknown option '" + arg + "'. Known are --dir=DIR, --device=NAME, --busy=FACTOR.");
      }
    }
    Path file = folder.resolve("manifest.json");
    if (!Files.isRegularFile(file)) {
      stop("There is no " + file.toAbsolutePath() + ". Start this in the folder of the kit.");
    }
    byte[] bytes = Files.readAllBytes(file);
    String manifest = new String(bytes, StandardCharsets.UTF_8);
    new MeasureProbes(folder, busyFactor, manifest)
        .run(manifest, sha256(bytes), device.replaceAll("\\s+", " ").trim());
  }

  private void run(String manifest, String manifestSum, String device) throws Exception {
    List<String> names = new ArrayList<>();
    Matcher matcher = NETWORK.matcher(manifest);
    while (matcher.find()) {
      if (!matcher.group(1).matches("[A-Za-z0-9-]+\\.onnx")) {
        stop("The manifest names '" + matcher.group(1) + "', no file of a kit. Copy it again.");
      }
      Path file = folder.resolve(matcher.group(1));
      if (!sha256(Files.readAllBytes(file)).equals(matcher.group(2))) {
        stop(file + " was damaged or changed. Copy the kit again.");
      }
      names.add(matcher.group(1));
    }
    // The reference network stands first in the manifest.
    String fingerprint =
        String.join(
            ", ",
            device,
            System.getProperty("os.name") + " " + System.getProperty("os.arch"),
            "Java " + Runtime.version().feature(),
            "ONNX Runtime " + environment.getVersion(),
            threads + (threads == 1 ? " thread" : " threads"),
            "batch " + batch);
    System.out.println("Measuring " + (names.size() - 1) + " networks on " + fingerprint);
    List<String> lines = new ArrayList<>();
    try (Network reference = new Network(names.get(0), Math.min(batch, 8))) {
      calibrate(reference);
      lines.add("# lightnas probes, format 1");
      lines.add("# manifest: " + manifestSum);
      lines.add("# fingerprint: " + fingerprint);
      lines.add("# unit: ms");
      lines.add("# batch: " + batch);
      lines.add("# threads: " + threads);
      lines.add("# reference ms: " + quietReference / 1e6);
      lines.add("probe,round,ms,reference_ms");
      for (int i = 1; i < names.size(); i++) {
        double typical;
        try (Network probe = new Network(names.get(i), batch)) {
          typical = measure(reference, probe, lines);
        }
        System.out.println(
            String.format(
                Locale.ROOT, "  %d/%d  %s  %.3f ms", i, names.size() - 1, names.get(i), typical));
      }
    }
    Path aside = folder.resolve("results.csv.tmp");
    Files.write(aside, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    Path results = folder.resolve("results.csv");
    Files.move(aside, results, StandardCopyOption.REPLACE_EXISTING);
    System.out.println("Wrote " + results.toAbsolutePath() + ": send this file back.");
  }

  /** The least over portions: others can only add to it. */
  private void calibrate(Network reference) throws OrtException {
    long start = System.nanoTime();
    while (System.nanoTime() - start < WARM_UP_NANOS) {
      reference.run();
    }
    int runs = runs(MIN_PORTION_NANOS, reference.portion(1));
    start = System.nanoTime();
    for (int i = 0; i < LEAST_PORTIONS || System.nanoTime() - start < WARM_UP_NANOS; i++) {
      quietReference = Math.min(quietReference, reference.portion(runs));
    }
  }

  /** Adds a line for every round; returns the median in ms. */
  private double measure(Network reference, Network probe, List<String> lines) throws Exception {
    for (int i = 0; i < 3; i++) {
      reference.run();
      probe.run();
    }
    double quietProbe = Math.min(probe.portion(1), probe.portion(1));
    double quick = Math.min(reference.portion(1), reference.portion(1));
    // Portions of both sides take about as long: short ones slip between other programs' slices.
    double portion = Math.max(MIN_PORTION_NANOS, Math.max(quietProbe, quick));
    int probeRuns = runs(portion, quietProbe);
    int referenceRuns = runs(portion, quick);
    double[] probeTimes = new double[(int) Math.max(2, SIDE_NANOS / portion)];
    double[] referenceTimes = new double[probeTimes.length];
    double[] kept = new double[rounds];
    int dropped = 0;
    for (int round = 0; round < rounds; ) {
      boolean referenceFirst = (round + dropped) % 2 == 0;
      for (int i = 0; i < probeTimes.length; i++) {
        if (referenceFirst) {
          referenceTimes[i] = reference.portion(referenceRuns);
        }
        probeTimes[i] = probe.portion(probeRuns);
        if (!referenceFirst) {
          referenceTimes[i] = reference.portion(referenceRuns);
        }
      }
      double probeTime = trimmedMean(probeTimes);
      double referenceTime = trimmedMean(referenceTimes);
      quietReference = Math.min(quietReference, referenceTime);
      quietProbe = Math.min(quietProbe, probeTime);
      if (Math.max(referenceTime / quietReference, probeTime / quietProbe) > busyFactor) {
        dropped++;
        if (dropped > 3 * rounds) {
          stop(
              "The machine is too busy: in "
                  + dropped
                  + " rounds networks took more than "
                  + busyFactor
                  + " times as long as when it is quiet. Stop other programs, or give --busy=4.");
        }
        Thread.sleep(Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * dropped));
        continue;
      }
      kept[round] = probeTime / 1e6;
      round++;
      lines.add(probe.name + "," + round + "," + probeTime / 1e6 + "," + referenceTime / 1e6);
    }
    Arrays.sort(kept);
    return kept[rounds / 2];
  }

  private static int runs(double portion, double nanos) {
    return (int) Math.max(1, Math.round(portion / nanos));
  }

  /** The mean of the fastest two thirds; sorts its argument. */
  private static double trimmedMean(double[] times) {
    Arrays.sort(times);
    return Arrays.stream(times, 0, Math.max(1, times.length * 2 / 3)).average().getAsDouble();
  }

  /** A session with its batch of fixed noise. */
  private final class Network implements AutoCloseable {

    private final String name;
    private final OrtSession session;
    private final OnnxTensor images;
    private final Map<String, OnnxTensor> inputs;

    Network(String name, int images) throws OrtException {
      this.name = name;
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        // Or the threads of one session would still be spinning while the other runs.
        options.addConfigEntry("session.force_spinning_stop", "1");
        session = environment.createSession(folder.resolve(name).toString(), options);
      }
      String input = session.getInputNames().iterator().next();
      long[] axes = ((TensorInfo) session.getInputInfo().get(input).getInfo()).getShape();
      axes[0] = images;
      int size = 1;
      for (long axis : axes) {
        size = Math.toIntExact(size * axis);
      }
      FloatBuffer noise =
          ByteBuffer.allocateDirect(4 * size).order(ByteOrder.nativeOrder()).asFloatBuffer();
      for (int i = 0; i < size; i++) {
        noise.put(i, (float) i / size);
      }
      this.images = OnnxTensor.createTensor(environment, noise, axes);
      inputs = Map.of(input, this.images);
    }

    void run() throws OrtException {
      session.run(inputs).close();
    }

    /** The mean time of one of so many runs, in ns. */
    double portion(int runs) throws OrtException {
      long start = System.nanoTime();
      for (int i = 0; i < runs; i++) {
        run();
      }
      return (double) Math.max(1, System.nanoTime() - start) / runs;
    }

    @Override
    public void close() throws OrtException {
      images.close();
      session.close();
    }
  }

  private static int number(String manifest, String key) {
    Matcher matcher = Pattern.compile("\"" + key + "\"\\s*:\\s*([1-9]\\d{0,8})").matcher(manifest);
    if (!matcher.find()) {
      stop("The manifest says no '" + key + "'. Copy the kit again.");
    }
    return Integer.parseInt(matcher.group(1));
  }

  private static String processor() throws IOException {
    Path info = Paths.get("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      for (String line : Files.readAllLines(info, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("model name") && line.contains(":")) {
          return line.substring(line.indexOf(':') + 1);
        }
      }
    }
    // On arm64, Linux names the board instead.
    Path model = Paths.get("/proc/device-tree/model");
    return Files.isReadable(model)
        ? new String(Files.readAllBytes(model), StandardCharsets.UTF_8).replace("\0", "")
        : System.getProperty("os.arch");
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    StringBuilder hex = new StringBuilder();
    for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes)) {
      hex.append(String.format(Locale.ROOT, "%02x", b));
    }
    return hex.toString();
  }

  private static void stop(String message) {
    System.err.println(message);
    System.exit(1);
  }
}
