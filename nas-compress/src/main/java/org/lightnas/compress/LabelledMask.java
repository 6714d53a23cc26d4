package org.lightnas.compress;

import org.lightnas.space.Architecture;

/**
 * A grafting mask that has been tried.
 *
 * @param accuracy in percent
 */
record LabelledMask(Architecture mask, double accuracy) {}
