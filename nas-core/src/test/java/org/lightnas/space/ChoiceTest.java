package org.lightnas.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.space.Spaces.Named;

class ChoiceTest {

  private static final Choice LEFT =
      new Choice("left", List.of(new Named("k3_w16"), new Named("k5_w16")));

  @Test
  void findsCandidatesByIdInTheirOrder() {
    assertThat(LEFT.size()).isEqualTo(2);
    assertThat(LEFT.indexOf("k3_w16")).isZero();
    assertThat(LEFT.indexOf("k5_w16")).isEqualTo(1);
  }

  @Test
  void keepsItsOwnListOfCandidates() {
    List<Candidate> candidates = new ArrayList<>(LEFT.candidates());
    Choice choice = new Choice("left", candidates);
    candidates.clear();
    assertThat(choice).isEqualTo(LEFT).hasSameHashCodeAs(LEFT);
  }

  @Test
  void rejectsACandidateItDoesNotOfferAndListsThoseItDoes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LEFT.indexOf("k9_w9"))
        .withMessage("Choice 'left' does not offer 'k9_w9'; it offers [k3_w16, k5_w16].");
  }

  @Test
  void rejectsAnEmptyListAndNamesTheChoice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Choice("left", List.of()))
        .withMessage("Choice 'left' offers no candidate.");
  }

  @Test
  void rejectsTheSameIdTwice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Choice("left", List.of(new Named("a"), new Named("a"))))
        .withMessage("Choice 'left' offers candidate 'a' twice.");
  }

  @Test
  void rejectsNamesThatFilesAndVerticesCannotHold() {
    for (String name : List.of("", "two words", "a/b", "ä", "a\nb")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Choice(name, LEFT.candidates()))
          .withMessage(
              "Choice name '" + name + "' may hold letters, digits, '-', '.' and '_' only.");
    }
  }

  /** A minus joins ids to the id of an architecture, so candidates may not have one. */
  @Test
  void rejectsIdsThatWouldMakeArchitecturesAmbiguous() {
    for (String id : List.of("", "a-b", "a b", "a/b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Choice("left", List.of(new Named(id))))
          .withMessage(
              "Candidate '"
                  + id
                  + "' of choice 'left' may hold letters, digits, '.' and '_' only.");
    }
  }
}
