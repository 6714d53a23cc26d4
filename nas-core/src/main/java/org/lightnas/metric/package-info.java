/** Metrics, the predictors that estimate them, bounds on them, and verdicts. */
@NullMarked
package org.lightnas.metric;

import org.jspecify.annotations.NullMarked;
