package org.lightnas.search;

/**
 * One step of a differentiable search.
 *
 * @param step counted from 0
 * @param weightLoss training loss of the path whose weights were trained, in nats
 * @param pathLoss mean loss of the paths compared for the logits, in nats; NaN during warm-up
 * @param expected metric expected under the candidates' probabilities, in its unit
 * @param multiplier how strongly the metric counts; negative while it is pushed up to the bound
 * @param entropy mean over the open choices of the probabilities' entropy, as a share of its
 *     maximum: 1 undecided, 0 decided
 */
public record SearchStep(
    int step,
    double weightLoss,
    double pathLoss,
    double expected,
    double multiplier,
    double entropy) {}
