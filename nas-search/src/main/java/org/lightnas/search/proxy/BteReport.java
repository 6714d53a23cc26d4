package org.lightnas.search.proxy;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lightnas.NasException;
import org.lightnas.PoorPredictorException;
import org.lightnas.internal.Foreign;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Kendall;
import org.lightnas.metric.Predictor;
import org.lightnas.report.HtmlReport;
import org.lightnas.report.ScatterChart;
import org.lightnas.space.Architecture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How well a proxy ranks networks of equal cost, against what it stands in for; with other proxies
 * beside it.
 *
 * <pre>
 * List&lt;Architecture&gt; some = BteReport.candidates(latency, 5.0, 0.05, 24, 1);
 * BteReport report =
 *     BteReport.of(some, latency, trained, bte, Proxies.parameters(space), Proxies.macs(space));
 * report.require(0.4);
 * </pre>
 *
 * @param truth what networks reach after a training
 * @param proxy what is judged
 * @param beside other proxies
 * @param costs predicted, of each candidate, in {@code unit}
 * @param unit of the costs
 * @since 0.1.0
 */
public record BteReport(
    Column truth, Column proxy, List<Column> beside, List<Double> costs, String unit) {

  private static final Logger log = LoggerFactory.getLogger(BteReport.class);

  /** Fewer leave an interval of tau that says nothing. */
  private static final int LEAST = 20;

  /** The largest cost over the smallest: 5 % up and down. */
  private static final double EQUAL = 1.05 / 0.95 + 1e-9;

  private static final int DRAWS = 200_000;

  /**
   * Scores of all candidates by one evaluator.
   *
   * @param name of the scores
   * @param scores one for each candidate, in their order
   * @since 0.1.0
   */
  public record Column(String name, List<Double> scores) {

    /**
     * Copies the scores.
     *
     * @throws IllegalArgumentException if one is not finite, as it has no rank
     */
    public Column {
      scores = List.copyOf(scores);
      for (int i = 0; i < scores.size(); i++) {
        checkArgument(
            Double.isFinite(scores.get(i)),
            "The score '%s' of candidate %s is %s, which has no rank.\n"
                + "Maybe give hopeless architectures a very low score.",
            name,
            i,
            scores.get(i));
      }
    }

    static Column of(Evaluator evaluator, List<Architecture> candidates) {
      return new Column(
          evaluator.name(),
          candidates.stream().map(candidate -> score(evaluator, candidate)).toList());
    }

    private static Double score(Evaluator evaluator, Architecture candidate) {
      return Foreign.call(
          () -> evaluator.score(candidate),
          () ->
              "The evaluator of '"
                  + evaluator.name()
                  + "' failed on architecture "
                  + candidate.id());
    }

    private double[] values() {
      return scores.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  /**
   * How well a proxy ranks.
   *
   * @param proxy its name
   * @param tau Kendall's tau-b with the truth; NaN if either never changes
   * @param low end of its 95 % interval, as far as the choice of the candidates goes; NaN if
   *     unknown
   * @param high the other end
   * @since 0.1.0
   */
  public record Row(String proxy, double tau, double low, double high) {

    /** {@code BTE of 100 batches (nats): tau 0.612 (95 %: 0.401 to 0.761)}. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%s: tau %.3f (95 %%: %.3f to %.3f)", proxy, tau, low, high);
    }
  }

  /**
   * Checks that the scores can be compared.
   *
   * @throws IllegalArgumentException if there are fewer than 20 candidates, they do not cost the
   *     same within 5 % up and down, or a column has another length
   */
  public BteReport {
    beside = List.copyOf(beside);
    costs = List.copyOf(costs);
    int count = costs.size();
    checkArgument(
        count >= LEAST,
        "A proxy is judged by at least %s candidates, but there are %s.\nMaybe draw more with"
            + " BteReport.candidates.",
        LEAST,
        count);
    double least = costs.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double most = costs.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    checkArgument(
        least > 0 && most <= EQUAL * least,
        "Candidates must cost the same within 5 % up and down, but cost from %s to %s %s: what"
            + " costs more is mostly better, and any proxy sees that.\n"
            + "Maybe draw them with BteReport.candidates.",
        least,
        most,
        unit);
    for (Column column : columns(truth, proxy, beside)) {
      checkArgument(
          column.scores().size() == count,
          "'%s' has %s scores, but there are %s candidates.",
          column.name(),
          column.scores().size(),
          count);
    }
  }

  private static List<Column> columns(Column truth, Column proxy, List<Column> beside) {
    return Stream.concat(Stream.of(truth, proxy), beside.stream()).toList();
  }

  /**
   * Scores candidates by everything that is given; the truth usually takes long.
   *
   * @param cost in which the candidates are equal, usually latency
   * @param truth such as a {@link org.lightnas.search.population.TrainingEvaluator}
   * @throws IllegalArgumentException as {@link #BteReport}, before anything is scored
   */
  public static BteReport of(
      List<Architecture> candidates,
      Predictor cost,
      Evaluator truth,
      Evaluator proxy,
      Evaluator... beside) {
    List<Double> costs = candidates.stream().map(cost::predict).toList();
    String unit = cost.metric().unit();
    // Costs are checked before anybody is kept waiting.
    Column nothing = new Column("", costs);
    BteReport checked = new BteReport(nothing, nothing, List.of(), costs, unit);
    return new BteReport(
        Column.of(truth, candidates),
        Column.of(proxy, candidates),
        Stream.of(beside).map(evaluator -> Column.of(evaluator, candidates)).toList(),
        checked.costs(),
        unit);
  }

  /**
   * Draws distinct architectures of about one cost, uniformly, none of them the same network as
   * another.
   *
   * @param at the cost, in the predictor's unit
   * @param within how far off they may be, as a share of it: 0.05 for 5 % up and down
   * @param seed of the draws
   * @return canonical
   * @throws NasException if there are not as many among 200,000 draws
   */
  public static List<Architecture> candidates(
      Predictor cost, double at, double within, int count, long seed) {
    checkArgument(at > 0, "A cost to draw at must be positive, but is %s.", at);
    checkArgument(
        within > 0 && within < 1, "A cost can be within a share in (0, 1), but not %s.", within);
    RandomGenerator random = Seeds.random(seed, "candidates of equal cost", 0);
    Set<Architecture> drawn = new LinkedHashSet<>();
    for (int draw = 0; draw < DRAWS && drawn.size() < count; draw++) {
      Architecture next = cost.space().canonical(cost.space().sample(random));
      if (Math.abs(cost.predict(next) - at) <= within * at) {
        drawn.add(next);
      }
    }
    if (drawn.size() < count) {
      throw new NasException(
          String.format(
              Locale.ROOT,
              "Only %d of %d architectures of space '%s' within %.3g %% of %.4g %s were found in"
                  + " %,d draws.\n"
                  + "Maybe ask for a cost nearer to the middle of the range.",
              drawn.size(),
              count,
              cost.space().name(),
              100 * within,
              at,
              cost.metric().unit(),
              DRAWS));
    }
    return List.copyOf(drawn);
  }

  /** How well the proxy ranks. */
  public Row row() {
    return row(proxy);
  }

  /** How well the other proxies rank, in the order in which they were given. */
  public List<Row> besideRows() {
    return beside.stream().map(this::row).toList();
  }

  private Row row(Column column) {
    Kendall kendall = new Kendall(truth.values(), column.values());
    double[] ends = kendall.interval();
    return new Row(column.name(), kendall.tau(), ends[0], ends[1]);
  }

  /**
   * Whether the proxy's tau is at least so much; logs a warning with both figures if it is not.
   *
   * @param leastTau in [-1, 1]
   */
  public boolean trusts(double leastTau) {
    checkArgument(
        leastTau >= -1 && leastTau <= 1, "A least tau must be in [-1, 1], but is %s.", leastTau);
    // NaN is distrusted too.
    boolean trusted = row().tau() >= leastTau;
    if (!trusted) {
      log.warn("{}", distrust(leastTau));
    }
    return trusted;
  }

  /**
   * Refuses a proxy whose tau is less than so much.
   *
   * @param leastTau in [-1, 1]
   * @throws PoorPredictorException if it is, with both figures and a remedy
   */
  public void require(double leastTau) {
    if (!trusts(leastTau)) {
      throw new PoorPredictorException(distrust(leastTau));
    }
  }

  private String distrust(double leastTau) {
    Row better =
        besideRows().stream()
            .filter(row -> row.tau() >= leastTau)
            .max((a, b) -> Double.compare(a.tau(), b.tau()))
            .orElse(null);
    return String.format(
        Locale.ROOT,
        "%s ranks %d networks of %s too poorly: tau %.3f with %s, but %.3f is asked for.\n"
            + "Maybe %s.",
        proxy.name(),
        costs.size(),
        equalCost(),
        row().tau(),
        truth.name(),
        leastTau,
        better == null
            ? "give it more batches or seeds, or train what it is judged by longer"
            : "take '" + better.proxy() + "', whose tau is " + number(better.tau()));
  }

  private String equalCost() {
    double least = costs.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double most = costs.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    return String.format(Locale.ROOT, "%.4g to %.4g %s", least, most, unit);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /** A self-contained HTML page: the table, and the proxy over the truth. */
  public HtmlReport page() {
    List<List<String>> rows = new ArrayList<>();
    Stream.concat(Stream.of(row()), besideRows().stream())
        .forEach(
            r -> rows.add(List.of(r.proxy(), number(r.tau()), number(r.low()), number(r.high()))));
    return HtmlReport.titled("How well proxies rank networks")
        .subtitle(costs.size() + " networks of " + equalCost() + ", by " + truth.name())
        .section("Kendall's tau")
        .text("With its 95 % interval, as far as the choice of the networks goes.")
        .table(List.of("proxy", "tau", "low", "high"), rows)
        .chart(
            ScatterChart.titled(proxy.name() + " and " + truth.name())
                .x(proxy.name())
                .y(truth.name())
                .points("networks", proxy.values(), truth.values())
                .build())
        .build();
  }

  /** A line about the networks, then one for each proxy. */
  @Override
  public String toString() {
    return "Ranks of "
        + costs.size()
        + " networks of "
        + equalCost()
        + " by "
        + truth.name()
        + ":\n"
        + Stream.concat(Stream.of(row()), besideRows().stream())
            .map(Row::toString)
            .collect(Collectors.joining("\n"));
  }
}
