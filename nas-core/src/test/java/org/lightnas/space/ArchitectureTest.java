package org.lightnas.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.lightnas.space.Spaces.Named;
import org.lightnas.space.Spaces.Plain;

class ArchitectureTest {

  private static final Plain SPACE = Spaces.ofSizes(3, 2);

  @Test
  void isReadableAndEncodesOneHot() {
    Architecture architecture = SPACE.architecture(2, 0);
    assertThat(architecture.id()).isEqualTo("c-a").isEqualTo(architecture.toString());
    assertThat(architecture.candidate(0)).isEqualTo(new Named("c"));
    assertThat(architecture.oneHot()).isDeepEqualTo(new double[][] {{0, 0, 1}, {1, 0}});
    assertThat(architecture.toJson())
        .isEqualTo("{\"format\":1,\"space\":\"plain\",\"picks\":[\"c\",\"a\"]}");
  }

  @Test
  void isEqualByValueAndOfItsSpace() {
    Architecture architecture = SPACE.architecture(2, 0);
    assertThat(architecture)
        .isEqualTo(Spaces.ofSizes(3, 2).architecture(2, 0))
        .hasSameHashCodeAs(Spaces.ofSizes(3, 2).architecture(2, 0))
        .isNotEqualTo(SPACE.architecture(2, 1))
        .isNotEqualTo(Spaces.ofSizes(3, 3).architecture(2, 0))
        .isNotEqualTo(new Plain("other", SPACE.choices()).architecture(2, 0))
        .isNotEqualTo("c-a");
  }

  @Test
  void cannotBeChangedThroughItsArrays() {
    int[] given = {2, 0};
    Architecture architecture = SPACE.architecture(given);
    given[0] = 0;
    architecture.picks()[1] = 1;
    architecture.oneHot()[0][0] = 1;
    assertThat(architecture).isEqualTo(SPACE.architecture(2, 0));
  }

  @Test
  void replacesOnePickByPositionOrByName() {
    Architecture architecture = SPACE.architecture(2, 0);
    assertThat(architecture.with(0, 1)).isEqualTo(SPACE.architecture(1, 0));
    assertThat(architecture.with("c1", "b")).isEqualTo(SPACE.architecture(2, 1));
    assertThat(architecture).isEqualTo(SPACE.architecture(2, 0));
  }

  @Test
  void refusesToBeOfAnotherSpaceAndNamesBoth() {
    Architecture architecture = SPACE.architecture(2, 0);
    architecture.requireSpace(Spaces.ofSizes(3, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> architecture.requireSpace(new Plain("other", SPACE.choices())))
        .withMessage("Architecture c-a belongs to space 'plain', not to 'other'.");
    Plain larger = Spaces.ofSizes(3, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> architecture.requireSpace(larger))
        .withMessage("Architecture c-a belongs to space '" + SPACE + "', not to '" + larger + "'.");
  }

  @Test
  void uniformTakesTheLastCandidateWhereThereAreFewer() {
    assertThat(SPACE.uniform(2)).isEqualTo(SPACE.architecture(2, 1));
    assertThat(SPACE.uniform(0)).isEqualTo(SPACE.architecture(0, 0));
  }

  @Test
  void rejectsTooFewOrTooManyPicks() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.architecture(1))
        .withMessage("Space 'plain' has 2 choices, but 1 picks were given: [1].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.architecture(1, 1, 1))
        .withMessage("Space 'plain' has 2 choices, but 3 picks were given: [1, 1, 1].");
  }

  @Test
  void rejectsAPickOutOfRangeByChoiceAndPosition() {
    for (int pick : new int[] {-1, 2}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SPACE.architecture(0, pick))
          .withMessage(
              "Pick "
                  + pick
                  + " of choice 'c1' (position 1 of space 'plain') must be at least 0 and below"
                  + " 2.");
    }
  }

  @Test
  void rejectsAnUnknownChoiceAndListsThoseThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.uniform(0).with("c7", "a"))
        .withMessage("Space 'plain' has no choice 'c7'; it has [c0, c1].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.uniform(0).with("c1", "z"))
        .withMessage("Choice 'c1' does not offer 'z'; it offers [a, b].");
  }

  @Test
  void rejectsAPositionThatIsNoChoice() {
    Architecture architecture = SPACE.uniform(0);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> architecture.pick(2))
        .withMessage("choice (2) must be less than size (2)");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> architecture.with(-1, 0))
        .withMessage("choice (-1) must not be negative");
  }

  @Test
  void readsOnlyWhatIsAnArchitectureOfThisSpace() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read("{\"format\": 1,"))
        .withMessageStartingWith("An architecture of space 'plain' must be JSON: Unexpected");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read("{}"))
        .withMessage("An architecture's JSON needs a number 'format', but holds none.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read("{\"format\": \"1\"}"))
        .withMessage("An architecture's JSON needs a number 'format', but holds \"1\".");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read("{\"format\":1,\"space\":\"plain\"}"))
        .withMessage(
            "An architecture of space 'plain' needs an array 'picks' of 2 ids, but holds none.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read("{\"format\":1,\"space\":\"plain\",\"picks\":[\"a\"]}"))
        .withMessage(
            "An architecture of space 'plain' needs an array 'picks' of 2 ids, but holds [\"a\"].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read("{\"format\":1,\"space\":\"plain\",\"picks\":[\"a\",\"z\"]}"))
        .withMessage("Choice 'c1' does not offer 'z'; it offers [a, b].");
  }

  @Test
  void refusesANewerFormatWithBothNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read(SPACE.uniform(0).toJson().replace(":1,", ":2,")))
        .withMessage("The architecture is of format 2; this version of the library reads up to 1.");
  }

  @Test
  void refusesAnArchitectureOfAnotherSpaceNamingBoth() {
    String json = new Plain("other", SPACE.choices()).uniform(0).toJson();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SPACE.read(json))
        .withMessage("The architecture belongs to space 'other', not to 'plain'.");
  }
}
