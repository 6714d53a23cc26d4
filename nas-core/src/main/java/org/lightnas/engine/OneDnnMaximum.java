package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_pooling_desc_t;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Format;

/**
 * The largest value of maps of one size: the pools over whole images, then the largest of these.
 */
final class OneDnnMaximum {

  private final OneDnn dnn;
  private final OneDnnPrimitive pool;
  private final float[] perImageAndChannel;

  OneDnnMaximum(OneDnn dnn, Format map, int batch, FeatureShape shape) {
    this.dnn = dnn;
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

  float of(long map) {
    pool.run(map, dnn.transit().address());
    FloatBuffer pooled = dnn.transit().asFloats();
    pooled.get(0, perImageAndChannel);
    float largest = Float.NEGATIVE_INFINITY;
    for (float value : perImageAndChannel) {
      largest = Math.max(largest, value);
    }
    return largest;
  }
}
