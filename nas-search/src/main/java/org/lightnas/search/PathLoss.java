package org.lightnas.search;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.lightnas.space.Architecture;

/**
 * What logits learn from in one pass: how single paths do, all on the same images.
 *
 * @since 0.1.0
 */
public interface PathLoss {

  /** The loss of one path. */
  double loss(Architecture path);

  /** The loss of one path with its derivatives behind the choices. */
  Gates gates(Architecture path);

  /**
   * What a backward pass through the gates gives: a gate is a factor 1 on the output of a picked
   * candidate.
   *
   * @param loss of the path; NaN if a derivative is no finite number, which nothing should be
   *     learned from
   * @param picked for each choice the derivative of the loss by its gate, {@code <dL/dy, y>}; 0 for
   *     choices the path does not use
   * @param others for each choice {@code sum dL/dy}: what LightNAS's code gives to the gates of
   *     candidates that were not picked, as if their output were 1 everywhere
   * @since 0.1.0
   */
  record Gates(double loss, double[] picked, double[] others) {

    /** Sees to the loss. */
    public Gates {
      if (!DoubleStream.concat(Arrays.stream(picked), Arrays.stream(others))
          .allMatch(Double::isFinite)) {
        loss = Double.NaN;
      }
    }
  }
}
