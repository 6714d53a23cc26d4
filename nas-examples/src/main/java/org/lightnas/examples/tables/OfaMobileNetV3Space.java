package org.lightnas.examples.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The sub-networks of Once-for-all's MobileNetV3 (Cai et al., ICLR 2020): a resolution, five stages
 * of two to four layers, and for each of the 20 layers kernel 3, 5 or 7 with expansion 3, 4 or 6.
 * The choices are {@code resolution}, {@code depth_s0} to {@code depth_s4}, {@code layer_0} to
 * {@code layer_19}; layers {@code 4s} to {@code 4s + 3} belong to stage s. Choices only, without
 * networks: for tables measured elsewhere.
 *
 * <p>A layer beyond its stage's depth does not exist whatever its pick is, so {@link #canonical}
 * sets it to the first candidate; its stage's depth says what the layer adds by existing.
 */
public record OfaMobileNetV3Space() implements ChoiceSpace {

  private static final int STAGES = 5;
  private static final int LAYERS_PER_STAGE = 4;
  private static final int LEAST_DEPTH = 2;
  private static final int FIRST_LAYER = 1 + STAGES;

  private static final List<Choice> CHOICES = makeChoices();
  private static final List<Link> LINKS = makeLinks();

  private static List<Choice> makeChoices() {
    List<Choice> choices = new ArrayList<>();
    choices.add(new Choice("resolution", named(range("r", 128, 224, 4))));
    List<Candidate> depths = named(range("d", LEAST_DEPTH, LAYERS_PER_STAGE, 1));
    for (int s = 0; s < STAGES; s++) {
      choices.add(new Choice("depth_s" + s, depths));
    }
    List<Candidate> layers =
        named(Stream.of(3, 5, 7).flatMap(k -> Stream.of(3, 4, 6).map(e -> "k" + k + "_e" + e)));
    for (int l = 0; l < STAGES * LAYERS_PER_STAGE; l++) {
      choices.add(new Choice("layer_" + l, layers));
    }
    return List.copyOf(choices);
  }

  private static Stream<String> range(String prefix, int from, int to, int step) {
    return IntStream.rangeClosed(0, (to - from) / step).mapToObj(i -> prefix + (from + i * step));
  }

  private static List<Candidate> named(Stream<String> ids) {
    return ids.<Candidate>map(Named::new).toList();
  }

  /** The resolution feeds the chain of layers; a depth feeds the layers that it may remove. */
  private static List<Link> makeLinks() {
    List<Link> links = new ArrayList<>();
    links.add(new Link(0, FIRST_LAYER));
    for (int l = 1; l < STAGES * LAYERS_PER_STAGE; l++) {
      links.add(new Link(FIRST_LAYER + l - 1, FIRST_LAYER + l));
      if (l % LAYERS_PER_STAGE >= LEAST_DEPTH) {
        links.add(new Link(1 + l / LAYERS_PER_STAGE, FIRST_LAYER + l));
      }
    }
    return List.copyOf(links);
  }

  @Override
  public String name() {
    return "ofa-mobilenetv3";
  }

  @Override
  public List<Choice> choices() {
    return CHOICES;
  }

  @Override
  public List<Link> links() {
    return LINKS;
  }

  /** Sets the layers that do not exist to the first candidate. */
  @Override
  public Architecture canonical(Architecture architecture) {
    architecture.requireSpace(this);
    int[] picks = architecture.picks();
    for (int l = 0; l < STAGES * LAYERS_PER_STAGE; l++) {
      int depth = LEAST_DEPTH + picks[1 + l / LAYERS_PER_STAGE];
      if (l % LAYERS_PER_STAGE >= depth) {
        picks[FIRST_LAYER + l] = 0;
      }
    }
    return architecture(picks);
  }

  /** The same as {@link #canonical}: no runtime sees layers that do not exist. */
  @Override
  public Architecture reachable(Architecture architecture) {
    return canonical(architecture);
  }

  /** {@code ofa-mobilenetv3 (20 layers)}. */
  @Override
  public String toString() {
    return name() + " (20 layers)";
  }
}
