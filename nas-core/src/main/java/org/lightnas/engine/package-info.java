/**
 * Runs networks forward and backward: NHWC, static shapes, one arena for all activations. Public to
 * our modules, promised to nobody.
 */
@NullMarked
package org.lightnas.engine;

import org.jspecify.annotations.NullMarked;
