package org.lightnas.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The public surface: written down, dated, and closed. */
class ApiPageTest {

  /** Surefire runs in the module's folder. */
  private static final Path ROOT = Path.of("..");

  private static ApiPage page;

  @BeforeAll
  static void readSources() throws IOException {
    page = new ApiPage(ROOT);
  }

  @Test
  void thePageIsUpToDate() throws IOException {
    assertThat(Files.readString(ROOT.resolve("docs/API.md")))
        .as("docs/API.md is out of date.\nMaybe run mvn -q -Pquickstart -Dexample=ApiPage.")
        .isEqualTo(page.text());
  }

  @Test
  void everyTypeSaysWhatItIs() {
    assertThat(page.types()).hasSizeGreaterThan(100);
    for (ApiPage.Type type : page.types()) {
      assertThat(type.first())
          .as("first sentence of %s.%s.\nMaybe it ends too early.", type.pack(), type.name())
          .endsWith(".")
          .doesNotEndWith("et al.");
    }
  }

  @Test
  void everyTypeSaysSinceWhen() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    String version = pom.substring(pom.indexOf("<version>") + 9, pom.indexOf("</version>"));
    String coming = version.replace("-SNAPSHOT", "");
    for (ApiPage.Type type : page.types()) {
      assertThat(type.since())
          .as("@since of %s.%s.\nMaybe @since %s.", type.pack(), type.name(), coming)
          .isNotNull()
          .matches("\\d+\\.\\d+\\.\\d+")
          .isLessThanOrEqualTo(coming);
    }
  }

  private static boolean seen(Member member) {
    return (Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
        && !member.isSynthetic();
  }

  private static Stream<Class<?>> mentioned(Executable member) {
    Stream<Class<?>> taken = Arrays.stream(member.getParameterTypes());
    return member instanceof Method method
        ? Stream.concat(taken, Stream.of(method.getReturnType()))
        : taken;
  }

  private static boolean closed(Class<?> type) {
    Class<?> plain = type.isArray() ? type.getComponentType() : type;
    String name = plain.getName();
    return name.startsWith("org.lightnas.")
        && (!Modifier.isPublic(plain.getModifiers())
            || name.startsWith("org.lightnas.engine.")
            || name.startsWith("org.lightnas.graph.")
            || name.startsWith("org.lightnas.internal."));
  }

  /** A network that our modules read otherwise than by its configuration has to say so openly. */
  private static boolean ours(Executable member) {
    return Arrays.stream(member.getDeclaringClass().getInterfaces())
        .filter(ApiPageTest::closed)
        .flatMap(type -> Arrays.stream(type.getMethods()))
        .anyMatch(method -> method.getName().equals(member.getName()));
  }

  /** Nobody needs a type to which he has no name. */
  @Test
  void noneMentionsWhatIsNotPublic() throws ClassNotFoundException {
    List<String> leaks = new ArrayList<>();
    for (ApiPage.Type listed : page.types()) {
      Class<?> type = Class.forName(listed.pack() + "." + listed.name().replace('.', '$'));
      Stream.concat(
              Arrays.stream(type.getDeclaredConstructors()),
              Arrays.stream(type.getDeclaredMethods()))
          .filter(ApiPageTest::seen)
          .filter(member -> mentioned(member).anyMatch(ApiPageTest::closed) && !ours(member))
          .forEach(member -> leaks.add(member.toString()));
      Arrays.stream(type.getDeclaredFields())
          .filter(ApiPageTest::seen)
          .filter(field -> closed(field.getType()))
          .map(Field::toString)
          .forEach(leaks::add);
    }
    assertThat(leaks).isEmpty();
  }
}
