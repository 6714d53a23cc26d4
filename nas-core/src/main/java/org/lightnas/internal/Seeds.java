package org.lightnas.internal;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Randomness as a function of (seed, purpose, step): nothing has to be remembered between steps, so
 * a resumed run needs its step number only, and parallel work draws what serial work would.
 */
public final class Seeds {

  private Seeds() {}

  /** A fresh generator for one step of one purpose. */
  public static RandomGenerator random(long seed, String purpose, long step) {
    return new SplittableRandom(derive(seed, purpose, step));
  }

  /** The seed behind {@link #random}. */
  public static long derive(long seed, String purpose, long step) {
    long hash = mix(seed);
    for (int i = 0; i < purpose.length(); i++) {
      hash = mix(hash ^ purpose.charAt(i));
    }
    return mix(hash ^ step);
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014), after one step of its sequence. */
  private static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
