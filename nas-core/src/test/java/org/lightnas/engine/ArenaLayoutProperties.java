package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.lightnas.engine.ArenaLayout.Block;

class ArenaLayoutProperties {

  /** Elements that blocks are rounded up to. */
  private static final long LINE = 32;

  /** So many elements, needed from the first to the last time. */
  record Life(long size, int first, int last) {
    boolean meets(Life other) {
      return first <= other.last && other.first <= last;
    }

    long rounded() {
      return (size + LINE - 1) / LINE * LINE;
    }
  }

  /** Blocks in their places. */
  private record Placed(List<Block> blocks, long total) {}

  private static Placed place(List<Life> lives) {
    ArenaLayout layout = new ArenaLayout();
    List<Block> blocks = new ArrayList<>();
    for (Life life : lives) {
      Block block = layout.block(life.size());
      block.touch(life.last());
      block.touch(life.first());
      block.touch((life.first() + life.last()) / 2);
      blocks.add(block);
    }
    return new Placed(blocks, layout.place());
  }

  /** The most that is alive at any one time. */
  private static long concurrent(List<Life> lives) {
    long most = 0;
    for (Life now : lives) {
      long sum = 0;
      for (Life other : lives) {
        sum += other.first() <= now.first() && now.first() <= other.last() ? other.rounded() : 0;
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  @Provide
  Arbitrary<List<Life>> lives() {
    Arbitrary<Integer> time = Arbitraries.integers().between(-1, 40);
    return Combinators.combine(Arbitraries.longs().between(1, 500), time, time)
        .as((size, a, b) -> new Life(size, Math.min(a, b), Math.max(a, b)))
        .list()
        .ofMinSize(1)
        .ofMaxSize(40);
  }

  @Property(tries = 500)
  void whatLivesAtTheSameTimeNeverOverlaps(@ForAll("lives") List<Life> lives) {
    Placed placed = place(lives);
    for (int i = 0; i < lives.size(); i++) {
      long start = placed.blocks().get(i).offset();
      long end = start + lives.get(i).size();
      assertThat(start).isNotNegative();
      assertThat(start % LINE).as("alignment").isZero();
      assertThat(end).isLessThanOrEqualTo(placed.total());
      for (int j = 0; j < i; j++) {
        long otherStart = placed.blocks().get(j).offset();
        long otherEnd = otherStart + lives.get(j).size();
        assertThat(lives.get(i).meets(lives.get(j)) && start < otherEnd && otherStart < end)
            .as("%s at %s and %s at %s", lives.get(i), start, lives.get(j), otherStart)
            .isFalse();
      }
    }
  }

  @Property(tries = 500)
  void takesAtLeastWhatIsNeededAtOnceAndAtMostTheSum(@ForAll("lives") List<Life> lives) {
    long total = place(lives).total();
    assertThat(total)
        .isGreaterThanOrEqualTo(concurrent(lives))
        .isLessThanOrEqualTo(lives.stream().mapToLong(Life::rounded).sum());
  }

  /** In a chain every map meets only the next: two places are enough for equal sizes. */
  @Property(tries = 100)
  void aChainTakesItsLargestNeighboursOnly(@ForAll("lives") List<Life> any, @ForAll boolean equal) {
    List<Life> chain = new ArrayList<>();
    for (int i = 0; i < any.size(); i++) {
      chain.add(new Life(equal ? 100 : 500 - 10L * i, i, i + 1));
    }
    assertThat(place(chain).total()).isEqualTo(concurrent(chain));
  }

  @Property(tries = 100)
  void whatAllLivesAtOnceTakesTheSum(@ForAll("lives") List<Life> any) {
    List<Life> lives = any.stream().map(life -> new Life(life.size(), 0, 9)).toList();
    assertThat(place(lives).total()).isEqualTo(concurrent(lives));
  }

  @Property(tries = 100)
  void whatNeverMeetsTakesTheLargestOnly(@ForAll("lives") List<Life> any) {
    List<Life> lives = new ArrayList<>();
    for (Life life : any) {
      lives.add(new Life(life.size(), 2 * lives.size(), 2 * lives.size() + 1));
    }
    assertThat(place(lives).total()).isEqualTo(concurrent(lives));
  }

  @Example
  void fillsTheGapBetweenTwoThatLiveOn() {
    // b ends, a and c live on: d fits where b was.
    List<Life> lives =
        List.of(new Life(96, 0, 9), new Life(64, 0, 3), new Life(32, 0, 9), new Life(64, 4, 9));
    assertThat(place(lives).total()).isEqualTo(96 + 64 + 32);
  }

  @Example
  void anEmptyLayoutTakesNothing() {
    assertThat(new ArenaLayout().place()).isZero();
  }
}
