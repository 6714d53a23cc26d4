package org.lightnas.examples.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.search.population.LocalSearch;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.zoo.NasBench201Space;

class PublishedAccuraciesTest {

  private static final String CELLS =
      """
      arch_idx,arch_str,op_1_0,op_2_0,op_2_1,op_3_0,op_3_1,op_3_2
      7,|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|,3,0,1,0,0,4
      9,|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|,0,0,0,1,0,0
      """;

  @TempDir Path data;

  private void write(String name, String text) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void readsEveryColumnOfAccuracies() throws IOException {
    write("nb201/archs.csv.gz", CELLS);
    write("nb201/accuracy.csv.gz", "arch_idx,a_test_200ep,a_val_12ep\n9,50.5,\n7,90,40\n");
    PublishedAccuracies read = PublishedAccuracies.read(data, "nb201");
    NasBench201Space space = new NasBench201Space();
    assertThat(read.space()).isEqualTo(space);
    assertThat(read.tables().keySet()).containsExactly("a_test_200ep", "a_val_12ep");
    TabularEvaluator test = read.table("a_test_200ep");
    assertThat(test.name()).isEqualTo("a_test_200ep [%]");
    assertThat(test.score(space.architecture(0, 0, 0, 1, 0, 0))).isEqualTo(50.5);
    assertThat(read.table("a_val_12ep").scores())
        .isEqualTo(Map.of(space.architecture(3, 0, 1, 0, 0, 4), 40.0));
    assertThatThrownBy(() -> read.table("b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There are no accuracies 'b', only [a_test_200ep, a_val_12ep].");
  }

  @Test
  void readsNasBenchMacroByItsDigits() throws IOException {
    write(
        "nbmacro/accuracy.csv.gz",
        "arch,cifar10_test_mean,cifar10_test_std,test_a,params,flops\n02211200,93,0.1,92.5,7,8\n");
    PublishedAccuracies read = PublishedAccuracies.read(data, "nbmacro");
    assertThat(read.space()).isEqualTo(new NasBenchMacroSpace());
    assertThat(read.space().size()).isEqualTo(BigInteger.valueOf(6_561));
    assertThat(read.space()).hasToString("nasbench-macro (8 layers)");
    assertThat(read.tables().keySet()).containsExactly("cifar10_test_mean", "test_a");
    Architecture only = read.table("test_a").scores().keySet().iterator().next();
    assertThat(only.picks()).containsExactly(0, 2, 2, 1, 1, 2, 0, 0);
    assertThat(only.candidate(1).id()).isEqualTo("k5_e6");
    assertThatThrownBy(() -> new NasBenchMacroSpace().parse("0123"))
        .hasMessage(
            "An architecture of space 'nasbench-macro' has 8 digits from 0 to 2, but this is"
                + " '0123'.");
  }

  @Test
  void problemsNameTheLine() throws IOException {
    write("nb201/archs.csv.gz", CELLS);
    for (String[] each :
        new String[][] {
          {"arch_idx,a_test_x\n8,1\n", "line 2: there is no architecture 8."},
          {"arch_idx,a_test_x\n7,1\n7,2\n", "line 3: architecture nor_conv_3x3-none-skip_connect"},
          {"arch_idx,a_test_x\n7,-1\n", "line 2: 'a_test_x' must be a positive number"},
          {"arch,a_test_x\n7,1\n", "line 1: there is no column 'arch_idx'"},
        }) {
      write("nb201/accuracy.csv.gz", each[0]);
      assertThatThrownBy(() -> PublishedAccuracies.read(data, "nb201"))
          .isInstanceOf(TableFileException.class)
          .hasMessageContaining(each[1]);
    }
    write("nbmacro/accuracy.csv.gz", "arch,test_a\n00000003,1\n");
    assertThatThrownBy(() -> PublishedAccuracies.read(data, "nbmacro"))
        .isInstanceOf(TableFileException.class)
        .hasMessageContaining("line 2: An architecture of space 'nasbench-macro' has 8 digits");
    assertThatThrownBy(() -> PublishedAccuracies.read(data, "nb101"))
        .hasMessage("There is no space 'nb101' with accuracies, only nb201 and nbmacro.");
  }

  /** The figures of data/README, and that a search finds them. */
  @Test
  @EnabledIfSystemProperty(named = "nas.data", matches = ".+")
  @Tag("slow")
  void readsThePublishedFiles() throws IOException {
    Path published = Path.of(System.getProperty("nas.data"));
    PublishedAccuracies cells = PublishedAccuracies.read(published, "nb201");
    assertThat(cells.tables()).hasSize(12);
    assertThat(cells.table("cifar10_test_200ep").scores()).hasSize(15_625);
    assertThat(cells.table("cifar10_test_200ep_seed_c").scores()).hasSize(7_961);
    assertThat(Collections.max(cells.table("cifar10_test_200ep").scores().values()))
        .isEqualTo(94.37333);
    assertThat(Collections.max(cells.table("cifar100_test_200ep").scores().values()))
        .isEqualTo(73.51333);
    assertThat(Collections.max(cells.table("imagenet16_120_test_200ep").scores().values()))
        .isEqualTo(47.31111);
    PublishedAccuracies macro = PublishedAccuracies.read(published, "nbmacro");
    TabularEvaluator mean = macro.table("cifar10_test_mean");
    assertThat(mean.scores()).hasSize(6_561);
    double most = Collections.max(mean.scores().values());
    assertThat(most).isCloseTo(93.13, within(0.005));
    assertThat(
            LocalSearch.builder(mean)
                .stop(StopRule.evaluations(6_561))
                .build()
                .search(macro.space())
                .score())
        .isEqualTo(most);
  }

  /** The benchmark's list says for each cell the first of those it calls the same. */
  @Test
  @EnabledIfSystemProperty(named = "nas.data", matches = ".+")
  void theClassesOfCellsAreThoseOfTheBenchmark() throws IOException {
    NasBench201Space space = new NasBench201Space();
    CsvTable table =
        CsvTable.read(Path.of(System.getProperty("nas.data"), "nb201", "archs.csv.gz"));
    int cell = table.column("arch_str");
    int index = table.column("arch_idx");
    int first = table.column("rep_arch_idx");
    Map<String, String> firsts = new HashMap<>();
    for (CsvTable.Row row : table.rows()) {
      String id = space.publishedId(space.parse(row.text(cell)));
      firsts.putIfAbsent(id, row.text(index));
      assertThat(row.text(first)).isEqualTo(firsts.get(id));
    }
    assertThat(firsts).hasSize(6_466);
  }
}
