package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BudgetTest {

  private static final long HOUR = 3_600_000_000_000L;

  private static String printed(Budget budget) {
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      budget.print();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatWasSpentSinceTheStartCounts() {
    Budget begun = new Budget(90, System.nanoTime() - HOUR);
    assertThat(begun.fits(20 * 60, "a search")).isTrue();
    assertThat(begun.fits(40 * 60, "a search")).isFalse();
    assertThat(new Budget(50, System.nanoTime() - HOUR).fits(0, "a search")).isFalse();
  }

  @Test
  void namesWhatIsLeftOutOnceInOrder() {
    Budget budget = new Budget(90, System.nanoTime());
    budget.fits(1e4, "100 % of it");
    budget.leaveOut("a search: its loss is NaN");
    budget.fits(1e4, "100 % of it");
    budget.fits(1, "a training");
    assertThat(printed(budget).lines())
        .containsExactly(
            "left out: 100 % of it (the budget of 90.0 minutes)",
            "left out: a search: its loss is NaN");
  }

  @Test
  void isSilentWhereNothingIsLeftOut() {
    assertThat(printed(new Budget(1, System.nanoTime()))).isEmpty();
  }
}
