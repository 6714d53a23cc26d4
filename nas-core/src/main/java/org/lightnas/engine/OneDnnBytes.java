package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

/** Makes floats in [0, 1] of unsigned bytes, on all threads. Owned by its session. */
final class OneDnnBytes {

  private final OneDnn dnn;
  private final long bytes;
  private final OneDnnPrimitive convert;

  OneDnnBytes(OneDnn dnn, int batch, int each) {
    this.dnn = dnn;
    this.bytes = (long) batch * each;
    OneDnn.Format from = dnn.typed(dnnl_u8, dnnl_ab, batch, each);
    OneDnn.Format to = dnn.format(dnnl_ab, batch, each);
    this.convert =
        dnn.primitive(dnn.describeScaling(from, to, 1 / 255f), DNNL_ARG_FROM, DNNL_ARG_TO);
  }

  /** Overwrites what lies at an address. */
  void run(byte[] source, long target) {
    dnn.needTransit(bytes);
    NativeMemory transit = dnn.transit();
    transit.write(source);
    convert.run(transit.address(), target);
  }
}
