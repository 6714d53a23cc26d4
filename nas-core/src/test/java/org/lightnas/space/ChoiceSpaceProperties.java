package org.lightnas.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.lightnas.space.Spaces.Plain;

class ChoiceSpaceProperties {

  @Provide
  Arbitrary<Plain> spaces() {
    return Arbitraries.integers()
        .between(1, 5)
        .array(Integer[].class)
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(Spaces::ofSizes);
  }

  @Provide
  Arbitrary<Plain> tinySpaces() {
    return Arbitraries.integers()
        .between(1, 3)
        .array(Integer[].class)
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(Spaces::ofSizes);
  }

  @Property(tries = 300)
  void readsBackWhatItWrote(@ForAll("spaces") Plain space, @ForAll Random random) {
    Architecture architecture = space.sample(random);
    assertThat(space.read(architecture.toJson()))
        .isEqualTo(architecture)
        .hasSameHashCodeAs(architecture);
    assertThat(space.architecture(architecture.picks())).isEqualTo(architecture);
  }

  @Property(tries = 300)
  void oneHotRowsAreTheirPicks(@ForAll("spaces") Plain space, @ForAll Random random) {
    Architecture architecture = space.sample(random);
    int[] decoded = new int[space.choices().size()];
    double[][] rows = architecture.oneHot();
    for (int l = 0; l < rows.length; l++) {
      assertThat(rows[l]).hasSize(space.choices().get(l).size()).contains(1.0);
      for (int k = 0; k < rows[l].length; k++) {
        decoded[l] += (int) (k * rows[l][k]);
      }
    }
    assertThat(space.architecture(decoded)).isEqualTo(architecture);
  }

  /** So many draws miss one of at most 27 architectures with probability below 1e-12. */
  @Property(tries = 60)
  void sizeIsTheNumberOfDistinctSamplesAndOfDistinctIds(
      @ForAll("tinySpaces") Plain space, @ForAll Random random) {
    Set<Architecture> seen = new HashSet<>();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      Architecture architecture = space.sample(random);
      seen.add(architecture);
      ids.add(architecture.id());
    }
    assertThat(space.size().intValueExact()).isEqualTo(seen.size()).isEqualTo(ids.size());
  }

  @Property(tries = 300)
  void mutationChangesExactlyOnePick(@ForAll("spaces") Plain space, @ForAll Random random) {
    if (space.size().intValueExact() == 1) {
      return;
    }
    Architecture before = space.sample(random);
    Architecture after = space.mutate(before, random);
    int changed = 0;
    for (int l = 0; l < space.choices().size(); l++) {
      changed += before.pick(l) == after.pick(l) ? 0 : 1;
    }
    assertThat(changed).isEqualTo(1);
  }

  @Property(tries = 50)
  void linksAreAChain(@ForAll("spaces") Plain space) {
    List<ChoiceSpace.Link> links = space.links();
    assertThat(links).hasSize(space.choices().size() - 1);
    for (int i = 0; i < links.size(); i++) {
      assertThat(links.get(i)).isEqualTo(new ChoiceSpace.Link(i, i + 1));
    }
  }

  @Property(tries = 50)
  void anArchitectureStandsForItself(@ForAll("spaces") Plain space, @ForAll Random random) {
    Architecture architecture = space.sample(random);
    assertThat(space.canonical(architecture)).isSameAs(architecture);
  }
}
