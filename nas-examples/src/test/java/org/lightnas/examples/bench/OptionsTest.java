package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OptionsTest {

  private static final String NAME = "options.test";

  @AfterEach
  void clear() {
    System.clearProperty(NAME);
  }

  private static void refuses(String value, ThrowingCallable read, String message) {
    System.setProperty(NAME, value);
    assertThatIllegalArgumentException().isThrownBy(read).withMessage(message);
  }

  @Test
  void readsWhatIsGivenAndElseTheDefault() {
    assertThat(Options.text(NAME, "x")).isEqualTo("x");
    assertThat(Options.list(NAME, "a,b")).containsExactly("a", "b");
    assertThat(Options.whole(NAME, 3, 1)).isEqualTo(3);
    System.setProperty(NAME, " 2, 1,2,");
    assertThat(Options.list(NAME, "a")).containsExactly("2", "1");
    assertThat(Options.wholes(NAME, "7")).containsExactly(2L, 1L);
    assertThat(Options.numbers(NAME, "7", 2)).isEqualTo(List.of(2.0, 1.0));
  }

  @Test
  void refusesWhatIsNoList() {
    refuses(
        ",",
        () -> Options.list(NAME, "a,b"),
        "-Doptions.test is an empty list.\nMaybe give -Doptions.test=a,b.");
    refuses(
        "1,two",
        () -> Options.wholes(NAME, "1,2"),
        "-Doptions.test must be whole numbers separated by commas, but one is 'two'.\n"
            + "Maybe give -Doptions.test=1,2.");
  }

  @Test
  void refusesNumbersOutOfRange() {
    for (String bad : new String[] {"0", "1.5", "-1", "x"}) {
      refuses(
          bad,
          () -> Options.whole(NAME, 12, 1),
          "-Doptions.test must be a whole number of at least 1, but is '"
              + bad
              + "'.\nMaybe give -Doptions.test=12.");
    }
    for (String bad : new String[] {"0", "1.01", "NaN", "Infinity", "x"}) {
      refuses(
          "0.5," + bad,
          () -> Options.numbers(NAME, "0.3,0.6", 1),
          "-Doptions.test takes numbers above 0 and up to 1.0, but one is '"
              + bad
              + "'.\nMaybe give -Doptions.test=0.3,0.6.");
    }
  }
}
