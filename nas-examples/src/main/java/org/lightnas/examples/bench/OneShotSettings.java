package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;

/**
 * What {@link Nb201OneShot} compares.
 *
 * @param bounded without a bound, within one, or both
 * @param quantile of the device's latencies, in percent
 * @param samples known to the predictor
 * @param steps of LightNAS
 * @param batch images per step
 * @param rate the highest learning rate of weights
 * @param cells scored for tau
 * @param minutes for all runs
 */
record OneShotSettings(
    List<String> methods,
    List<Long> seeds,
    List<Boolean> bounded,
    String device,
    int quantile,
    int samples,
    int steps,
    int batch,
    double rate,
    int cells,
    int channels,
    double minutes) {

  /** SurgeNAS with identity mapping. */
  static final String MAPPED = "surgenas-mapped";

  static OneShotSettings ofProperties() {
    List<String> bounded = Options.list("bounded", "false,true");
    bounded.forEach(
        value ->
            checkArgument(
                value.equals("true") || value.equals("false"),
                "A search is bounded or not, but -Dbounded has '%s'.\n"
                    + "Maybe give -Dbounded=false,true.",
                value));
    int quantile = Options.whole("quantile", 50, 1);
    checkArgument(
        quantile <= 100, "A quantile is at most 100 percent, but -Dquantile is %s.", quantile);
    return new OneShotSettings(
        Options.names("method", "surgenas,lightnas", MAPPED),
        Options.wholes("seeds", "1,2,3"),
        bounded.stream().map(Boolean::valueOf).toList(),
        Options.text("device", "2080ti_32"),
        quantile,
        Options.whole("samples", 100, 4),
        Options.whole("steps", 48_000, 2),
        Options.whole("batch", 16, 2),
        Options.number("rate", "0.03", 10),
        Options.whole("cells", 200, 2),
        Options.whole("channels", 8, 1),
        Options.number("budget", "240", 1e6));
  }

  /** A method by the name it has in results. */
  String label(String method) {
    return String.format(Locale.ROOT, "%s (%d steps of %d at %s)", method, steps, batch, rate);
  }
}
