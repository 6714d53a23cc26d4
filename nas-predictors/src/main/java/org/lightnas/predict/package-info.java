/** Predictors of latency: profiles of a device, tables fitted on them, and what they are worth. */
@NullMarked
package org.lightnas.predict;

import org.jspecify.annotations.NullMarked;
