/**
 * Making trained networks cheaper without changing what they compute.
 *
 * <p>A {@link org.lightnas.compress.Compressor} takes a network and gives back a new one, together
 * with what it did and evidence that the two agree. {@link
 * org.lightnas.compress.Reparameterize#batchNorms()} moves batch norms into the convolutions and
 * dense layers before them, as deployment runtimes do:
 *
 * <pre>{@code
 * ImageSet images = data.test().take(500);
 * Compressed folded = Reparameterize.batchNorms().checkedOn(images).compress(network);
 * log.info(folded.report());
 *
 * try (OutputStream out = Files.newOutputStream(Path.of("folded.zip"))) {
 *   ModelSerializer.writeModel(folded.network(), out, false);
 * }
 * }</pre>
 *
 * <p>The report reads like this:
 *
 * <pre>
 * 4,111,904 -&gt; 4,111,904 MACs, 43,874 -&gt; 42,810 parameters
 * relative error 3.0e-07 on 564 inputs (max|Δ| 3.0e-07, max|y| 0.783, limit 1.0e-04)
 * folded: batch norm 'stem/0/conv-bn' into convolution 'stem/0/conv'
 * dropped: 'block3/skip/identity', which does nothing
 * kept: batch norm 'last' because it follows RELU6 'act'
 * </pre>
 *
 * <p>The given network is never changed. The new one is a plain DL4J graph that says the size of
 * its images, opens without this library, and belongs to the caller, who closes it when it is no
 * longer needed. It is meant for inference: without its batch norms it trains differently.
 *
 * <p>Compressors are chained by {@link org.lightnas.compress.Compressor#then}. A compressor of your
 * own implements one method; {@link org.lightnas.compress.Equivalence#compare} gives it the
 * evidence.
 */
@NullMarked
package org.lightnas.compress;

import org.jspecify.annotations.NullMarked;
