package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What a way to make a network faster led to, as it is kept in {@code domino.jsonl}.
 *
 * @param key what it depends on
 * @param accuracyBefore of the original, on test images, in percent
 * @param accuracyAfter in percent
 * @param millisBefore of the original
 * @param millisAfter measured
 * @param millisReachable everything merged that is faster so
 * @param referenceMillis of the device's reference network, by which all latencies are scaled
 * @param error relative, of merging on real images
 * @param predictedMillis of the mask by Domino's table; null where nothing predicts, and in files
 *     of before it was kept
 * @param check null where nothing was merged, and in files of before it was kept
 * @param network what was made: a mask, or a width
 * @param seconds all of it took
 */
record DominoOutcome(
    Key key,
    double accuracyBefore,
    double accuracyAfter,
    double millisBefore,
    double millisAfter,
    double millisReachable,
    double referenceMillis,
    double error,
    @Nullable Double predictedMillis,
    @Nullable DominoCheck check,
    String network,
    double seconds) {

  /**
   * What an outcome depends on.
   *
   * @param problem original, data set and recipe, with fingerprints
   */
  record Key(String problem, String method, String preset, long seed) {}

  /** Lines of the file. */
  static final class Format implements ResultsFile.Format<DominoOutcome> {

    @Override
    public String kind() {
      return "linear blocks";
    }

    @Override
    public Object key(DominoOutcome outcome) {
      return outcome.key();
    }

    @Override
    public void write(DominoOutcome outcome, ObjectNode line) {
      Key key = outcome.key();
      line.put("problem", key.problem());
      line.put("method", key.method());
      line.put("preset", key.preset());
      line.put("seed", key.seed());
      line.put("acc_before", outcome.accuracyBefore());
      line.put("acc_after", outcome.accuracyAfter());
      line.put("ms_before", outcome.millisBefore());
      line.put("ms_after", outcome.millisAfter());
      line.put("ms_reachable", outcome.millisReachable());
      line.put("reference_ms", outcome.referenceMillis());
      line.put("error", outcome.error());
      if (outcome.predictedMillis() != null) {
        line.put("predicted_ms", outcome.predictedMillis());
      }
      DominoCheck check = outcome.check();
      if (check != null) {
        line.put("images", check.images());
        line.put("error_dl4j", check.dl4j());
        line.put("error_onnx", check.onnx());
        line.put("error_border", check.border());
        line.put("error_inside", check.inside());
      }
      line.put("network", outcome.network());
      line.put("seconds", outcome.seconds());
    }

    @Override
    public DominoOutcome read(ResultsFile.Line line) {
      return new DominoOutcome(
          new Key(
              line.text("problem"), line.text("method"), line.text("preset"), line.whole("seed")),
          line.number("acc_before", 0, 100),
          line.number("acc_after", 0, 100),
          line.number("ms_before"),
          line.number("ms_after"),
          line.number("ms_reachable"),
          line.number("reference_ms"),
          line.number("error"),
          line.has("predicted_ms") ? line.number("predicted_ms") : null,
          line.has("images") ? check(line) : null,
          line.text("network"),
          line.number("seconds"));
    }

    private static DominoCheck check(ResultsFile.Line line) {
      return new DominoCheck(
          Math.toIntExact(line.whole("images")),
          line.number("error_dl4j"),
          line.number("error_onnx"),
          line.number("error_border"),
          line.number("error_inside"));
    }
  }
}
