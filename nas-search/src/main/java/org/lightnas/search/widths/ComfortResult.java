package org.lightnas.search.widths;

import java.util.List;
import java.util.Locale;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.report.HtmlReport;
import org.lightnas.space.Architecture;

/**
 * What a {@link ComfortZone} found out.
 *
 * @param found the network as it was, in the {@link org.lightnas.space.widths.ChannelSpace} of its
 *     widths
 * @param architecture the widened network, in the same space; {@code found} if there is no comfort
 *     zone
 * @param before the latency of the network as it was, measured together with {@code after}
 * @param after the latency of the widened network, or of the last one that was tried
 * @param tolerance by what share latency was allowed to grow: what was asked for, or two standard
 *     errors of the comparison where that is more
 * @param factor by which all widths were multiplied before single layers were raised; 1 if there is
 *     no comfort zone
 * @param staircase latency over that factor
 * @param layers what single layers allow beyond the widest network on the staircase that was in the
 *     zone, also if widening was not worth it in the end; empty if that was not asked
 * @param finding in a sentence, with figures
 * @since 0.1.0
 */
public record ComfortResult(
    Architecture found,
    Architecture architecture,
    Measurement before,
    Measurement after,
    double tolerance,
    double factor,
    List<Step> staircase,
    List<Layer> layers,
    String finding) {

  /**
   * A point of the staircase.
   *
   * @param factor of all widths
   * @param measured latency
   * @param fitted in ms, by the isotonic fit
   * @param plateauEnd whether the next step costs more than the tolerance over this plateau
   * @since 0.1.0
   */
  public record Step(double factor, Measurement measured, double fitted, boolean plateauEnd) {}

  /**
   * A layer by itself.
   *
   * @param choice its name in the space of widths
   * @param from candidate after all widths were scaled
   * @param to the last candidate on its plateau; {@code from} if the next one is beyond it
   * @param rise of the latency of the whole network, as a share
   * @param macs gained, for one image
   * @param taken whether the widened network has it
   * @since 0.1.0
   */
  public record Layer(
      String choice, String from, String to, double rise, long macs, boolean taken) {

    Layer notTaken() {
      return new Layer(choice, from, to, rise, macs, false);
    }
  }

  /** Copies the lists. */
  public ComfortResult {
    staircase = List.copyOf(staircase);
    layers = List.copyOf(layers);
  }

  /** Whether there is a comfort zone. */
  public boolean comfortable() {
    return !architecture.equals(found);
  }

  /** The share of operations gained: 0.5 is half as many again; 0 if there is no comfort zone. */
  public double macsGained() {
    return (double) Cost.of(architecture).macs() / Cost.of(found).macs() - 1;
  }

  /** The share of parameters gained. */
  public double parametersGained() {
    return (double) Cost.of(architecture).parameters() / Cost.of(found).parameters() - 1;
  }

  /** A page with the staircase, the layers and the figures. */
  public HtmlReport page() {
    return ComfortPage.of(this);
  }

  /** The finding, with what was gained. */
  @Override
  public String toString() {
    return comfortable()
        ? String.format(
            Locale.ROOT,
            "comfort zone: MACs +%.1f %%, parameters +%.1f %%; %s",
            100 * macsGained(),
            100 * parametersGained(),
            finding)
        : "no comfort zone: " + finding;
  }
}
