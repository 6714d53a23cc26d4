package org.lightnas.examples.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.zoo.NasBench201Space;

class PublishedLatenciesTest {

  private static final String CELLS =
      "arch_idx,arch_str,op_1_0,op_2_0,op_2_1,op_3_0,op_3_1,op_3_2\n";
  private static final String CELL =
      "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|,3,0,1,0,0,4\n";
  private static final String OTHER =
      "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|,0,0,0,1,0,0\n";

  @TempDir Path data;

  private void write(String name, String text) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void readsCellsAndTheLatenciesOfEachDevice() throws IOException {
    write("nb201/archs.csv.gz", CELLS + "7," + CELL + "9," + OTHER);
    write("nb201/latency_ms.csv.gz", "arch_idx,cpu,phone\n9,2.5,\n7,1.5,4\n");
    PublishedLatencies read = PublishedLatencies.read(data, "nb201");
    NasBench201Space space = new NasBench201Space();
    assertThat(read.space()).isEqualTo(space);
    assertThat(read.filtered()).isEmpty();
    assertThat(read.profiles().keySet()).containsExactly("cpu", "phone");
    Profile cpu = read.profiles().get("cpu");
    assertThat(cpu.fingerprint()).isEqualTo("nasbench201 on cpu");
    assertThat(cpu.samples().stream().map(Profile.Sample::architecture))
        .containsExactly(
            space.architecture(0, 0, 0, 1, 0, 0), space.architecture(3, 0, 1, 0, 0, 4));
    assertThat(cpu.samples().stream().map(s -> s.measurement().millis())).containsExactly(2.5, 1.5);
    assertThat(read.profiles().get("phone").samples()).hasSize(1);
  }

  @Test
  void leavesOutWhatPixel3DidNotRun() throws IOException {
    String all = CELLS;
    String latencies = "arch_idx,cpu,pixel3\n";
    NasBench201Space space = new NasBench201Space();
    for (int i = 0; i < 5; i++) {
      Architecture cell = space.uniform(i);
      String numbers =
          IntStream.of(cell.picks()).mapToObj(k -> "," + k).collect(Collectors.joining());
      all += i + "," + space.format(cell) + numbers + "\n";
      latencies += i + ",0.003," + (i == 0 ? "0.049" : "1") + "\n";
    }
    write("nb201/archs.csv.gz", all);
    write("nb201/latency_ms.csv.gz", latencies);
    PublishedLatencies read = PublishedLatencies.read(data, "nb201");
    assertThat(read.filtered()).isEqualTo(Map.of("pixel3", 1));
    assertThat(read.profiles().get("cpu").samples()).hasSize(5);
    assertThat(read.profiles().get("pixel3").samples())
        .hasSize(4)
        .noneMatch(sample -> sample.architecture().equals(space.uniform(0)));
  }

  @Test
  void readsFbNetLayerByLayer() throws IOException {
    String layers = IntStream.range(0, 22).mapToObj(l -> ",op_" + l).collect(Collectors.joining());
    String picks = IntStream.range(0, 22).mapToObj(l -> "," + l % 9).collect(Collectors.joining());
    write("fbnet/archs.csv.gz", "arch_idx" + layers + "\n0" + picks + "\n");
    write("fbnet/latency_ms.csv.gz", "arch_idx,cpu\n0,3\n");
    Architecture read =
        PublishedLatencies.read(data, "fbnet")
            .profiles()
            .get("cpu")
            .samples()
            .get(0)
            .architecture();
    assertThat(read.picks()).isEqualTo(IntStream.range(0, 22).map(l -> l % 9).toArray());
    assertThat(read.candidate(8).id()).isEqualTo("skip");
    assertThat(read.space()).hasToString("fbnet (22 layers)");

    write("fbnet/archs.csv.gz", "arch_idx" + layers + "\n0" + picks.replace("8", "9") + "\n");
    assertThatThrownBy(() -> PublishedLatencies.read(data, "fbnet"))
        .isInstanceOf(TableFileException.class)
        .hasMessageContaining(
            "line 2: 'op_8' must be a whole number from 0 to 8, but is '9'.\nMaybe the file was");
  }

  private static String ofa(String resolution, int depth, int hidden) {
    StringBuilder row = new StringBuilder("0," + resolution);
    row.append(",4,4,4,4,").append(depth);
    row.append(",3".repeat(18)).append(",5,").append(hidden).append(",4".repeat(20)).append("\n");
    return row.toString();
  }

