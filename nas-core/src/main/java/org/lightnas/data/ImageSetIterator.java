package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** Images in order, as DL4J wants them. Not serializable, though its interface asks for it. */
final class ImageSetIterator implements DataSetIterator {

  private static final long serialVersionUID = 1L;

  private final ImageSet images;
  private final int batchSize;
  private int position;
  private @Nullable DataSetPreProcessor preProcessor;

  ImageSetIterator(ImageSet images, int batchSize) {
    checkArgument(
        batchSize >= 1, "A batch needs at least one image, but %s were asked.", batchSize);
    this.images = images;
    this.batchSize = batchSize;
  }

  @Override
  public boolean hasNext() {
    return position < images.size();
  }

  @Override
  public DataSet next() {
    return next(batchSize);
  }

  @Override
  public DataSet next(int atMost) {
    if (!hasNext()) {
      throw new NoSuchElementException("All " + images.size() + " images have been read.");
    }
    int n = Math.min(atMost, images.size() - position);
    FeatureShape shape = images.shape();
    int size = (int) shape.size();
    float[] features = new float[Math.multiplyExact(n, size)];
    float[] labels = new float[Math.multiplyExact(n, images.classes())];
    for (int i = 0; i < n; i++) {
      images.copyNchw(position + i, features, i * size);
      labels[i * images.classes() + images.label(position + i)] = 1;
    }
    position += n;
    DataSet batch =
        new DataSet(
            Nd4j.create(features, new long[] {n, shape.channels(), shape.height(), shape.width()}),
            Nd4j.create(labels, new long[] {n, images.classes()}));
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  @Override
  public int inputColumns() {
    return (int) images.shape().size();
  }

  @Override
  public int totalOutcomes() {
    return images.classes();
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  @Override
  public boolean asyncSupported() {
    return true;
  }

  @Override
  public void reset() {
    position = 0;
  }

  @Override
  public int batch() {
    return batchSize;
  }

  @Override
  public void setPreProcessor(@Nullable DataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public @Nullable DataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  /** Null, which DL4J takes as "no names". */
  @Override
  public @Nullable List<String> getLabels() {
    return null;
  }
}
