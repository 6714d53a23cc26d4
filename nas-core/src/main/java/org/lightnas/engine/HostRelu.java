package org.lightnas.engine;

import java.nio.FloatBuffer;
import org.nd4j.linalg.activations.Activation;

/**
 * ReLU or ReLU6 by itself in plain Java over float32 host memory; ND4J's own derivatives of them
 * are among its slowest operations.
 */
final class HostRelu implements Kernel {

  private static final int RUNS_PER_TASK = 16;

  private final boolean clipped;
  private final FloatBuffer x;
  private final FloatBuffer y;
  private final FloatBuffer dx;
  private final FloatBuffer dy;
  private final HostBatchNorm.Scratch scratch;
  private final Workers.Task rectify = this::rectify;
  private final Workers.Task mask = this::mask;

  /**
   * ReLU or ReLU6.
   *
   * @param function which of the two
   */
  HostRelu(Activation function, Slot in, Slot out, HostBatchNorm.Scratch scratch) {
    this.clipped = function == Activation.RELU6;
    this.x = in.map().pointer().asBuffer();
    this.y = out.map().pointer().asBuffer();
    this.dx = in.slope().pointer().asBuffer();
    this.dy = out.slope().pointer().asBuffer();
    this.scratch = scratch;
    scratch.reserve(HostBatchNorm.RUN, 0);
  }

  private void run(Workers.Task task) {
    int size = HostBatchNorm.RUN * RUNS_PER_TASK;
    scratch.workers().run((x.limit() + size - 1) / size, task);
  }

  @Override
  public void forward(Pass pass) {
    run(rectify);
  }

  @Override
  public void backward() {
    run(mask);
  }

  private int end(int task) {
    return Math.min(x.limit(), (task + 1) * HostBatchNorm.RUN * RUNS_PER_TASK);
  }

  private void rectify(int task, int thread) {
    float[] values = scratch.lane(thread).y;
    int end = end(task);
    for (int at = task * HostBatchNorm.RUN * RUNS_PER_TASK; at < end; at += HostBatchNorm.RUN) {
      int count = Math.min(HostBatchNorm.RUN, end - at);
      x.get(at, values, 0, count);
      clip(values, count);
      y.put(at, values, 0, count);
    }
  }

  private void mask(int task, int thread) {
    HostBatchNorm.Lane own = scratch.lane(thread);
    int end = end(task);
    for (int at = task * HostBatchNorm.RUN * RUNS_PER_TASK; at < end; at += HostBatchNorm.RUN) {
      int count = Math.min(HostBatchNorm.RUN, end - at);
      x.get(at, own.y, 0, count);
      clip(own.y, count);
      dy.get(at, own.d, 0, count);
      own.mask(clipped, count);
      dx.put(at, own.d, 0, count);
    }
  }

  private void clip(float[] values, int n) {
    float most = clipped ? 6 : Float.POSITIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      values[i] = Math.min(Math.max(values[i], 0f), most);
    }
  }
}
