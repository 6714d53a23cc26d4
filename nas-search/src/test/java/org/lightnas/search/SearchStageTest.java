package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.InterruptedRunException;
import org.lightnas.PoorPredictorException;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.population.RandomSearch;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.StopRule;
import org.lightnas.space.Architecture;
import org.lightnas.space.TrainableSpace;

class SearchStageTest {

  private static final ImageData IMAGES = Tiny.images(192, 6);

  /** Looks for the cheapest, and notes what it is given. */
  private static final class Thrift implements SearchStage {
    final List<Found> given = new ArrayList<>();
    final List<Path> folders = new ArrayList<>();
    boolean refuses;

    @Override
    public void require(TrainableSpace space, List<Constraint> constraints) {
      if (refuses) {
        throw new IllegalArgumentException("no thrift here");
      }
    }

    @Override
    public ScoreResult run(Found found, TrainableSpace space, @Nullable Path folder) {
      given.add(found);
      if (folder != null) {
        folders.add(folder);
      }
      return RandomSearch.builder(Evaluator.of("thrift", a -> -Tiny.TABLE.predict(a)))
          .stop(StopRule.evaluations(18))
          .build()
          .search(space.space(), found.constraints());
    }
  }

  private static LightNas.Builder search() {
    return Tiny.search().steps(8);
  }

  @Test
  @Tag("slow")
  void theResultCarriesBothNetworksAndBothVerdicts() throws IOException {
    Thrift stage = new Thrift();
    Constraint bound = Constraint.atMost(6, Tiny.TABLE);
    SearchResult found = search().channels(stage).build().search(Tiny.SPACE.on(IMAGES), bound);
    SearchResult alone = search().build().search(Tiny.SPACE.on(IMAGES), bound);
    assertThat(found.architecture()).isEqualTo(alone.architecture());
    assertThat(found.history()).isEqualTo(alone.history());
    assertThat(alone.refined()).isNull();
    Found refined = found.refined();
    assertThat(refined).isNotNull();
    assertThat(Tiny.TABLE.predict(refined.architecture())).isEqualTo(2.375);
    assertThat(refined.verdicts()).isNotEqualTo(found.verdicts());
    assertThat(stage.given.get(0).architecture()).isEqualTo(found.architecture());
    assertThat(found.toString()).isEqualTo(alone + "; then " + refined);
    assertThat(found.page().html())
        .contains("What followed, in tiny", refined.architecture().candidate(1).id());
    assertThat(alone.page().html()).doesNotContain("What followed");
    JsonNode json = new ObjectMapper().readTree(found.toJson());
    assertThat(json.get("refinedSpace").asText()).isEqualTo("tiny");
    assertThat(json.get("refinedPicks")).hasSize(3);
    assertThat(json.get("refinedVerdicts").get(0).asText()).contains("predicted 2.375 ms");
    assertThat(json.get("refinedSatisfied").asBoolean()).isTrue();
    assertThat(new ObjectMapper().readTree(alone.toJson()).has("refinedSpace")).isFalse();
  }

  @Test
  void everyResultOfSeveralHasItsOwnFolder(@TempDir Path folder) {
    Thrift stage = new Thrift();
    SearchResults found =
        search()
            .channels(stage)
            .checkpoints(folder)
            .build()
            .searchEach(
                Tiny.SPACE.on(IMAGES),
                List.of(Constraint.atMost(6, Tiny.TABLE), Constraint.atMost(4, Tiny.TABLE)));
    assertThat(found.all()).allSatisfy(result -> assertThat(result.refined()).isNotNull());
    assertThat(stage.folders).containsExactly(folder.resolve("stage-1"), folder.resolve("stage-2"));
  }

  /** Fails at its second result. */
  private static final class Faint implements SearchStage {
    private final RuntimeException failure;
    private final List<Found> given = new ArrayList<>();

    Faint(RuntimeException failure) {
      this.failure = failure;
    }

    @Override
    public void require(TrainableSpace space, List<Constraint> constraints) {}

    @Override
    public Found run(Found found, TrainableSpace space, @Nullable Path folder) {
      given.add(found);
      if (given.size() == 2) {
        throw failure;
      }
      return new Thrift().run(found, space, folder);
    }
  }

  private static SearchResults searchTwo(SearchStage stage, @Nullable Path folder) {
    LightNas.Builder search = search().channels(stage);
    if (folder != null) {
      search.checkpoints(folder);
    }
    return search
        .build()
        .searchEach(
            Tiny.SPACE.on(IMAGES),
            List.of(Constraint.atMost(6, Tiny.TABLE), Constraint.atMost(4, Tiny.TABLE)));
  }

  @Test
  @Tag("slow")
  void whatWasFoundIsInTheMessageOfAStageThatFails(@TempDir Path folder) {
    Faint stage = new Faint(new PoorPredictorException("It ranks by chance."));
    assertThatExceptionOfType(StageException.class)
        .isThrownBy(() -> searchTwo(stage, null))
        .satisfies(
            failed -> {
              assertThat(failed.found())
                  .extracting(SearchResult::architecture)
                  .containsExactlyElementsOf(
                      stage.given.stream().map(Found::architecture).toList());
              assertThat(failed.found().get(0).refined()).isNotNull();
              assertThat(failed.found().get(1).refined()).isNull();
            })
        .withCauseInstanceOf(PoorPredictorException.class)
        .withMessageStartingWith(
            "The stage after the search failed: It ranks by chance.\nFound before:\n  {")
        .withMessageContaining(stage.given.get(0).architecture().toJson() + "; asked ≤ 6.000 ms")
        .withMessageContaining("\n  then\n  {")
        .withMessageContaining(stage.given.get(1).architecture().toJson() + "; asked ≤ 4.000 ms")
        .withMessageEndingWith(
            "\nMaybe search again with a folder for checkpoints, or without this stage.");
    Faint interrupted = new Faint(new InterruptedRunException("It was interrupted."));
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> searchTwo(interrupted, folder))
        .withMessageContaining(interrupted.given.get(1).architecture().toJson())
        .withMessageEndingWith(
            "\nMaybe search again with the same settings, or without this stage; '"
                + folder
                + "' holds the search.");
  }

  @Test
  void resultsDoNotFollowAnExceptionToAnotherProcess() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new StageException("It failed.", List.of(), new RuntimeException("cause")));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      StageException read = (StageException) in.readObject();
      assertThat(read).hasMessage("It failed.").hasRootCauseMessage("cause");
      assertThat(read.found()).isEmpty();
    }
  }

  @Test
  void refusesBeforeAnythingIsTrained() {
    Thrift stage = new Thrift();
    stage.refuses = true;
    List<Phase> trained = new ArrayList<>();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                search()
                    .channels(stage)
                    .listener(
                        new SearchListener() {
                          @Override
                          public void onPath(Phase phase, Architecture path) {
                            trained.add(phase);
                          }
                        })
                    .build()
                    .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(6, Tiny.TABLE)))
        .withMessage("no thrift here");
    assertThat(trained).isEmpty();
  }
}
