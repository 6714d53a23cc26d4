package org.lightnas.metric;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.lightnas.device.Device;
import org.lightnas.space.SearchSpace;

/**
 * A predictor of what a device measures, which can be made anew for the widths of one of its
 * architectures. So searches that end among widths need not know how anything is predicted.
 *
 * @since 0.1.0
 */
public interface MeasuredPredictor extends Predictor {

  /**
   * A predictor of the same metric for networks that differ in the widths of the same layers.
   *
   * @param widths a {@link org.lightnas.space.widths.ChannelSpace}, or another space of that kind
   * @param device measures some of its networks
   * @param file where the measurements are kept, or read from if it is there; null for nowhere
   * @throws org.lightnas.NasException as {@link Device#measure}, or if the file cannot be read or
   *     written
   */
  Predictor forWidths(SearchSpace widths, Device device, @Nullable Path file);
}
