package org.lightnas.compress;

import java.util.ArrayList;
import java.util.List;
import org.lightnas.data.ImageSet;
import org.lightnas.data.Pixels;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;

/** Images that masks are judged on, in batches of one size; every image counts once. */
final class HeldOut {

  private final List<Batch> batches = new ArrayList<>();
  private final int size;

  /** The last batch may hold room for more images than it has labels. */
  private record Batch(Pixels nhwc, int[] labels) {}

  HeldOut(ImageSet images, int batch) {
    size = images.size();
    int pixels = (int) images.shape().size();
    for (int from = 0; from < size; from += batch) {
      Pixels nhwc = images.room(batch);
      int[] labels = new int[Math.min(batch, size - from)];
      for (int i = 0; i < labels.length; i++) {
        images.copy(from + i, nhwc, i * pixels);
        labels[i] = images.label(from + i);
      }
      batches.add(new Batch(nhwc, labels));
    }
  }

  /** The share of images that a network knows, in percent. */
  double accuracy(Plan inference) {
    int correct = 0;
    for (Batch batch : batches) {
      inference.forward(batch.nhwc, Pass.inference());
      correct += inference.loss(batch.labels, 0).correct();
    }
    return 100.0 * correct / size;
  }
}
