package org.lightnas.engine;

/**
 * What a batch cost.
 *
 * @param mean the mean over the images of what is minimised, in nats
 * @param correct how many images had their class as the largest logit
 */
public record Loss(double mean, int correct) {}
