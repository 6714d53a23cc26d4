package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a one-shot search of NAS-Bench-201 came to, as it is kept in {@code nb201-oneshot.jsonl}.
 *
 * @param key what it depends on
 * @param index of the cell in the benchmark's files
 * @param latency published, in ms; 0 without a device
 * @param accuracy published, in percent
 * @param tau Kendall's tau-b of the supernet's scores and published accuracies
 * @param low end of its 95 % interval
 * @param high end of its 95 % interval
 * @param minutes the search and the scores took, before an interruption too
 */
record OneShotRun(
    Key key,
    String index,
    double latency,
    double accuracy,
    double tau,
    double low,
    double high,
    double minutes) {

  /** What lines of programs that did not keep them mean, of bounded runs: the default then. */
  private static final int SAMPLES_ONCE = 100;

  /**
   * What a run depends on.
   *
   * @param dataset name and fingerprint of the images
   * @param method its label
   * @param supernet the space whose networks share the weights
   * @param device whose latency is bounded; {@code none} where nothing is
   * @param bound in ms; 0 where nothing is bounded
   * @param samples known to the predictor; 0 where nothing is bounded
   * @param cells scored by the supernet
   */
  record Key(
      String dataset,
      String method,
      String supernet,
      String device,
      double bound,
      int samples,
      int cells,
      long seed) {

    boolean bounded() {
      return bound > 0;
    }
  }

  /** Whether the published latency exceeds the bound. */
  boolean violated() {
    return key.bounded() && latency > key.bound();
  }

  /** As lines. */
  static final class Format implements ResultsFile.Format<OneShotRun> {

    @Override
    public String kind() {
      return "one-shot searches of NAS-Bench-201";
    }

    @Override
    public Object key(OneShotRun run) {
      return run.key();
    }

    @Override
    public void write(OneShotRun run, ObjectNode line) {
      Key key = run.key();
      line.put("dataset", key.dataset());
      line.put("method", key.method());
      line.put("supernet", key.supernet());
      line.put("device", key.device());
      line.put("bound_ms", key.bound());
      line.put("samples", key.samples());
      line.put("cells", key.cells());
      line.put("seed", key.seed());
      line.put("arch_idx", run.index());
      line.put("latency_ms", run.latency());
      line.put("true_acc", run.accuracy());
      line.put("tau", run.tau());
      line.put("tau_low", run.low());
      line.put("tau_high", run.high());
      line.put("minutes", run.minutes());
    }

    @Override
    public OneShotRun read(ResultsFile.Line line) {
      double bound = line.number("bound_ms");
      int once = bound > 0 ? SAMPLES_ONCE : 0;
      return new OneShotRun(
          new Key(
              line.text("dataset"),
              line.text("method"),
              line.text("supernet"),
              line.text("device"),
              bound,
              line.has("samples") ? (int) line.whole("samples") : once,
              (int) line.whole("cells"),
              line.whole("seed")),
          line.text("arch_idx"),
          line.number("latency_ms"),
          line.number("true_acc", 0, 100),
          line.number("tau", -1, 1),
          line.number("tau_low", -1, 1),
          line.number("tau_high", -1, 1),
          line.number("minutes"));
    }
  }
}
