package org.lightnas.space;

/**
 * One of the things a {@link Choice} offers. Most are {@link Op}s; a space may offer other kinds,
 * which it interprets itself. Candidates are equal by value.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Candidate {

  /**
   * A short readable name, unique within its choice, stable across versions: it is what files
   * store. Letters, digits, {@code .} and {@code _} only.
   */
  String id();
}
