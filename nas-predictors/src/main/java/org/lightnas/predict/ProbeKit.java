package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.device.LocalDevice;
import org.lightnas.export.Onnx;
import org.lightnas.graph.Networks;
import org.lightnas.internal.AtomicFile;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

/**
 * Measures a device that is elsewhere: a folder with networks to carry there, and the way back.
 *
 * <pre>
 * ProbeKit.write(space, 60, folder);              // here
 * java -cp onnxruntime.jar MeasureProbes.java     // there, in the folder; writes results.csv
 * Profile profile = ProbeKit.read(folder, space); // here, with results.csv put into the folder
 * </pre>
 *
 * The folder holds the networks as ONNX files with batch norms folded, a reference network that
 * takes turns with each of them, {@code manifest.json}, {@code README.txt} and {@code
 * MeasureProbes.java}, one file of plain Java 11 that needs ONNX Runtime and nothing else. Tried on
 * linux-x86_64; arm64 and other platforms are untested.
 *
 * @since 0.1.0
 */
public final class ProbeKit {

  static final String MANIFEST = "manifest.json";
  static final String RESULTS = "results.csv";

  private static final String PROGRAM = "MeasureProbes.java";
  private static final String REFERENCE = "reference.onnx";

  private ProbeKit() {}

  /**
   * Writes a kit with the default settings.
   *
   * @param samples how many architectures; spaces that hold fewer are written whole
   * @param folder created if need be; files of an older kit are replaced
   * @throws IllegalArgumentException if {@code samples} is below 3
   * @throws org.lightnas.NasException as {@link Onnx#toBytes}, or if there is no ND4J backend on
   *     the class path
   * @throws IOException naming the file, if one cannot be written
   */
  public static void write(SearchSpace space, int samples, Path folder) throws IOException {
    builder(space).samples(samples).write(folder);
  }

  /** Settings, all with defaults. */
  public static Builder builder(SearchSpace space) {
    return new Builder(space);
  }

  /**
   * Turns what came back into a profile: for each network the median over rounds of the ratio to
   * the reference network, times the reference's latency at the beginning, with its standard error.
   *
   * @param folder with {@code manifest.json} as written and {@code results.csv} as measured
   * @param space the space the kit was written for
   * @throws IOException if a file cannot be read
   * @throws PredictorFileException naming file and line, if the manifest was changed or is of
   *     another space, or the results are of another manifest, unit or batch, miss a network or a
   *     round, hold one twice or one that was not asked for, or a latency that is not positive
   */
  public static Profile read(Path folder, ChoiceSpace space) throws IOException {
    ProbeManifest manifest = ProbeManifest.read(folder.resolve(MANIFEST), space);
    return ProbeResults.read(folder.resolve(RESULTS), manifest, space);
  }

  static String sha256(byte[] bytes) {
    return Hashing.sha256().hashBytes(bytes).toString();
  }

  /**
   * Settings of a kit.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final SearchSpace space;
    private int samples = 60;
    private int batch = 1;
    private int threads = 1;
    private int rounds = 12;
    private long seed = 1;

    private Builder(SearchSpace space) {
      this.space = space;
    }

    /**
     * How many architectures; spaces that hold fewer are written whole. Default 60.
     *
     * @throws IllegalArgumentException if below 3
     */
    @CanIgnoreReturnValue
    public Builder samples(int count) {
      checkArgument(count >= 3, "A profile needs at least 3 samples, not %s.", count);
      samples = count;
      return this;
    }

    /**
     * Images per batch. Default 1.
     *
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder batch(int images) {
      checkArgument(images >= 1, "The batch must hold at least 1 image, not %s.", images);
      batch = images;
      return this;
    }

    /**
     * Threads that networks run on. Default 1.
     *
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder threads(int count) {
      checkArgument(count >= 1, "A network runs on at least 1 thread, not %s.", count);
      threads = count;
      return this;
    }

    /**
     * How often each network takes turns with the reference network. Default 12.
     *
     * @throws IllegalArgumentException if below 6, which say nothing about their own spread
     */
    @CanIgnoreReturnValue
    public Builder rounds(int count) {
      checkArgument(count >= 6, "A measurement needs at least 6 rounds, not %s.", count);
      rounds = count;
      return this;
    }

    /** Decides which architectures are written and in which order. Default 1. */
    @CanIgnoreReturnValue
    public Builder seed(long newSeed) {
      seed = newSeed;
      return this;
    }

    /**
     * Writes the kit; the manifest last, so that a folder with one is whole.
     *
     * @throws org.lightnas.NasException as {@link ProbeKit#write}
     * @throws IOException naming the file, if one cannot be written
     */
    public void write(Path folder) throws IOException {
      Files.deleteIfExists(folder.resolve(MANIFEST));
      ProbeManifest.Network reference = network(LocalDevice.referenceNetwork(), folder, REFERENCE);
      List<ProbeManifest.Probe> probes = new ArrayList<>();
      for (Architecture architecture : Profile.architectures(space, samples, seed)) {
        String name = String.format(Locale.ROOT, "probe-%03d.onnx", probes.size() + 1);
        probes.add(
            new ProbeManifest.Probe(
                network(space.network(architecture, seed), folder, name), architecture));
      }
      copy(PROGRAM, folder.resolve(PROGRAM));
      copy("probe-kit.txt", folder.resolve("README.txt"));
      ProbeManifest.write(
          space, batch, threads, rounds, reference, probes, folder.resolve(MANIFEST));
    }

    private static ProbeManifest.Network network(ComputationGraph network, Path folder, String name)
        throws IOException {
      try {
        byte[] model = Onnx.of(network).foldBatchNorms().toBytes();
        AtomicFile.write(folder.resolve(name), out -> out.write(model));
        return new ProbeManifest.Network(name, sha256(model));
      } finally {
        Networks.close(network);
      }
    }

    private static void copy(String resource, Path file) throws IOException {
      URL source = Resources.getResource(ProbeKit.class, resource);
      AtomicFile.write(file, out -> Resources.copy(source, out));
    }
  }
}
