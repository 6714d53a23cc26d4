package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * When a search ends. A rule made of a lambda should have a {@code toString} if settings in results
 * and files are to name it.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface StopRule {

  /**
   * How far a search is.
   *
   * @param evaluations architectures scored, those that are just being scored included
   * @param sinceBest how many of them came after the best one
   * @param best the best score; negative infinity before the first
   * @param elapsed time taken, that of runs before an interruption included
   * @since 0.1.0
   */
  record Standing(long evaluations, long sinceBest, double best, Duration elapsed) {}

  /** Whether no further architecture is to be scored. */
  boolean stops(Standing standing);

  /** After so many architectures; one that was scored before counts again where they are kept. */
  static StopRule evaluations(long most) {
    checkArgument(most >= 1, "A search needs at least 1 evaluation, but is allowed %s.", most);
    return new Named("after " + most + " evaluations", s -> s.evaluations() >= most);
  }

  /** After so much time; what is being scored then is scored to its end. */
  static StopRule time(Duration most) {
    checkArgument(
        !most.isNegative() && !most.isZero(), "A search needs time, but is allowed %s.", most);
    return new Named("after " + most, s -> s.elapsed().compareTo(most) >= 0);
  }

  /** When so many architectures, one after the other, were no better than the best before them. */
  static StopRule plateau(long patience) {
    checkArgument(patience >= 1, "The patience must be at least 1, but is %s.", patience);
    return new Named(
        "after " + patience + " evaluations without a better one", s -> s.sinceBest() >= patience);
  }

  /** When this or the other rule says so. */
  default StopRule or(StopRule other) {
    return new Named(this + " or " + other, s -> stops(s) || other.stops(s));
  }
}
