package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;

class ForeignTest {

  @Test
  void whatOthersThrowIsToldWithTheirName() {
    RuntimeException thrown = new ArithmeticException("/ by zero");
    assertThat(Foreign.failure("The oracle failed on a-b", thrown))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "The oracle failed on a-b: java.lang.ArithmeticException: / by zero\nMaybe try it by"
                + " itself; its own error is the cause of this one.")
        .hasCause(thrown);
  }

  @Test
  void aMistakeStaysAMistake() {
    RuntimeException thrown = new IllegalArgumentException("A skip keeps channels.\nMaybe not.");
    assertThat(Foreign.failure("Operation 'skip' failed on 3x8x8", thrown))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Operation 'skip' failed on 3x8x8: A skip keeps channels.\nMaybe not.")
        .hasCause(thrown);
  }

  @Test
  void ourOwnExceptionsGoThrough() {
    RuntimeException thrown = new InterruptedRunException("Stopped at step 3.");
    assertThat(Foreign.failure("The oracle failed", thrown)).isSameAs(thrown);
  }
}
