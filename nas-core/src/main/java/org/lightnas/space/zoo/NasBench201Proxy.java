package org.lightnas.space.zoo;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.lightnas.FeatureShape;
import org.lightnas.Reproducible;
import org.lightnas.internal.JavaCode;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/**
 * The cells of NAS-Bench-201 in smaller networks.
 *
 * @param cells of each stage
 */
record NasBench201Proxy(NasBench201Space space, int channels, int cells)
    implements SearchSpace, Reproducible {

  NasBench201Proxy {
    checkArgument(
        channels >= 1 && cells >= 1,
        "A network of cells needs channels and cells, but is to have %s and %s.",
        channels,
        cells);
  }

  @Override
  public String name() {
    return space.name() + "-" + channels + "x" + cells;
  }

  @Override
  public FeatureShape input() {
    return space.input();
  }

  @Override
  public int classes() {
    return space.classes();
  }

  @Override
  public List<Choice> choices() {
    return space.choices();
  }

  @Override
  public List<Link> links() {
    return space.links();
  }

  @Override
  public ComputationGraphConfiguration toConfiguration(Architecture cell) {
    cell.requireSpace(this);
    return space.configuration(cell, channels, cells);
  }

  @Override
  public Optional<String> code() {
    return JavaCode.of(space).map(made -> made + ".proxy(" + channels + ", " + cells + ")");
  }

  /** {@code nasbench201-8x1 (15,625 cells)}. */
  @Override
  public String toString() {
    return name() + " (15,625 cells)";
  }
}
