package org.lightnas.device;

/**
 * A network ready to be run on one batch of fixed noise, of which it keeps a copy of its own.
 *
 * @since 0.1.0
 */
public interface Inference extends Runnable, AutoCloseable {

  /** Computes the network's answer to the batch, once. */
  @Override
  void run();

  /** Frees what it holds, native memory included, now. */
  @Override
  void close();
}