  @Test
  void ofaLayersBeyondTheDepthDoNotCount() throws IOException {
    String header = "arch_idx,resolution";
    for (int s = 0; s < 5; s++) {
      header += ",depth_s" + s;
    }
    for (String kind : new String[] {",ks_", ",e_"}) {
      header += IntStream.range(0, 20).mapToObj(l -> kind + l).collect(Collectors.joining());
    }
    header += "\n";
    write(
        "ofa_mbv3/archs.csv.gz",
        header
            + ofa("132", 3, 7)
            + "1"
            + ofa("132", 3, 5).substring(1)
            + "2"
            + ofa("224", 4, 7).substring(1));
    write("ofa_mbv3/latency_ms.csv.gz", "arch_idx,gpu\n0,3\n1,4\n2,5\n");
    PublishedLatencies read = PublishedLatencies.read(data, "ofa_mbv3");
    Profile gpu = read.profiles().get("gpu");
    assertThat(gpu.samples().stream().map(s -> s.measurement().millis())).containsExactly(3.0, 5.0);
    Architecture shallow = gpu.samples().get(0).architecture();
    assertThat(shallow.id())
        .isEqualTo("r132-d4-d4-d4-d4-d3" + "-k3_e4".repeat(18) + "-k5_e4" + "-k3_e3");
    assertThat(gpu.samples().get(1).architecture().id()).endsWith("-k5_e4-k7_e4");
    assertThat(read.space().reachable(shallow.with("layer_19", "k7_e6"))).isEqualTo(shallow);
    assertThat(read.space()).hasToString("ofa-mobilenetv3 (20 layers)");

    write("ofa_mbv3/archs.csv.gz", header + ofa("130", 3, 7));
    assertThatThrownBy(() -> PublishedLatencies.read(data, "ofa_mbv3"))
        .isInstanceOf(TableFileException.class)
        .hasMessageContaining("line 2: Choice 'resolution' does not offer 'r130'");
  }

  @Test
  void theGraphOfOfaIsAChainWithDepths() {
    assertThat(new OfaMobileNetV3Space().links()).hasSize(1 + 19 + 10);
    assertThatThrownBy(() -> new OfaMobileNetV3Space().canonical(new FbNetSpace().uniform(8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("belongs to space 'fbnet', not to 'ofa-mobilenetv3'.");
  }

  @Test
  void problemsNameTheLine() throws IOException {
    write("nb201/archs.csv.gz", CELLS + "7," + CELL);
    for (String[] each :
        new String[][] {
          {"arch_idx,cpu\n", "line 2: expected a header and rows, but the file ends."},
          {"arch,cpu\n7,1\n", "line 1: there is no column 'arch_idx', only [arch, cpu]."},
          {"arch_idx,cpu\n7,1\n7,1,2\n", "line 3: expected 2 cells, but found 3."},
          {"arch_idx,cpu\n7,1\n8,1\n", "line 3: there is no architecture 8."},
          {"arch_idx,cpu\n7,-1\n", "line 2: 'cpu' must be a positive number, but is '-1'."},
          {"arch_idx,cpu\n7,NaN\n", "line 2: 'cpu' must be a positive number, but is 'NaN'."},
          {"arch_idx,cpu\n7,x\n", "line 2: 'cpu' must be a positive number, but is 'x'."},
        }) {
      write("nb201/latency_ms.csv.gz", each[0]);
      assertThatThrownBy(() -> PublishedLatencies.read(data, "nb201"))
          .isInstanceOf(TableFileException.class)
          .hasMessageContaining(
              each[1] + "\nMaybe the file was damaged or edited: fetch it again.");
    }
    for (String[] each :
        new String[][] {
          {"7," + CELL + "7," + OTHER, "line 3: architecture 7 was in a line before already."},
          {"7," + CELL.replace(",3,", ",2,"), "line 2: the cell is '|nor_conv_3x3~0|"},
          {"7," + CELL.replace("~2", "~1"), "line 2: A cell of space 'nasbench201' looks like"},
        }) {
      write("nb201/archs.csv.gz", CELLS + each[0]);
      assertThatThrownBy(() -> PublishedLatencies.read(data, "nb201"))
          .isInstanceOf(TableFileException.class)
          .hasMessageContaining(each[1]);
    }
  }

  @Test
  void namesWhatItCannotRead() throws IOException {
    assertThatThrownBy(() -> PublishedLatencies.read(data, "nb101"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no space 'nb101', only nb201, fbnet and ofa_mbv3.");
    assertThatThrownBy(() -> PublishedLatencies.read(data, "nb201"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("archs.csv.gz");
    Files.createDirectories(data.resolve("nb201"));
    Files.writeString(data.resolve("nb201/archs.csv.gz"), CELLS);
    assertThatThrownBy(() -> PublishedLatencies.read(data, "nb201"))
        .isInstanceOfSatisfying(TableFileException.class, e -> assertThat(e.line()).isEqualTo(1))
        .hasMessageContaining("line 1: expected compressed data, but: Not in GZIP format.");
  }

  /** The figures of data/README: rows, devices, and what is left out. */
  @Test
  @EnabledIfSystemProperty(named = "nas.data", matches = ".+")
  @Tag("slow")
  void readsThePublishedFiles() throws IOException {
    Path published = Path.of(System.getProperty("nas.data"));
    PublishedLatencies cells = PublishedLatencies.read(published, "nb201");
    assertThat(cells.profiles()).hasSize(20);
    assertThat(cells.filtered()).isEqualTo(Map.of("pixel3", 247));
    assertThat(cells.profiles().get("gold_6240").samples()).hasSize(12_319);
    assertThat(cells.profiles().get("pixel3").samples()).hasSize(12_319 - 247);
    assertThat(PublishedLatencies.read(published, "fbnet").profiles())
        .hasSize(20)
        .allSatisfy((device, profile) -> assertThat(profile.samples()).hasSize(4_028));
    assertThat(PublishedLatencies.read(published, "ofa_mbv3").profiles())
        .hasSize(6)
        .allSatisfy((device, profile) -> assertThat(profile.samples()).hasSize(3_967));
  }
}
