package org.lightnas.engine;

/** The one loss: a few thousand numbers per batch, so plain Java in double. */
final class SoftmaxCrossEntropy {

  private SoftmaxCrossEntropy() {}

  /**
   * Mean over the batch of {@code -sum_c t_c log softmax(z)_c} with {@code t = (1 - s) onehot + s /
   * classes}; the gradient by the logits is {@code (softmax(z) - t) / batch}.
   *
   * @param z logits, [batch][classes] flattened
   * @param gradient receives the gradient, shaped like z
   */
  static Loss evaluate(double[] z, int[] labels, int batch, double smoothing, double[] gradient) {
    int classes = z.length / batch;
    double off = smoothing / classes;
    double total = 0;
    int correct = 0;
    for (int n = 0; n < batch; n++) {
      int base = n * classes;
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (z[base + c] > z[base + best]) {
          best = c;
        }
      }
      double max = z[base + best];
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += Math.exp(z[base + c] - max);
      }
      double logSum = max + Math.log(sum);
      for (int c = 0; c < classes; c++) {
        double target = off + (c == labels[n] ? 1 - smoothing : 0);
        total -= target * (z[base + c] - logSum);
        gradient[base + c] = (Math.exp(z[base + c] - logSum) - target) / batch;
      }
      if (best == labels[n]) {
        correct++;
      }
    }
    return new Loss(total / batch, correct);
  }
}
