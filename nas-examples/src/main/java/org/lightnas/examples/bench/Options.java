package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Lists;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Options of experiments: system properties, checked where they are read. */
final class Options {

  /** Beside a checkout, as seen from it: benches are started there. */
  static final Path SHARED = Path.of("..", "shared", "data");

  private static final String DATA = "nas.data";

  /** What surely fits into an int. */
  private static final String INT = "\\d{1,9}";

  private Options() {}

  /**
   * The folder of images and published tables, {@code -Dnas.data}.
   *
   * @param within folders in it where the files are looked for, for the message
   */
  static Path data(String... within) {
    String folder = text(DATA, "");
    checkArgument(
        !folder.isEmpty(),
        "Images or published tables are needed, and there is no -D%s.\n"
            + "Maybe give -D%s=DIR; the files are looked for in %s.",
        DATA,
        DATA,
        Stream.of(within).map("DIR/"::concat).collect(Collectors.joining(" and ")));
    return Path.of(folder);
  }

  /** The same where it may also stay unsaid, if there is {@code otherwise}. */
  static Path data(Path otherwise, String... within) {
    return text(DATA, "").isEmpty() && Files.isDirectory(otherwise) ? otherwise : data(within);
  }

  static String text(String name, String otherwise) {
    String value = System.getProperty(name, "").strip();
    return value.isEmpty() ? otherwise : value;
  }

  /** Whether it is {@code true}; anything else but {@code false} is a slip. */
  static boolean yes(String name, boolean otherwise) {
    String value = text(name, Boolean.toString(otherwise));
    boolean known = value.equals("true") || value.equals("false");
    check(known, name, "must be true or false, but is", value, otherwise);
    return value.equals("true");
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

  /** Names between commas: some of the default's and of {@code others}. */
  static List<String> names(String name, String otherwise, String... others) {
    List<String> known = Stream.concat(Stream.of(otherwise.split(",")), Stream.of(others)).toList();
    List<String> values = list(name, otherwise);
    values.forEach(value -> checkKnown(name, value, known, ","));
    return values;
  }

  /** One name: the default or one of {@code others}. */
  static String name(String name, String otherwise, String... others) {
    String value = text(name, otherwise);
    checkKnown(name, value, Lists.asList(otherwise, others), " or -D" + name + "=");
    return value;
  }

  private static void checkKnown(String name, String value, List<String> known, String between) {
    // An option that takes several may be in the plural; what there is not is one.
    checkArgument(
        known.contains(value),
        "There is no %s '%s'.\nMaybe give -D%s=%s.",
        name.replaceFirst("s$", ""),
        value,
        name,
        String.join(between, known));
  }

  /** A whole number of at least {@code least}. */
  static int whole(String name, int otherwise, int least) {
    String value = text(name, Integer.toString(otherwise));
    String must = "must be a whole number of at least " + least + ", but is";
    check(isWhole(value, least), name, must, value, otherwise);
    return Integer.parseInt(value);
  }

  /** Whole numbers between commas. */
  static List<Long> wholes(String name, String otherwise) {
    String must = "must be whole numbers separated by commas, but one is";
    List<String> values = list(name, otherwise);
    values.forEach(value -> check(value.matches("\\d{1,18}"), name, must, value, otherwise));
    return values.stream().map(Long::valueOf).toList();
  }

  /** Whole numbers of at least {@code least} between commas. */
  static List<Integer> counts(String name, String otherwise, int least) {
    String must = "must be whole numbers of at least " + least + " separated by commas, but one is";
    List<String> values = list(name, otherwise);
    values.forEach(value -> check(isWhole(value, least), name, must, value, otherwise));
    return values.stream().map(Integer::valueOf).toList();
  }

  /** A whole number, or all from one to another, as in {@code 11-60}. */
  static long[] range(String name, String otherwise) {
    String value = text(name, otherwise);
    String[] ends = value.split("-", 2);
    String last = ends[ends.length - 1];
    String must = "must be a whole number, or a first and a last one as in 1-10, but is";
    boolean ordered = isWhole(ends[0], 0) && isWhole(last, Integer.parseInt(ends[0]));
    check(ordered, name, must, value, otherwise);
    return LongStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(last)).toArray();
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

  /** A number that may be 0, as a budget may: then as little is done as can be. */
  static double amount(String name, String otherwise) {
    String value = text(name, otherwise);
    double amount = parsed(value);
    boolean good = amount >= 0 && Double.isFinite(amount);
    check(good, name, "must be a number of at least 0, but is", value, otherwise);
    return amount;
  }

  private static double number(String name, String value, String otherwise, double most) {
    double number = parsed(value);
    String must = "takes numbers above 0 and up to " + most + ", but one is";
    check(number > 0 && number <= most, name, must, value, otherwise);
    return number;
  }

  private static void check(
      boolean good, String name, String must, String value, Object otherwise) {
    checkArgument(good, "-D%s %s '%s'.\nMaybe give -D%s=%s.", name, must, value, name, otherwise);
  }

  private static boolean isWhole(String value, int least) {
    return value.matches(INT) && Integer.parseInt(value) >= least;
  }

  /** NaN, which is in no range, for what is no number. */
  private static double parsed(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
