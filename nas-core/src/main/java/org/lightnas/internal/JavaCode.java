package org.lightnas.internal;

import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lightnas.Reproducible;

/** Writes values as the Java expressions that make them, and these as a class. */
public final class JavaCode {

  /** Texts and comments, which are left alone, or the full name of a type outside of both. */
  private static final Pattern TYPE =
      Pattern.compile(
          "\"(?:\\\\.|[^\"\\\\])*\"|//[^\n]*|(?<![\\w.])((?:[a-z_]\\w*\\.)+)([A-Z]\\w*)");

  private JavaCode() {}

  /**
   * An expression that makes an equal value, with full names of types: numbers, texts, enums,
   * paths, durations, lists, public records of these, and what is {@link Reproducible}. Empty for
   * all else, null among it.
   */
  public static Optional<String> of(@Nullable Object value) {
    if (value instanceof Reproducible known) {
      return known.code();
    } else if (value instanceof Integer || value instanceof Boolean) {
      return Optional.of(value.toString());
    } else if (value instanceof Long) {
      return Optional.of(value + "L");
    } else if (value instanceof Double number) {
      return Optional.of(number(number));
    } else if (value instanceof String text) {
      return Optional.of(text(text));
    } else if (value instanceof Enum<?> constant) {
      return visible(constant.getDeclaringClass()).map(type -> type + "." + constant.name());
    } else if (value instanceof Path path) {
      return Optional.of("java.nio.file.Path.of(" + text(path.toString()) + ")");
    } else if (value instanceof Duration time) {
      return Optional.of("java.time.Duration.parse(" + text(time.toString()) + ")");
    } else if (value instanceof List<?> list) {
      return all(list).map(elements -> "java.util.List.of(" + elements + ")");
    } else if (value instanceof Record made) {
      return made(made);
    }
    return Optional.empty();
  }

  /** The expressions of all values with commas between them; empty if one has none. */
  public static Optional<String> all(Collection<?> values) {
    return joined(values.stream().map(JavaCode::of).toList(), ", ");
  }

  /** Pieces of code with something between them; empty if one is. */
  public static Optional<String> joined(List<Optional<String>> pieces, String between) {
    return pieces.stream().allMatch(Optional::isPresent)
        ? Optional.of(
            pieces.stream().flatMap(Optional::stream).collect(Collectors.joining(between)))
        : Optional.empty();
  }

  /** A row of an array of numbers, in braces. */
  public static String row(double[] numbers) {
    return Arrays.stream(numbers)
        .mapToObj(JavaCode::number)
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String number(double value) {
    if (Double.isFinite(value)) {
      return Double.toString(value);
    }
    return "Double."
        + (Double.isNaN(value) ? "NaN" : value > 0 ? "POSITIVE_INFINITY" : "NEGATIVE_INFINITY");
  }

  /** A text in quotes. */
  public static String text(String value) {
    return '"'
        + value
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
        + '"';
  }

  /** A comment of one line, whatever the text. */
  public static String comment(String value) {
    // In Java a backslash with a u behind it is a character even here.
    return "// " + value.replaceAll("\\R", " ").replace("\\", "\\\\");
  }

  /** The full name of a type, if any program can use it. */
  public static Optional<String> visible(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getEnclosingClass()) {
      if (!Modifier.isPublic(c.getModifiers())) {
        return Optional.empty();
      }
    }
    return Optional.ofNullable(type.getCanonicalName());
  }

  private static Optional<String> made(Record record) {
    RecordComponent[] parts = record.getClass().getRecordComponents();
    Class<?>[] types = Arrays.stream(parts).map(RecordComponent::getType).toArray(Class[]::new);
    boolean open =
        Arrays.stream(record.getClass().getConstructors())
            .map(Constructor::getParameterTypes)
            .anyMatch(taken -> Arrays.equals(taken, types));
    return !open
        ? Optional.empty()
        : visible(record.getClass())
            .flatMap(
                type ->
                    all(Arrays.stream(parts).map(part -> value(record, part)).toList())
                        .map(values -> "new " + type + "(" + values + ")"));
  }

  private static @Nullable Object value(Record record, RecordComponent part) {
    try {
      part.getAccessor().setAccessible(true);
      return part.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Component " + part.getName() + " cannot be read.", e);
    }
  }

  /**
   * The calls of a builder whose setters have the names of a record's components: one for each that
   * is neither null nor as usual, on a line of its own.
   *
   * @param write what a value is in Java
   * @param apart components that are said otherwise, or not at all
   * @return empty if one of them has no expression
   */
  public static <R extends Record> Optional<String> calls(
      R settings, R usual, Function<Object, Optional<String>> write, String... apart) {
    StringBuilder calls = new StringBuilder();
    for (RecordComponent part : settings.getClass().getRecordComponents()) {
      Object value = value(settings, part);
      boolean said = !List.of(apart).contains(part.getName());
      if (said && value != null && !value.equals(value(usual, part))) {
        Optional<String> written = write.apply(value);
        if (written.isEmpty()) {
          return Optional.empty();
        }
        calls
            .append("\n    .")
            .append(part.getName())
            .append("(")
            .append(written.get())
            .append(")");
      }
    }
    return Optional.of(calls.toString());
  }

  /**
   * A class in the unnamed package, with imports for types named in full. Of types with one simple
   * name the first is imported; those of java.lang are never hidden.
   *
   * @param name of the class
   * @param code of the class, its declaration included
   */
  public static String unit(String name, String code) {
    Map<String, String> imported = new HashMap<>(Map.of(name, name));
    String body =
        TYPE.matcher(code)
            .replaceAll(
                found -> {
                  String simple = found.group(2);
                  if (simple == null) {
                    return Matcher.quoteReplacement(found.group());
                  }
                  String full = found.group(1) + simple;
                  return !isOfJavaLang(simple)
                          && imported.computeIfAbsent(simple, n -> full).equals(full)
                      ? simple
                      : full;
                });
    imported.remove(name);
    return Stream.concat(
                new TreeSet<>(imported.values()).stream().map(type -> "import " + type + ";\n"),
                Stream.of("\n"))
            .collect(Collectors.joining())
        + body;
  }

  private static boolean isOfJavaLang(String simple) {
    try {
      Class.forName("java.lang." + simple, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Lines, all but the first moved to the right. */
  public static String indented(String lines, int by) {
    return String.join("\n" + " ".repeat(by), new ArrayList<>(lines.lines().toList()));
  }
}
