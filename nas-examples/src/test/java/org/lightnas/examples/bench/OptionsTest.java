package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsTest {

  private static final String NAME = "options.test";
  private static final String DATA = "nas.data";

  /** Other tests need it. */
  private final @Nullable String data = System.getProperty(DATA);

  @AfterEach
  void clear() {
    System.clearProperty(NAME);
    if (data == null) {
      System.clearProperty(DATA);
    } else {
      System.setProperty(DATA, data);
    }
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
    assertThat(Options.yes(NAME, true)).isTrue();
    assertThat(Options.yes(NAME, false)).isFalse();
    assertThat(Options.amount(NAME, "1e9")).isEqualTo(1e9);
    assertThat(Options.range(NAME, "11-14")).containsExactly(11, 12, 13, 14);
    System.setProperty(NAME, " 2, 1,2,");
    assertThat(Options.list(NAME, "a")).containsExactly("2", "1");
    assertThat(Options.wholes(NAME, "7")).containsExactly(2L, 1L);
    assertThat(Options.counts(NAME, "7", 1)).containsExactly(2, 1);
    assertThat(Options.numbers(NAME, "7", 2)).isEqualTo(List.of(2.0, 1.0));
    System.setProperty(NAME, "0");
    assertThat(Options.amount(NAME, "60")).isZero();
    assertThat(Options.range(NAME, "11-14")).containsExactly(0);
    System.setProperty(NAME, "false");
    assertThat(Options.yes(NAME, true)).isFalse();
  }

  @Test
  void findsTheDataThatIsGivenOrLiesAtHand(@TempDir Path folder) {
    System.setProperty(DATA, "given");
    assertThat(Options.data()).isEqualTo(Path.of("given"));
    assertThat(Options.data(folder, "nb201")).isEqualTo(Path.of("given"));
    System.clearProperty(DATA);
    assertThat(Options.data(folder, "nb201")).isEqualTo(folder);
    String message =
        "Images or published tables are needed, and there is no -Dnas.data.\n"
            + "Maybe give -Dnas.data=DIR; the files are looked for in ";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.data("lut"))
        .withMessage(message + "DIR/lut.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.data(folder.resolve("none"), "nb201", "fbnet"))
        .withMessage(message + "DIR/nb201 and DIR/fbnet.");
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
    for (String bad : new String[] {"0", "-1", "two", "4294967297"}) {
      refuses(
          "5," + bad,
          () -> Options.counts(NAME, "1,2", 1),
          "-Doptions.test must be whole numbers of at least 1 separated by commas, but one is '"
              + bad
              + "'.\nMaybe give -Doptions.test=1,2.");
    }
  }

  @Test
  void namesAreThoseOfTheDefaultAndOthers() {
    assertThat(Options.names(NAME, "a,b", "c")).containsExactly("a", "b");
    assertThat(Options.name(NAME, "a", "b")).isEqualTo("a");
    System.setProperty(NAME, "c, a");
    assertThat(Options.names(NAME, "a,b", "c")).containsExactly("c", "a");
    refuses(
        "a,d",
        () -> Options.names(NAME, "a,b", "c"),
        "There is no options.test 'd'.\nMaybe give -Doptions.test=a,b,c.");
    refuses(
        "a,b",
        () -> Options.name(NAME, "a", "b"),
        "There is no options.test 'a,b'.\nMaybe give -Doptions.test=a or -Doptions.test=b.");
  }

  @Test
  void refusesWhatIsNoRange() {
    for (String bad : new String[] {"x", "60-11", "1-", "-1", "1-2-3", "1,2"}) {
      refuses(
          bad,
          () -> Options.range(NAME, "11-60"),
          "-Doptions.test must be a whole number, or a first and a last one as in 1-10, but is '"
              + bad
              + "'.\nMaybe give -Doptions.test=11-60.");
    }
  }

  @Test
  void refusesWhatIsNeitherTrueNorFalse() {
    refuses(
        "no",
        () -> Options.yes(NAME, true),
        "-Doptions.test must be true or false, but is 'no'.\nMaybe give -Doptions.test=true.");
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
    for (String bad : new String[] {"-1", "NaN", "Infinity", "x"}) {
      refuses(
          bad,
          () -> Options.amount(NAME, "60"),
          "-Doptions.test must be a number of at least 0, but is '"
              + bad
              + "'.\nMaybe give -Doptions.test=60.");
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
