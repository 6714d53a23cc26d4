package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.stream.Stream;

/** Options of experiments: system properties, checked where they are read. */
final class Options {

  private Options() {}

  static String text(String name, String otherwise) {
    String value = System.getProperty(name, "").strip();
    return value.isEmpty() ? otherwise : value;
  }

  /** What stands between commas, without doubles. */
  static List<String> list(String name, String otherwise) {
    List<String> values =
        Stream.of(text(name, otherwise).split(","))
            .map(String::strip)
            .filter(value -> !value.isEmpty())
            .distinct()
            .toList();
    checkArgument(
        !values.isEmpty(), "-D%s is an empty list.\nMaybe give -D%s=%s.", name, name, otherwise);
    return values;
  }

  /** A whole number of at least {@code least}. */
  static int whole(String name, int otherwise, int least) {
    String value = text(name, Integer.toString(otherwise));
    checkArgument(
        value.matches("\\d{1,9}") && Integer.parseInt(value) >= least,
        "-D%s must be a whole number of at least %s, but is '%s'.\nMaybe give -D%s=%s.",
        name,
        least,
        value,
        name,
        otherwise);
    return Integer.parseInt(value);
  }

  /** Whole numbers between commas. */
  static List<Long> wholes(String name, String otherwise) {
    return list(name, otherwise).stream()
        .map(
            value -> {
              checkArgument(
                  value.matches("\\d{1,18}"),
                  "-D%s must be whole numbers separated by commas, but one is '%s'.\n"
                      + "Maybe give -D%s=%s.",
                  name,
                  value,
                  name,
                  otherwise);
              return Long.parseLong(value);
            })
        .toList();
  }

  /** Positive numbers up to {@code most} between commas. */
  static List<Double> numbers(String name, String otherwise, double most) {
    return list(name, otherwise).stream()
        .map(value -> number(name, value, otherwise, most))
        .toList();
  }

  /** A positive number up to {@code most}. */
  static double number(String name, String otherwise, double most) {
    return number(name, text(name, otherwise), otherwise, most);
  }

  private static double number(String name, String value, String otherwise, double most) {
    double number;
    try {
      number = Double.parseDouble(value);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    checkArgument(
        number > 0 && number <= most,
        "-D%s takes numbers above 0 and up to %s, but one is '%s'.\nMaybe give -D%s=%s.",
        name,
        most,
        value,
        name,
        otherwise);
    return number;
  }
}
