package org.lightnas.search.population;

import org.lightnas.space.Architecture;

/**
 * An architecture with its score.
 *
 * @param number how many were scored before and with it: 1 for the first
 * @param score larger is better
 * @since 0.1.0
 */
public record Scored(Architecture architecture, double score, long number) {}
