package org.lightnas.search.widths;

import org.lightnas.Progress;
import org.lightnas.device.Measurement;
import org.lightnas.space.Architecture;

/**
 * Hears of every measurement of a {@link ComfortZone}; it can neither break nor change the run.
 *
 * @since 0.1.0
 */
public interface ComfortListener {

  /**
   * A network was measured.
   *
   * @param progress counts the most measurements that may become necessary
   * @param architecture of the widths' space
   * @param measurement one of several
   */
  default void onMeasured(Progress progress, Architecture architecture, Measurement measurement) {}
}
