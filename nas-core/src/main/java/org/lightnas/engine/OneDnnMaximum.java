package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_pooling_desc_t;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Format;

/**
 * Finds the images of maps of one size in which a value is large: oneDNN pools every channel of an
 * image to its largest value, and only these are looked at.
 */
final class OneDnnMaximum {

  private final OneDnn dnn;
  private final OneDnnPrimitive pool;
  private final int channels;
  private final float[] perImageAndChannel;

  OneDnnMaximum(OneDnn dnn, Format map, int batch, FeatureShape shape) {
    this.dnn = dnn;
    this.channels = shape.channels();
    this.perImageAndChannel = new float[batch * shape.channels()];
    Format pooled = dnn.format(dnnl_nhwc, batch, shape.channels(), 1, 1);
    dnn.needTransit(pooled.bytes());
    long[] all = {shape.height(), shape.width()};
    long[] none = {0, 0};
    dnnl_pooling_desc_t operation = new dnnl_pooling_desc_t();
    OneDnn.check(
        dnnl_pooling_forward_desc_init(
            operation,
            dnnl_forward_inference,
            dnnl_pooling_max,
            map.desc(),
            pooled.desc(),
            all,
            all,
            none,
            none),
        "a search for the largest value");
    this.pool = dnn.primitive(dnn.describe(operation, null), DNNL_ARG_SRC, DNNL_ARG_DST);
  }

  /**
   * The images with a value of at least {@code bound} anywhere.
   *
   * @param images receives their positions
   * @return how many there are
   */
  int reach(float bound, long map, int[] images) {
    pool.run(map, dnn.transit().address());
    dnn.transit().asFloats().get(0, perImageAndChannel);
    int count = 0;
    for (int n = 0; n < images.length; n++) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = n * channels; i < (n + 1) * channels; i++) {
        largest = Math.max(largest, perImageAndChannel[i]);
      }
      if (largest >= bound) {
        images[count++] = n;
      }
    }
    return count;
  }
}
