package org.lightnas.search;

/**
 * How much of its shortcut each choice has: {@code eta} of the identity mapping {@code op(x) + eta
 * T(x)}, 1 while weights warm up, then falling linearly to 0.
 *
 * @param from the last pass of the full share
 * @param to the first pass without any
 */
record IdentityShare(int from, int to) {

  private static final double LAST = 0.1;

  /**
   * Ends with the last epoch, or with the last tenth of the passes that decide, whichever is
   * shorter: then candidates are compared as they will stand in the network.
   */
  static IdentityShare of(Timetable timetable, int perEpoch) {
    int bare = Math.min(perEpoch, (int) Math.ceil(LAST * timetable.pairs()));
    return new IdentityShare(timetable.warmup(), timetable.total() - bare);
  }

  double at(int pass) {
    if (pass >= to) {
      return 0;
    }
    return pass <= from ? 1 : (to - pass) / (double) (to - from);
  }
}
