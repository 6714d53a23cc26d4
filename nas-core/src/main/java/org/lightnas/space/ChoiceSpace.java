package org.lightnas.space;

import static com.google.common.base.Preconditions.checkArgument;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A finite set of architectures: one candidate for each of a row of choices. Predictors and
 * searches over tables need no more than this; what can be built and trained is a {@link
 * SearchSpace}. Spaces are equal by value.
 *
 * @since 0.1.0
 */
public interface ChoiceSpace {

  /** A short name, for messages, files and reports. */
  String name();

  /** The decisions, in a fixed order; names are distinct. */
  List<Choice> choices();

  /**
   * Which choice feeds which, as pairs of positions; by default a chain. Predictors that look at
   * the structure use it.
   */
  default List<Link> links() {
    List<Link> links = new ArrayList<>();
    for (int l = 1; l < choices().size(); l++) {
      links.add(new Link(l - 1, l));
    }
    return links;
  }

  /**
   * The representative of all architectures that are the same network, for spaces in which several
   * encodings describe one; by default the architecture itself.
   */
  default Architecture canonical(Architecture architecture) {
    return architecture;
  }

  /**
   * The architecture with every choice whose result does not reach the output set to the candidate
   * that does nothing: what is left of it on a runtime that removes dead operations. By default the
   * architecture itself, as in a chain everything reaches the output.
   */
  default Architecture reachable(Architecture architecture) {
    return architecture;
  }

  /** The number of encodings, the product of the choices' sizes. */
  default BigInteger size() {
    return choices().stream()
        .map(choice -> BigInteger.valueOf(choice.size()))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /**
   * The architecture with the given candidate positions, one per choice.
   *
   * @throws IllegalArgumentException if there are too few or too many, or one is out of range
   */
  default Architecture architecture(int... picks) {
    return new Architecture(this, picks);
  }

  /** The architecture that takes candidate {@code k} in every choice (the last where fewer). */
  default Architecture uniform(int k) {
    return new Architecture(
        this, choices().stream().mapToInt(choice -> Math.min(k, choice.size() - 1)).toArray());
  }

  /** Draws every choice independently and uniformly: L draws, in the order of the choices. */
  default Architecture sample(RandomGenerator random) {
    return new Architecture(
        this, choices().stream().mapToInt(choice -> random.nextInt(choice.size())).toArray());
  }

  /**
   * Changes exactly one choice to another of its candidates, both drawn uniformly.
   *
   * @throws IllegalArgumentException if no choice has a second candidate
   */
  default Architecture mutate(Architecture architecture, RandomGenerator random) {
    int[] open =
        IntStream.range(0, choices().size()).filter(l -> choices().get(l).size() > 1).toArray();
    checkArgument(open.length > 0, "Space '%s' holds one architecture only: no mutation.", name());
    int l = open[random.nextInt(open.length)];
    int other = random.nextInt(choices().get(l).size() - 1);
    return architecture.with(l, other < architecture.pick(l) ? other : other + 1);
  }

  /**
   * Reads what {@link Architecture#toJson()} wrote.
   *
   * @throws IllegalArgumentException if the text is no such JSON, is of a newer format, or of
   *     another space than this one
   */
  default Architecture read(String json) {
    return ArchitectureJson.read(this, json);
  }

  /**
   * The output of one choice feeds another.
   *
   * @param from position of the feeding choice
   * @param to position of the fed one
   * @since 0.1.0
   */
  record Link(int from, int to) {}
}
