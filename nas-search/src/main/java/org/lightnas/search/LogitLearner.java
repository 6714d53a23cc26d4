package org.lightnas.search;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How logits and multipliers move in a pass. */
sealed interface LogitLearner permits EffectLearner, PublishedLearner {

  /**
   * Draws paths, asks for their losses, moves logits and multipliers.
   *
   * @param pass counted from 0
   * @return the mean loss of the paths drawn; if it is not finite, nothing has moved
   */
  double learn(PathLoss losses, int pass);

  /** What each bound's metric is held to be, by the logits as they are. */
  List<Double> costs();

  /** What changes beside logits and multipliers. */
  Extra extra();

  /** Goes to where another run was. */
  void restore(Extra extra);

  /**
   * What changes beside logits and multipliers.
   *
   * @param effects of ours
   * @param onTarget of the published one: whether its end game has begun
   */
  record Extra(@JsonSetter(nulls = Nulls.SET) Effects.@Nullable State effects, boolean onTarget) {}
}
