/**
 * Making trained networks cheaper: without changing what they compute, and by training what is left
 * of them.
 *
 * <p>A {@link org.lightnas.compress.Compressor} takes a network and gives back a new one, together
 * with what it did and evidence that the two agree. {@link
 * org.lightnas.compress.Reparameterize#chains()} makes single convolutions of what is linear: batch
 * norms, rows of convolutions, shortcuts around them and branches side by side, where that takes no
 * more operations; {@link org.lightnas.compress.Reparameterize#all()} does so wherever it can, and
 * {@link org.lightnas.compress.Reparameterize#batchNorms()} stops at batch norms, as deployment
 * runtimes do:
 *
 * <pre>{@code
 * ImageSet images = data.test().take(500);
 * Compressed merged = Reparameterize.chains().checkedOn(images).compress(network);
 * log.info(merged.report());
 *
 * try (OutputStream out = Files.newOutputStream(Path.of("merged.zip"))) {
 *   ModelSerializer.writeModel(merged.network(), out, false);
 * }
 * }</pre>
 *
 * <p>The report reads like this:
 *
 * <pre>
 * 5,379,168 -&gt; 4,285,536 MACs, 9,804 -&gt; 7,788 parameters
 * relative error 2.9e-13 on 564 inputs (max|Δ| 2.9e-13, max|y| 1.00, limit 1.0e-04)
 * of 1 merged maps at most: 'block1/sum': 4.1e-07 at the border (92 pixels), 4.0e-07 inside
 * folded: batch norm 'block1/bn' into convolution 'block1/expand'
 * merged: 'block1/expand', 'block1/dw', 'block1/project', 'block1/sum' into 3x3 convolution
 *   'block1/sum', 2,420,736 -&gt; 1,327,104 MACs
 * kept: 'block2/expand', 'block2/dw', 'block2/project' because 'block2/dw' pads in between: one
 *   convolution would answer otherwise at the border. Maybe give the network to toPaddingFirst, …
 * </pre>
 *
 * <p>{@link org.lightnas.compress.Domino} goes further. It makes blocks of a trained network
 * linear, those that cost least accuracy for the time they save on a device, trains the network on
 * with the original as its teacher, and merges each of them into one convolution:
 *
 * <pre>{@code
 * Compressed small = Domino.builder(device, images).maxAccuracyLoss(1).build().compress(network);
 * small.page("What became of the network").write(Path.of("domino.html"));
 * }</pre>
 *
 * <p>{@link org.lightnas.compress.Domino.Builder#proMax} also merges blocks in a row into one
 * convolution, and goes there in rounds. Its parts are of use by themselves: a {@link
 * org.lightnas.compress.GraftingSpace} is the space of what can be linear in a network, and a
 * {@link org.lightnas.compress.MaskLearner} predicts how accurate its networks are.
 *
 * <p>The given network is never changed. The new one is a plain DL4J graph that says the size of
 * its images, opens without this library, and belongs to the caller, who closes it when it is no
 * longer needed. It is meant for inference: without its batch norms it trains differently. It is
 * the same for images of this size only: what is exact at the border depends on it.
 *
 * <p>Compressors are chained by {@link org.lightnas.compress.Compressor#then}. A compressor of your
 * own implements one method; {@link org.lightnas.compress.Equivalence#compare} gives it the
 * evidence.
 */
@NullMarked
package org.lightnas.compress;

import org.jspecify.annotations.NullMarked;
