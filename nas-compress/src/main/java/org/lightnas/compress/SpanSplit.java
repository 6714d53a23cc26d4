package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Comparator.comparingInt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.lightnas.NasException;

/**
 * The fastest way to merge a row of layers into fewer: which of them in one convolution, given how
 * long every span takes once it is merged.
 *
 * <pre>
 * T(i) = 0      T(k) = min over spans (j, k) of T(j) + time(j, k)      the answer is T(end)
 * </pre>
 *
 * <p>This is the inner programme of Kim et al. (ICML 2023, "Efficient Latency-Aware CNN Depth
 * Compression via Two-Stage Dynamic Programming"), which reproduces their published times; the cap
 * on kernels is ours. Spans that cannot be merged are simply not given. In O(spans · layers).
 *
 * @param spans what is merged into one, in the order of the layers, without gaps
 * @since 0.1.0
 */
public record SpanSplit(List<Span> spans) {

  /**
   * Layers {@code start + 1 … end}, merged into one convolution. A span of one layer is the layer
   * as it is.
   *
   * @param start the place before the first of its layers, at least 0
   * @param end the place behind the last, above {@code start}
   * @param kernel edge length of the merged kernel, at least 1
   * @param millis what it takes once it is merged, positive
   * @since 0.1.0
   */
  public record Span(int start, int end, int kernel, double millis) {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value is out of range
     */
    public Span {
      checkArgument(
          start >= 0 && end > start,
          "A span must begin at 0 or later and end behind its beginning, but is %s..%s.",
          start,
          end);
      checkArgument(
          kernel >= 1, "Span %s..%s must have a kernel of at least 1, not %s.", start, end, kernel);
      checkArgument(
          millis > 0 && Double.isFinite(millis),
          "Span %s..%s must take a positive time, not %s ms.",
          start,
          end,
          millis);
    }

    private int layers() {
      return end - start;
    }
  }

  /** Copies the list. */
  public SpanSplit {
    spans = List.copyOf(spans);
  }

  /**
   * The split that takes least. Of two that take the same, the one with the longer last span.
   *
   * @param measured all spans that may be merged, in any order; those outside the row do not matter
   * @param start where the row begins
   * @param end where it ends, above {@code start}
   * @param largestKernel spans of several layers with larger kernels are left out; a single layer
   *     keeps whatever kernel it has
   * @throws IllegalArgumentException if the row is empty or a span is given twice
   * @throws NasException if no spans lead from start to end, naming how far they do
   */
  public static SpanSplit fastest(
      Collection<Span> measured, int start, int end, int largestKernel) {
    checkArgument(
        end > start, "A row of layers must end behind its beginning, but is %s..%s.", start, end);
    List<Span> row =
        measured.stream()
            .filter(span -> span.start() >= start && span.end() <= end)
            .sorted(comparingInt(Span::end).thenComparingInt(Span::start))
            .toList();
    for (int i = 1; i < row.size(); i++) {
      Span a = row.get(i - 1);
      Span b = row.get(i);
      checkArgument(
          a.start() != b.start() || a.end() != b.end(),
          "Span %s..%s is given twice, with %s ms and %s ms.\nMaybe give the mean of the two.",
          a.start(),
          a.end(),
          a.millis(),
          b.millis());
    }
    // For each place reached the fastest way there. By then all spans that end at a span's start
    // have been looked at, because they end before it does.
    SortedMap<Integer, SpanSplit> fastest = new TreeMap<>();
    fastest.put(start, new SpanSplit(List.of()));
    for (Span span : row) {
      SpanSplit before = fastest.get(span.start());
      if (before != null && (span.layers() == 1 || span.kernel() <= largestKernel)) {
        fastest.merge(span.end(), before.plus(span), (a, b) -> b.millis() < a.millis() ? b : a);
      }
    }
    SpanSplit whole = fastest.get(end);
    if (whole == null) {
      throw new NasException(
          String.format(
              Locale.ROOT,
              "No spans with kernels up to %d lead from %d to %d, only up to %d.\n"
                  + "Maybe give the times of the single layers too.",
              largestKernel,
              start,
              end,
              fastest.lastKey()));
    }
    return whole;
  }

  private SpanSplit plus(Span span) {
    List<Span> longer = new ArrayList<>(spans);
    longer.add(span);
    return new SpanSplit(longer);
  }

  /** The time of all spans, one after the other. */
  public double millis() {
    return spans.stream().mapToDouble(Span::millis).sum();
  }

  /** Where spans begin and end: the beginning of the row first, its end last. */
  public List<Integer> breaks() {
    return Stream.concat(spans.stream().limit(1).map(Span::start), spans.stream().map(Span::end))
        .toList();
  }
}
