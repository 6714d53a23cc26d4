package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.proxy.BatchwiseTrainingEstimation;
import org.lightnas.search.proxy.Proxies;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/**
 * The proxies that {@link BteBench} compares, with what they said so far. Seeds are others than
 * those of trainings, which would begin with the same weights.
 */
final class BenchProxies {

  static final List<String> NAMES =
      List.of("bte", "params", "macs", "gradnorm", "synflow", "naswot");

  private static final String BTE = "bte";

  private static final long SEED = 1001;

  /** Images of the one batch that some look at. */
  private static final int BATCH = 32;

  private final List<Column> columns = new ArrayList<>();
  private final ResultsFile<ProxyScore> file;
  private final ShortTraining training;
  private final String dataset;
  private final double rate;

  /**
   * A column of the table.
   *
   * @param proxy its name
   * @param batches it trains for; 0 for none
   */
  record Column(String proxy, int batches) {

    /** The share of a training's steps. */
    double cost(long steps) {
      return proxy.equals("params") || proxy.equals("macs")
          ? 0
          : Math.max(1, batches) / (double) steps;
    }
  }

  /**
   * Opens what is known.
   *
   * @param names of {@link #NAMES}
   * @param batches of the estimates by training, each
   * @param rate learning rate of these at its peak
   * @throws IllegalArgumentException if an estimate is of no batch, or of too many
   */
  BenchProxies(
      List<String> names,
      List<Long> batches,
      double rate,
      ShortTraining training,
      ResultsFolder folder)
      throws IOException {
    for (String name : names) {
      if (!name.equals(BTE)) {
        columns.add(new Column(name, 0));
        continue;
      }
      for (long count : batches) {
        checkArgument(
            count >= 1 && count <= 100_000,
            "An estimate is of 1 to 100,000 batches, but -Dbatches holds %s.",
            count);
        columns.add(new Column(name, (int) count));
      }
    }
    this.training = training;
    this.rate = rate;
    this.dataset = training.images().fingerprint();
    this.file = ResultsFile.open(folder.file("proxies.jsonl"), new ProxyScore.Format());
  }

  private TrainableSpace trainable() {
    return training.space().on(training.images().withoutTest());
  }

  List<Column> columns() {
    return columns;
  }

  /** Batches that all of it trains a network for, with a guess of what the others take. */
  int batchesEach() {
    return columns.stream().mapToInt(Column::batches).sum() + 10;
  }

  Optional<ProxyScore> known(Column column, Architecture architecture) {
    return file.find(key(column, architecture));
  }

  private ProxyScore.Key key(Column column, Architecture architecture) {
    String name =
        column.batches() > 0
            ? column.proxy() + " " + column.batches() + " falling rate " + rate
            : column.proxy();
    return new ProxyScore.Key(
        dataset,
        training.spaceFingerprint(),
        training.space().canonical(architecture).id(),
        name,
        SEED);
  }

  /**
   * Computes what is not known of an architecture.
   *
   * @throws IOException if it cannot be kept
   */
  void score(Architecture architecture) throws IOException {
    for (Column column : columns) {
      if (known(column, architecture).isPresent()) {
        continue;
      }
      Evaluator proxy = proxy(column);
      long start = System.nanoTime();
      double score = proxy.score(architecture);
      file.add(new ProxyScore(key(column, architecture), score, (System.nanoTime() - start) / 1e9));
    }
  }

  private Evaluator proxy(Column column) {
    SearchSpace space = training.space();
    return switch (column.proxy()) {
      case BTE ->
          BatchwiseTrainingEstimation.builder(trainable())
              .batches(column.batches())
              .learningRate(rate)
              .seed(SEED)
              .build();
      case "params" -> Proxies.parameters(space);
      case "macs" -> Proxies.macs(space);
      case "gradnorm" -> Proxies.gradientNorm(trainable(), BATCH, SEED);
      case "synflow" -> Proxies.synFlow(space, SEED);
      default -> Proxies.naswot(trainable(), BATCH, SEED);
    };
  }
}
