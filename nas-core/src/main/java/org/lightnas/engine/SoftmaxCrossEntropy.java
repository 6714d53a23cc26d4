package org.lightnas.engine;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The one loss: a few thousand numbers per batch, so plain Java in double. */
final class SoftmaxCrossEntropy {

  private SoftmaxCrossEntropy() {}

  /**
   * The mean of an {@link Objective} over the images that have a label. With {@code p = softmax(z)}
   * and {@code p_T}, {@code q_T} the softmax of {@code z / T} and of the teacher's logits over T,
   * the gradient by the logits is {@code ((1 - w) (p - t) + w T (p_T - q_T)) / images}; it is zero
   * for the rows of the batch without a label.
   *
   * @param z logits, {@code [batch][classes]} flattened
   * @param batch rows of z
   * @param labels one class per image, at least one and at most batch
   * @param teacher the teacher's logits for the same images, shaped like z; null if it has no
   *     weight
   * @param gradient receives the gradient, shaped like z; null if it is not wanted
   * @param perImage receives the loss of each labelled image; null if they are not wanted
   * @throws IllegalArgumentException if the arrays do not fit each other
   */
  static Loss evaluate(
      double[] z,
      int batch,
      int[] labels,
      Objective objective,
      double @Nullable [] teacher,
      double @Nullable [] gradient,
      double @Nullable [] perImage) {
    int images = labels.length;
    int classes = z.length / batch;
    double w = objective.weight();
    checkArgument(
        images >= 1 && images <= batch,
        "A batch of %s images cannot have %s labels.",
        batch,
        images);
    checkArgument(
        w == 0 || (teacher != null && teacher.length == z.length),
        "A loss with a teacher needs its logits, as many as there are: %s.",
        z.length);
    checkArgument(
        perImage == null || perImage.length >= images,
        "The losses of %s images need more room than for %s.",
        images,
        perImage == null ? 0 : perImage.length);
    double t = objective.temperature();
    double off = objective.smoothing() / classes;
    double total = 0;
    int correct = 0;
    for (int n = 0; n < images; n++) {
      int base = n * classes;
      double logSum = logSum(z, base, classes, 1);
      int best = 0;
      double loss = 0;
      for (int c = 0; c < classes; c++) {
        double logP = z[base + c] - logSum;
        double target = off + (c == labels[n] ? 1 - objective.smoothing() : 0);
        loss -= target * logP;
        if (gradient != null) {
          gradient[base + c] = (1 - w) * (Math.exp(logP) - target) / images;
        }
        if (z[base + c] > z[base + best]) {
          best = c;
        }
      }
      if (w > 0 && teacher != null) {
        double logSumT = logSum(z, base, classes, t);
        double logSumQ = logSum(teacher, base, classes, t);
        double divergence = 0;
        for (int c = 0; c < classes; c++) {
          double logP = z[base + c] / t - logSumT;
          double logQ = teacher[base + c] / t - logSumQ;
          double q = Math.exp(logQ);
          // 0 log 0 = 0, where the teacher is so sure that q underflows.
          divergence += q == 0 ? 0 : q * (logQ - logP);
          if (gradient != null) {
            gradient[base + c] += w * t * (Math.exp(logP) - q) / images;
          }
        }
        loss = (1 - w) * loss + w * t * t * divergence;
      }
      total += loss;
      if (perImage != null) {
        perImage[n] = loss;
      }
      if (best == labels[n]) {
        correct++;
      }
    }
    if (gradient != null) {
      Arrays.fill(gradient, images * classes, z.length, 0);
    }
    return new Loss(total / images, correct);
  }

  /** {@code log sum_c exp(z_c / t)}, without overflow. */
  private static double logSum(double[] z, int base, int classes, double t) {
    double max = z[base];
    for (int c = 1; c < classes; c++) {
      max = Math.max(max, z[base + c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp((z[base + c] - max) / t);
    }
    return max / t + Math.log(sum);
  }
}
