/** Devices measure networks. They know nothing of metrics, bounds or searches. */
@NullMarked
package org.lightnas.device;

import org.jspecify.annotations.NullMarked;
