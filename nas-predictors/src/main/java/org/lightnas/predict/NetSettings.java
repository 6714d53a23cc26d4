package org.lightnas.predict;

/**
 * How a net is trained.
 *
 * @param seed of initial weights, order and the held-out samples
 * @param steps of the optimiser, at most
 * @param batch samples per step
 * @param rate of the first step
 * @param weightDecay per unit of rate
 * @param patience share of the steps without a better held-out loss after which training ends
 */
record NetSettings(
    long seed, int steps, int batch, double rate, double weightDecay, double patience) {

  static final NetSettings MLP = new NetSettings(1, 3000, 32, 3e-3, 1, 0.3);
  static final NetSettings GNN = new NetSettings(1, 3000, 32, 3e-3, 0.3, 0.3);
}
