package org.lightnas.examples.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.compress.SpanSplit.Span;

class MergedSpansTest {

  @TempDir Path folder;

  private void write(String merged, String best) throws IOException {
    Files.writeString(folder.resolve("net__time_gpu.csv"), "id,st,end,time,stdev\n" + merged);
    Files.writeString(
        folder.resolve("net__opt_time_gpu.csv"), "id,st,end,time,stdev,breaks\n" + best);
  }

  @Test
  void readsTimesAndTheirBestSplits() throws IOException {
    write("0,0,1,2.5,.1\n1,1,2,1,.1\n", "0,0,2,3.5,.2,\"0,1,2\"\n");
    assertThat(MergedSpans.read(folder))
        .containsExactly(
            new MergedSpans(
                "net__opt_time_gpu.csv",
                List.of(new Span(0, 1, 1, 2.5), new Span(1, 2, 1, 1)),
                List.of(new MergedSpans.Best(new Span(0, 2, 1, 3.5), List.of(0, 1, 2)))));
  }

  @Test
  void problemsNameTheLine() throws IOException {
    String good = "0,0,1,2.5,.1\n";
    String split = "0,0,1,2.5,.1,\"0,1\"\n";
    for (String[] each :
        new String[][] {
          {
            "0,1,1,2,.1\n",
            split,
            "line 2: 'end' must be a whole number from 2 to 9999, but is '1'."
          },
          {"0,-1,1,2,.1\n", split, "line 2: 'st' must be a whole number from 0 to 9999"},
          {good + "1,1,2,0,.1\n", split, "line 3: 'time' must be a positive number, but is '0'."},
          {good + "1,1,2,,.1\n", split, "line 3: there is no time."},
          {good, "0,0,1,2.5,.1,0\n", "line 2: 'breaks' must be places separated by commas"},
          {good, "0,0,1,2.5,.1,0,1\n", "line 2: expected 6 cells, but found 7."},
        }) {
      write(each[0], each[1]);
      assertThatThrownBy(() -> MergedSpans.read(folder))
          .isInstanceOf(TableFileException.class)
          .hasMessageContaining(each[2]);
    }
  }

  @Test
  void aFolderWithoutTablesIsRefused() {
    assertThatThrownBy(() -> MergedSpans.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageEndingWith("there is no table called NAME__time_….csv");
  }

  /** The figures of data/README. */
  @Test
  @EnabledIfSystemProperty(named = "nas.data", matches = ".+")
  void readsThePublishedFiles() throws IOException {
    List<MergedSpans> networks =
        MergedSpans.read(Path.of(System.getProperty("nas.data")).resolve("depth_compression"));
    assertThat(networks).hasSize(3);
    assertThat(networks.stream().map(n -> n.merged().size())).containsExactly(171, 171, 36);
    assertThat(networks.stream().map(n -> n.best().size())).containsExactly(171, 171, 36);
  }
}
