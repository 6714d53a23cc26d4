package org.lightnas.search.population;

import java.math.BigInteger;
import java.util.List;
import java.util.random.RandomGenerator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * What a searcher does: proposes architectures and hears scores. It is a function of what it was
 * told and drawn, so a run that begins again is brought to where it was by telling the same again.
 */
interface Strategy {

  /**
   * The next architecture to be scored. It may be refused (it exceeds a bound, or was scored
   * before); then the next one is asked for, with the same number. Scores of proposals before may
   * not have been told yet.
   *
   * @param number of the evaluation, from 1
   */
  Architecture propose(long number, RandomGenerator random);

  /** {@link ChoiceSpace#mutate}; the same again where a space holds nothing else. */
  static Architecture mutated(ChoiceSpace space, Architecture parent, RandomGenerator random) {
    return space.size().equals(BigInteger.ONE) ? parent : space.mutate(parent, random);
  }

  /** Tells scores, in the order of their numbers. */
  void tell(Scored scored);

  /**
   * The best of what was scored, in the order in which they are to be the result.
   *
   * @param leaders by score
   */
  default List<Scored> ranked(List<Scored> leaders) {
    return leaders;
  }
}
