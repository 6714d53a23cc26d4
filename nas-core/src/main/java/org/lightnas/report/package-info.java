/**
 * Reports a reader opens from disk: one HTML file, inline CSS and SVG, no script, no network.
 *
 * <p>{@link org.lightnas.report.HtmlReport} is the page, {@link org.lightnas.report.Chart} what can
 * be drawn on it. Everything a caller hands in is escaped; equal input gives equal bytes. Values
 * that cannot be drawn (not finite, or beyond 1e100 in magnitude) are left out and the chart says
 * so, because a report is written at the end of a long run and must not be the thing that fails;
 * plain mistakes (lengths that differ, nothing to draw) are {@link IllegalArgumentException}s.
 */
@NullMarked
package org.lightnas.report;

import org.jspecify.annotations.NullMarked;
