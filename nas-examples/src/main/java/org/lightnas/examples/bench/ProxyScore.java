package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a proxy said of a network, as it is kept in {@code proxies.jsonl}.
 *
 * @param key what it depends on
 * @param score larger is better
 * @param seconds it took
 */
record ProxyScore(Key key, double score, double seconds) {

  /** Scores of a proxy are small; beyond this a file is damaged. */
  private static final double MOST = 1e15;

  /**
   * Which score it is.
   *
   * @param dataset name and fingerprint
   * @param space name and fingerprint
   * @param architecture id of the canonical form
   * @param proxy its name, with what it is told
   * @param seed of its weights and batches
   */
  record Key(String dataset, String space, String architecture, String proxy, long seed) {}

  /** How they stand in the file. */
  static final class Format implements ResultsFile.Format<ProxyScore> {

    @Override
    public String kind() {
      return "scores of proxies";
    }

    @Override
    public Object key(ProxyScore score) {
      return score.key();
    }

    @Override
    public void write(ProxyScore score, ObjectNode line) {
      Key key = score.key();
      line.put("dataset", key.dataset());
      line.put("space", key.space());
      line.put("architecture", key.architecture());
      line.put("proxy", key.proxy());
      line.put("seed", key.seed());
      line.put("score", score.score());
      line.put("seconds", score.seconds());
    }

    @Override
    public ProxyScore read(ResultsFile.Line line) {
      return new ProxyScore(
          new Key(
              line.text("dataset"),
              line.text("space"),
              line.text("architecture"),
              line.text("proxy"),
              line.whole("seed")),
          line.number("score", -MOST, MOST),
          line.number("seconds"));
    }
  }
}
