package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

class ListenersTest {

  @Test
  void oneThatThrowsKeepsNeitherOthersNorTheRunFromGoingOn() {
    List<String> heard = new ArrayList<>();
    Consumer<String> broken =
        event -> {
          throw new IllegalStateException("broken");
        };
    Listeners.tell(
        List.of(heard::add, broken, heard::add), l -> l.accept("step"), NOPLogger.NOP_LOGGER);
    assertThat(heard).containsExactly("step", "step");
  }

  /** Out of memory, a failed assertion: not a listener's business to survive. */
  @Test
  void errorsGoThrough() {
    Consumer<String> failing =
        event -> {
          throw new AssertionError("failed");
        };
    assertThatThrownBy(
            () -> Listeners.tell(List.of(failing), l -> l.accept("step"), NOPLogger.NOP_LOGGER))
        .isInstanceOf(AssertionError.class);
  }
}
