package org.lightnas.search;

import java.util.ArrayList;
import java.util.List;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/** Choices without networks, and what can be said of all their architectures. */
record PlainSpace(String name, List<Choice> choices) implements ChoiceSpace {

  private record Named(String id) implements Candidate {}

  /** Choices c0, c1, … of so many candidates k0, k1, …. */
  static PlainSpace ofSizes(int... sizes) {
    List<Choice> choices = new ArrayList<>();
    for (int l = 0; l < sizes.length; l++) {
      List<Candidate> candidates = new ArrayList<>();
      for (int k = 0; k < sizes[l]; k++) {
        candidates.add(new Named("k" + k));
      }
      choices.add(new Choice("c" + l, candidates));
    }
    return new PlainSpace("plain", choices);
  }

  static PlainSpace like(double[][] table) {
    int[] sizes = new int[table.length];
    for (int l = 0; l < sizes.length; l++) {
      sizes[l] = table[l].length;
    }
    return ofSizes(sizes);
  }

  /** A table whose cheapest architecture costs 1. */
  LatencyTable table(double[][] entries) {
    double least = 0;
    for (double[] row : entries) {
      double min = row[0];
      for (double value : row) {
        min = Math.min(min, value);
      }
      least += min;
    }
    return LatencyTable.of(this, 1 - least, entries);
  }

  /** Every architecture. */
  static List<Architecture> all(ChoiceSpace space) {
    List<Architecture> all = List.of(space.uniform(0));
    for (int l = 0; l < space.choices().size(); l++) {
      List<Architecture> longer = new ArrayList<>();
      for (Architecture architecture : all) {
        for (int k = 0; k < space.choices().get(l).size(); k++) {
          longer.add(architecture.with(l, k));
        }
      }
      all = longer;
    }
    return all;
  }

  static double score(double[][] scores, Architecture architecture) {
    double sum = 0;
    for (int l = 0; l < scores.length; l++) {
      sum += scores[l][architecture.pick(l)];
    }
    return sum;
  }
}
