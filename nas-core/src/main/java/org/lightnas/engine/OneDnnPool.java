package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_pooling_desc_t;
import org.lightnas.FeatureShape;
import org.lightnas.engine.OneDnn.Description;
import org.lightnas.engine.OneDnn.Format;
import org.lightnas.graph.Window;

/** All pools of one kind and size. A maximum remembers where it found it. */
final class OneDnnPool {

  private final boolean max;
  private final OneDnnPrimitive forward;
  private final OneDnnPrimitive backward;
  private final long workspaceBytes;

  /** What one is made for. */
  record Kind(
      int batch,
      FeatureShape in,
      FeatureShape out,
      Window window,
      boolean max,
      boolean countPadding) {

    /** Over the whole map. */
    static Kind global(int batch, FeatureShape in, FeatureShape out, boolean max) {
      int[] all = {in.height(), in.width()};
      int[] one = {1, 1};
      return new Kind(
          batch, in, out, Window.symmetric(all, all, new int[] {0, 0}, one), max, false);
    }
  }

  OneDnnPool(OneDnn dnn, Kind kind) {
    this.max = kind.max();
    Format x = map(dnn, kind.batch(), kind.in());
    Format y = map(dnn, kind.batch(), kind.out());
    Window w = kind.window();
    int algorithm =
        kind.max()
            ? dnnl_pooling_max
            : kind.countPadding()
                ? dnnl_pooling_avg_include_padding
                : dnnl_pooling_avg_exclude_padding;
    long[] strides = {w.strideH(), w.strideW()};
    long[] kernel = {w.kernelH(), w.kernelW()};
    long[] begin = {w.top(), w.left()};
    long[] end = {w.bottom(), w.right()};
    dnnl_pooling_desc_t ahead = new dnnl_pooling_desc_t();
    OneDnn.check(
        dnnl_pooling_forward_desc_init(
            ahead,
            dnnl_forward_training,
            algorithm,
            x.desc(),
            y.desc(),
            strides,
            kernel,
            begin,
            end),
        "a pool");
    Description description = dnn.describe(ahead, null);
    dnnl_pooling_desc_t back = new dnnl_pooling_desc_t();
    OneDnn.check(
        dnnl_pooling_backward_desc_init(
            back, algorithm, x.desc(), y.desc(), strides, kernel, begin, end),
        "the gradient of a pool");
    Description reverse = dnn.describe(back, description);
    if (max) {
      this.forward = dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WORKSPACE);
      this.backward =
          dnn.primitive(reverse, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_WORKSPACE);
      this.workspaceBytes = description.argument(DNNL_ARG_WORKSPACE).bytes();
    } else {
      this.forward = dnn.primitive(description, DNNL_ARG_SRC, DNNL_ARG_DST);
      this.backward = dnn.primitive(reverse, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC);
      this.workspaceBytes = 0;
    }
  }

  private static Format map(OneDnn dnn, int batch, FeatureShape shape) {
    return dnn.format(dnnl_nhwc, batch, shape.channels(), shape.height(), shape.width());
  }

  /** Floats that a layer keeps. */
  long kept() {
    return (workspaceBytes + Float.BYTES - 1) / Float.BYTES;
  }

  Kernel bind(Slot x, Slot y, Area kept) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        run(forward, x.map(), y.map());
      }

      @Override
      public void backward() {
        run(backward, y.slope(), x.slope());
      }

      private void run(OneDnnPrimitive primitive, Area from, Area to) {
        if (max) {
          primitive.run(from.address(), to.address(), kept.address());
        } else {
          primitive.run(from.address(), to.address());
        }
      }
    };
  }
}
