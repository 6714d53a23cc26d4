package org.lightnas.space;

import java.util.ArrayList;
import java.util.List;

/** Spaces of bare names, for what needs no networks. */
final class Spaces {

  private Spaces() {}

  /** A candidate that is its name. */
  record Named(String id) implements Candidate {}

  /** A space of nothing but choices. */
  record Plain(String name, List<Choice> choices) implements ChoiceSpace {}

  /** Choices {@code c0, c1, …} with candidates {@code a, b, …}, so many each. */
  static Plain ofSizes(Integer... sizes) {
    List<Choice> choices = new ArrayList<>();
    for (int size : sizes) {
      List<Candidate> candidates = new ArrayList<>();
      for (int k = 0; k < size; k++) {
        candidates.add(new Named(String.valueOf((char) ('a' + k))));
      }
      choices.add(new Choice("c" + choices.size(), candidates));
    }
    return new Plain("plain", choices);
  }
}
