package org.lightnas.examples.tables;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The space of NAS-Bench-Macro (Su et al., CVPR 2021): a chain of 8 layers, each an identity, an
 * inverted residual of kernel 3 and expansion 3, or one of kernel 5 and expansion 6. 3^8 = 6,561
 * architectures. Choices only, without networks: for the accuracies that were published.
 */
public record NasBenchMacroSpace() implements ChoiceSpace {

  private static final List<Candidate> BLOCKS =
      Stream.of("identity", "k3_e3", "k5_e6").<Candidate>map(Named::new).toList();

  private static final List<Choice> CHOICES =
      IntStream.range(0, 8).mapToObj(l -> new Choice("layer_" + l, BLOCKS)).toList();

  @Override
  public String name() {
    return "nasbench-macro";
  }

  @Override
  public List<Choice> choices() {
    return CHOICES;
  }

  /**
   * Reads the benchmark's form, a digit for each layer: {@code 02211200}.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public Architecture parse(String text) {
    if (!text.matches("[0-2]{8}")) {
      throw new IllegalArgumentException(
          "An architecture of space '"
              + name()
              + "' has 8 digits from 0 to 2, but this is '"
              + text
              + "'.");
    }
    return architecture(text.chars().map(digit -> digit - '0').toArray());
  }

  /** {@code nasbench-macro (8 layers)}. */
  @Override
  public String toString() {
    return name() + " (8 layers)";
  }
}
