package org.lightnas.export;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.Provenance;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.AtomicFile;

/**
 * Writes networks as ONNX files, for ONNX Runtime and whatever else reads them.
 *
 * <pre>
 * Onnx.write(network, Path.of("pocket.onnx"));
 * Onnx.of(network).provenance(found.provenance()).foldBatchNorms().write(Path.of("pocket.onnx"));
 * </pre>
 *
 * A file holds the network as it infers: dropout does nothing, batch norms use their running
 * statistics.
 *
 * <pre>
 * input    float32 [batch, C, H, W]  any batch; [batch, C] where the network takes vectors
 * output   float32 [batch, C]        what output(images) gives; [batch, C, H, W] if that is a map
 * </pre>
 *
 * Both have the names they have in the DL4J configuration unless told otherwise. Operators are of
 * set 13, the format is IR 7 (ONNX 1.8, of 2020). The same network and settings give the same
 * bytes. Weights of networks in double are rounded to float32.
 *
 * @since 0.1.0
 */
public final class Onnx {

  private static final int IR_VERSION = 7;
  private static final int OPERATOR_SET = 13;
  private static final String PRODUCER = "LightNAS for Java";

  private final ComputationGraph network;
  private final Map<String, String> facts = new LinkedHashMap<>();
  private @Nullable FeatureShape input;
  private String inputName;
  private String outputName;
  private boolean folded;

  private Onnx(ComputationGraph network) {
    this.network = network;
    inputName = String.join("-", network.getConfiguration().getNetworkInputs());
    outputName = String.join("-", network.getConfiguration().getNetworkOutputs());
  }

  /**
   * Writes a network with the default settings.
   *
   * @param network as in {@link #of}
   * @throws NasException as {@link #toBytes}
   * @throws IOException naming the file, if it cannot be written
   */
  public static void write(ComputationGraph network, Path file) throws IOException {
    of(network).write(file);
  }

  /**
   * A network about to be written, with settings that all have defaults.
   *
   * @param network initialised, with one input and one output; neither changed nor kept beyond this
   *     object
   * @throws NasException if it is not initialised
   */
  public static Onnx of(ComputationGraph network) {
    if (network.getVertices() == null) {
      throw new NasException(
          "The network has no weights yet, so it cannot be written as ONNX.\n"
              + "Maybe call init() and train it first.");
    }
    return new Onnx(network);
  }

  /**
   * The shape of one image, for networks that do not say it. Default: what the configuration says,
   * see {@code SearchSpace.network} and DL4J's {@code InputType.convolutionalFlat}.
   */
  @CanIgnoreReturnValue
  public Onnx input(FeatureShape shape) {
    input = shape;
    return this;
  }

  /**
   * The name of the input in the file. Default: the one in the DL4J configuration.
   *
   * @throws IllegalArgumentException if blank
   */
  @CanIgnoreReturnValue
  public Onnx inputName(String name) {
    checkArgument(!name.isBlank(), "The input needs a name, not '%s'.", name);
    inputName = name;
    return this;
  }

  /**
   * The name of the output in the file. Default: the one in the DL4J configuration.
   *
   * @throws IllegalArgumentException if blank
   */
  @CanIgnoreReturnValue
  public Onnx outputName(String name) {
    checkArgument(!name.isBlank(), "The output needs a name, not '%s'.", name);
    outputName = name;
    return this;
  }

  /**
   * Writes batch norms as part of the convolutions and dense layers before them, as deployment
   * does; the result differs by rounding only. Default: the network as it is. Runtimes fold many by
   * themselves.
   */
  @CanIgnoreReturnValue
  public Onnx foldBatchNorms() {
    folded = true;
    return this;
  }

  /** Adds where the network comes from to the file's metadata. */
  @CanIgnoreReturnValue
  public Onnx provenance(Provenance provenance) {
    return provenance(provenance.facts());
  }

  /**
   * Adds names and values to the file's metadata ({@code metadata_props}); a name given again
   * replaces the older value. Default: what wrote the file and how it lies in memory.
   *
   * @throws IllegalArgumentException if a name is blank
   */
  @CanIgnoreReturnValue
  public Onnx provenance(Map<String, String> newFacts) {
    newFacts.forEach(
        (name, value) -> {
          checkArgument(!name.isBlank(), "A fact needs a name, but '%s' has none.", value);
          facts.put(name, value);
        });
    return this;
  }

  /**
   * Writes the file in one move, creating parent folders.
   *
   * @throws NasException as {@link #toBytes}
   * @throws IOException naming the file, if it cannot be written
   */
  public void write(Path file) throws IOException {
    ModelProto model = model();
    AtomicFile.write(file, model::writeTo);
  }

  /**
   * The file's content.
   *
   * @throws NasException if the network has several inputs or outputs, does not say the size of its
   *     input, holds something that ONNX cannot say (named by vertex and type of layer), or a
   *     weight that is not finite (named by its tensor)
   */
  public byte[] toBytes() {
    return model().toByteArray();
  }

  private ModelProto model() {
    checkArgument(
        !inputName.equals(outputName), "Input and output cannot both be called '%s'.", inputName);
    TrainedGraph trained =
        input == null ? TrainedGraph.of(network) : TrainedGraph.of(network, input);
    if (folded) {
      trained = BatchNormFolding.fold(trained);
    }
    LayerGraph graph = trained.graph();
    String version = Onnx.class.getPackage().getImplementationVersion();
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName(PRODUCER)
            .setProducerVersion(version == null ? "development build" : version)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATOR_SET))
            .setGraph(new OnnxWriter(trained, inputName, outputName).write("network"));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("input", "float32 NCHW, " + graph.input() + " per image");
    all.putAll(facts);
    all.forEach(
        (name, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(name).setValue(value)));
    return model.build();
  }
}
