package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lightnas.metric.Evaluator;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/** Choices without networks, of which everything is known. */
record Toy(String name, List<Choice> choices) implements ChoiceSpace {

  private record Named(String id) implements Candidate {}

  static Toy of(int choices, int candidates) {
    return of(IntStream.generate(() -> candidates).limit(choices).toArray());
  }

  static Toy of(int... sizes) {
    List<Choice> choices = new ArrayList<>();
    for (int l = 0; l < sizes.length; l++) {
      choices.add(
          new Choice(
              "c" + l,
              IntStream.range(0, sizes[l]).<Candidate>mapToObj(k -> new Named("k" + k)).toList()));
    }
    return new Toy("toy", choices);
  }

  /** The sum of the picks: the last candidate everywhere is best. */
  static double sum(Architecture architecture) {
    return IntStream.of(architecture.picks()).sum();
  }

  static Evaluator sums() {
    return Evaluator.of("sum of picks", Toy::sum);
  }

  /** One, and what the picks sum up to. */
  LatencyTable latency() {
    double[][] entries =
        choices.stream()
            .map(c -> IntStream.range(0, c.size()).asDoubleStream().toArray())
            .toArray(double[][]::new);
    return LatencyTable.of(this, 1, entries);
  }
}
