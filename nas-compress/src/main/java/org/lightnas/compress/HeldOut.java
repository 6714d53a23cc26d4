package org.lightnas.compress;

import java.util.ArrayList;
import java.util.List;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;

/** Images that masks are judged on, in batches of one size; every image counts once. */
final class HeldOut {

  private final List<Batches.Batch> batches = new ArrayList<>();
  private final int size;

  HeldOut(ImageSet images, int batch) {
    size = images.size();
    for (int from = 0; from < size; from += batch) {
      batches.add(images.batch(from, batch));
    }
  }

  /** The share of images that a network knows, in percent. */
  double accuracy(Plan inference) {
    int correct = 0;
    for (Batches.Batch batch : batches) {
      inference.forward(batch.nhwc(), Pass.inference());
      correct += inference.loss(batch.labels(), 0).correct();
    }
    return 100.0 * correct / size;
  }
}
