package org.lightnas.examples.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchListener;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SearchResults;
import org.lightnas.search.SearchStep;
import org.lightnas.search.Swap;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;

/** The code of docs/WHY.md. */
class WhyGuideTest {

  private static final ImageData IMAGES = ImageData.generated(96, 20, 1);

  private static final LayeredSpace SPACE =
      LayeredSpace.named("guide", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 4))
          .choice("one", new ConvBnAct(3, 8, 1), new ConvBnAct(5, 8, 1), new SkipConnect(8, 1))
          .choice("two", new ConvBnAct(3, 8, 1), new ConvBnAct(5, 8, 1), new SkipConnect(8, 1))
          .build();

  private static final LatencyTable LATENCY =
      LatencyTable.of(SPACE, 1, new double[][] {{1, 2, 0}, {1.5, 2.5, 0}});

  @TempDir private Path folder;

  @Test
  @Tag("slow")
  void theResult() throws IOException {
    LayeredSpace space = SPACE;
    ImageData images = IMAGES;
    LatencyTable latency = LATENCY;
    Constraint bound = Constraint.atMost(4.25, latency);
    Path file = folder.resolve("search.html");
    List<String> warnings = new ArrayList<>();
    SearchListener watch =
        new SearchListener() {
          @Override
          public void onWarning(String warning) {
            warnings.add(warning);
          }
        };
    SearchResult found =
        LightNas.builder()
            .steps(12)
            .batchSize(16)
            .listener(watch)
            .build()
            .search(space.on(images), bound);
    System.out.println(found.verdict()); // asked ≤ 4.250 ms, predicted 4.000 ms: satisfied
    for (Swap swap : found.swaps()) {
      System.out.println(swap); // two: conv5 → conv3
    }
    found.page().write(file);
    Files.writeString(folder.resolve("Reproduce.java"), found.reproduce());

    double[][] change = latency.sensitivity(found.architecture());
    List<Choice> choices = space.choices();
    for (int l = 0; l < choices.size(); l++) {
      Architecture now = found.architecture();
      for (int k = 0; k < choices.get(l).size(); k++) {
        String other = choices.get(l).candidates().get(k).id();
        System.out.printf(
            "%s: %s → %s %+.3f ms%n",
            choices.get(l).name(), now.candidate(l).id(), other, change[l][k]);
      }
    }
    SearchStep last = found.history().get(found.history().size() - 1);
    System.out.println(last.entropy() + " " + last.pressures());

    assertThat(found.verdict().satisfied()).isTrue();
    assertThat(Files.readString(file)).contains("How the search met its bound", "Settings");
    assertThat(change[0][found.architecture().pick(0)]).isZero();
    assertThat(last.entropy()).isBetween(0.0, 1.0);
    assertThat(warnings).allMatch(warning -> warning.contains("\nMaybe "));
  }

  @Test
  @Tag("slow")
  void theFront() throws IOException {
    LayeredSpace space = SPACE;
    LatencyTable latency = LATENCY;
    Path file = folder.resolve("front.html");
    LightNas searcher = LightNas.builder().steps(8).batchSize(16).build();
    List<Constraint> bounds =
        List.of(Constraint.atMost(2.75, latency), Constraint.atMost(4.25, latency));
    SearchResults front = searcher.searchEach(space.on(IMAGES), bounds);
    front.page().write(file);
    assertThat(front.satisfied()).isTrue();
    assertThat(Files.readString(file)).contains("Front of the results");
  }
}
