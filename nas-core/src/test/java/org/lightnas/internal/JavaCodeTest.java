package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.Reproducible;
import org.lightnas.data.Augmentation;

class JavaCodeTest {

  /** Not public. */
  private record Hidden(int value) {}

  /** Public, but its class is not. */
  public record Inside(int value) {}

  private record Settings(int steps, @Nullable Double share, Object what, long seed) {}

  private static String code(Object value) {
    return JavaCode.of(value).orElseThrow();
  }

  @Test
  void writesValuesWithFullNames() {
    assertThat(code(-3)).isEqualTo("-3");
    assertThat(code(3_000_000_000L)).isEqualTo("3000000000L");
    assertThat(code(0.1)).isEqualTo("0.1");
    assertThat(code(1e-30)).isEqualTo("1.0E-30");
    assertThat(code(Double.NaN)).isEqualTo("Double.NaN");
    assertThat(code(Double.NEGATIVE_INFINITY)).isEqualTo("Double.NEGATIVE_INFINITY");
    assertThat(code(true)).isEqualTo("true");
    assertThat(code("a \"b\"\\u0041\n\t")).isEqualTo("\"a \\\"b\\\"\\\\u0041\\n\\t\"");
    assertThat(code(TimeUnit.DAYS)).isEqualTo("java.util.concurrent.TimeUnit.DAYS");
    assertThat(code(Path.of("a", "b"))).isEqualTo("java.nio.file.Path.of(\"a/b\")");
    assertThat(code(Duration.ofMillis(1500))).isEqualTo("java.time.Duration.parse(\"PT1.5S\")");
    assertThat(code(List.of(1, 2.5))).isEqualTo("java.util.List.of(1, 2.5)");
    assertThat(code(new FeatureShape(3, 8, 9))).isEqualTo("new org.lightnas.FeatureShape(3, 8, 9)");
    assertThat(code((Reproducible) () -> Optional.of("own()"))).isEqualTo("own()");
    assertThat(JavaCode.row(new double[] {1, 1 / 3.0})).isEqualTo("{1.0, 0.3333333333333333}");
  }

  @Test
  void saysWhenThereIsNothingToWrite() {
    assertThat(JavaCode.of(null)).isEmpty();
    assertThat(JavaCode.of(new Object())).isEmpty();
    assertThat(JavaCode.of(new Hidden(1))).isEmpty();
    assertThat(JavaCode.of(new Inside(1))).isEmpty();
    assertThat(JavaCode.of(List.of(1, new Hidden(1)))).isEmpty();
    assertThat(JavaCode.of(Arrays.asList(1, null))).isEmpty();
    assertThat(JavaCode.of((Reproducible) Optional::empty)).isEmpty();
  }

  @Test
  void callsAreOfWhatDiffers() {
    Settings usual = new Settings(5, null, "a", 1);
    assertThat(JavaCode.calls(usual, usual, JavaCode::of)).contains("");
    assertThat(JavaCode.calls(new Settings(6, 0.5, "a", 2), usual, JavaCode::of, "seed"))
        .contains("\n    .steps(6)\n    .share(0.5)");
    assertThat(JavaCode.calls(usual, new Settings(5, 0.5, "a", 1), JavaCode::of)).contains("");
    assertThat(JavaCode.calls(new Settings(5, null, new Object(), 1), usual, JavaCode::of))
        .isEmpty();
  }

  @Test
  void importsTypesOnceAndLeavesTextsAndCommentsAlone() {
    assertThat(
            JavaCode.unit(
                "Made",
                """
                // java.util.List
                java.util.List<java.awt.List> a = of("java.util.Set \\" java.util.Set");
                java.util.List b = java.util.Map.Entry.comparingByKey(); other.Made c; my.String d;
                x.y(1).length();
                """))
        .isEqualTo(
            """
            import java.util.List;
            import java.util.Map;

            // java.util.List
            List<java.awt.List> a = of("java.util.Set \\" java.util.Set");
            List b = Map.Entry.comparingByKey(); other.Made c; my.String d;
            x.y(1).length();
            """);
  }

  @Test
  void commentsStayOnTheirLine() {
    assertThat(JavaCode.comment("a\r\nb \\u000a")).isEqualTo("// a b \\\\u000a");
    assertThat(JavaCode.indented("a\n  b\nc", 2)).isEqualTo("a\n    b\n  c");
  }

  @Test
  void augmentationIsARecordAsAnyOther() {
    assertThat(code(Augmentation.cropAndFlip()))
        .isEqualTo("new org.lightnas.data.Augmentation(4, true)");
  }
}
