package org.lightnas.train;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.internal.OtherJvm;
import org.lightnas.space.LayeredSpace;

/** What we train is plain DL4J: a program with DL4J and nothing of ours can use it. */
class SavedNetworkTest {

  private static final String PROGRAM =
      """
      import org.deeplearning4j.nn.graph.ComputationGraph;
      import org.nd4j.linalg.api.ndarray.INDArray;
      import org.nd4j.linalg.factory.Nd4j;

      public class UsesSavedNetworks {
        public static void main(String[] files) throws Exception {
          try {
            Class.forName("org.lightnas.FeatureShape");
            throw new IllegalStateException("our classes are here");
          } catch (ClassNotFoundException expected) {
            System.out.println("alone");
          }
          INDArray images = Nd4j.readNumpy(files[0], ",").reshape('c', 6, 1, 8, 8);
          for (int i = 1; i < files.length; i++) {
            ComputationGraph network = ComputationGraph.load(new java.io.File(files[i]), false);
            INDArray out = network.outputSingle(images);
            for (float p : out.dup('c').data().asFloat()) {
              System.out.println(Float.toHexString(p));
            }
          }
        }
      }
      """;

  @TempDir Path folder;

  @Test
  @Tag("slow")
  void opensWithoutThisLibraryAndComputesTheSame() throws Exception {
    ImageData images = Stripes.images(64, 6);
    LayeredSpace space = Stripes.space();
    ComputationGraph network =
        Trainer.builder()
            .epochs(1)
            .batchSize(16)
            .augmentation(Augmentation.none())
            .build()
            .fit(space.architecture(0, 1), images);
    ComputationGraph folded = BatchNormFolding.fold(network);
    Path csv = folder.resolve("images.csv");
    Files.writeString(csv, csv(images));
    Path trainedFile = folder.resolve("trained.zip");
    Path foldedFile = folder.resolve("folded.zip");
    ModelSerializer.writeModel(network, trainedFile.toFile(), false);
    ModelSerializer.writeModel(folded, foldedFile.toFile(), true);

    // Of the directories on the class path (ours) only the program's own remains.
    List<Path> classPath = new ArrayList<>(OtherJvm.classPath(entry -> !Files.isDirectory(entry)));
    classPath.removeIf(entry -> entry.getFileName().toString().startsWith("nas-"));
    classPath.add(compile(classPath));
    List<String> output =
        OtherJvm.run(
            classPath,
            "UsesSavedNetworks",
            csv.toString(),
            trainedFile.toString(),
            foldedFile.toString());

    List<String> expected = new ArrayList<>(List.of("alone"));
    var features = images.test().iterator(6).next().getFeatures();
    for (ComputationGraph each : List.of(network, folded)) {
      for (float p : each.outputSingle(features).dup('c').data().asFloat()) {
        expected.add(Float.toHexString(p));
      }
    }
    assertThat(expected).hasSize(1 + 2 * 6 * Stripes.CLASSES);
    assertThat(output).isEqualTo(expected);
  }

  private static String csv(ImageData images) {
    StringBuilder text = new StringBuilder();
    float[] image = new float[(int) images.shape().size()];
    for (int i = 0; i < images.test().size(); i++) {
      images.test().copyNhwc(i, image, 0);
      for (int p = 0; p < image.length; p++) {
        text.append(p == 0 ? "" : ",").append(image[p]);
      }
      text.append('\n');
    }
    return text.toString();
  }

  private Path compile(List<Path> classPath) throws Exception {
    Path source = folder.resolve("UsesSavedNetworks.java");
    Files.writeString(source, PROGRAM);
    Path classes = Files.createDirectory(folder.resolve("program"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
      boolean good =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-proc:none",
                      "-d",
                      classes.toString(),
                      "-cp",
                      classPath.stream().map(Path::toString).collect(joining(File.pathSeparator))),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertThat(good).as(messages.toString()).isTrue();
    }
    return classes;
  }
}
