package org.lightnas.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Packs blocks that live for known spans of time into as little memory as it can: the largest
 * first, each at the lowest place where it meets no block that lives at the same time.
 */
final class ArenaLayout {

  /** Elements per cache line and vector register, so that every block starts aligned. */
  private static final long ALIGNMENT = 32;

  private final List<Block> blocks = new ArrayList<>();

  /** A piece of memory; it lives from the first to the last time it is touched. */
  static final class Block {
    private final long elements;
    private final long size;
    private int birth = Integer.MAX_VALUE;
    private int death = Integer.MIN_VALUE;
    private long offset = -1;

    private Block(long elements) {
      this.elements = elements;
      this.size = (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Is needed at this time. */
    void touch(int time) {
      birth = Math.min(birth, time);
      death = Math.max(death, time);
    }

    /** How many elements were asked for. */
    long elements() {
      return elements;
    }

    /** Where it starts, in elements. */
    long offset() {
      return offset;
    }

    private boolean meets(Block other) {
      return birth <= other.death && other.birth <= death;
    }
  }

  /** A new block of {@code size} elements. */
  Block block(long size) {
    Block block = new Block(size);
    blocks.add(block);
    return block;
  }

  /** Places all blocks and returns the elements needed in all. */
  long place() {
    List<Block> bySize = new ArrayList<>(blocks);
    bySize.sort(Comparator.comparingLong((Block block) -> -block.size));
    List<Block> placed = new ArrayList<>();
    long total = 0;
    for (Block block : bySize) {
      long offset = 0;
      for (Block other : placed) {
        // Placed blocks come by offset, so one sweep finds the first gap.
        if (other.meets(block)) {
          if (offset + block.size <= other.offset) {
            break;
          }
          offset = Math.max(offset, other.offset + other.size);
        }
      }
      block.offset = offset;
      total = Math.max(total, offset + block.size);
      int at = 0;
      while (at < placed.size() && placed.get(at).offset <= offset) {
        at++;
      }
      placed.add(at, block);
    }
    return total;
  }
}
