package org.example;

import java.util.List;
import java.util.Random;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.nd4j.linalg.factory.Nd4j;

/** Uses the library as someone outside of it would. */
public final class Main {

  private record Width(int channels) implements Candidate {
    @Override
    public String id() {
      return "w" + channels;
    }
  }

  private record Widths(String name, List<Choice> choices) implements ChoiceSpace {}

  private Main() {}

  public static void main(String... args) {
    ChoiceSpace space =
        new Widths(
            "consumer",
            List.of(
                new Choice("first", List.of(new Width(8), new Width(16))),
                new Choice("second", List.of(new Width(8), new Width(16), new Width(24)))));
    Architecture architecture = space.sample(new Random(1));
    if (!space.read(architecture.toJson()).equals(architecture)) {
      throw new AssertionError("JSON gives another architecture than " + architecture);
    }
    System.out.println(
        "RESULT {\"size\": "
            + space.size()
            + ", \"architecture\": \""
            + architecture
            + "\", \"backend\": \""
            + Nd4j.getBackend().getClass().getSimpleName()
            + "\"}");
  }
}
