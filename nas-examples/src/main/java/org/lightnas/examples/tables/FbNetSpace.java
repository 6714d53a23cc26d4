package org.lightnas.examples.tables;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The space of FBNet (Wu et al., CVPR 2019): a chain of 22 layers, each an inverted residual with
 * kernel 3 or 5 and expansion 1 (also with two groups), 3 or 6, or a skip. Choices only, without
 * networks: for tables measured elsewhere.
 */
public record FbNetSpace() implements ChoiceSpace {

  private static final List<Candidate> BLOCKS =
      Stream.of(
              "k3_e1", "k3_e1_g2", "k3_e3", "k3_e6", "k5_e1", "k5_e1_g2", "k5_e3", "k5_e6", "skip")
          .<Candidate>map(Named::new)
          .toList();

  private static final List<Choice> CHOICES =
      IntStream.range(0, 22).mapToObj(l -> new Choice("op_" + l, BLOCKS)).toList();

  @Override
  public String name() {
    return "fbnet";
  }

  @Override
  public List<Choice> choices() {
    return CHOICES;
  }

  /** {@code fbnet (22 layers)}. */
  @Override
  public String toString() {
    return "fbnet (22 layers)";
  }
}
