package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.FeatureShape;

/**
 * Images with labels, in a part to train on and a part to test on. Values are {@code [0, 1]} for
 * everything this class reads itself; networks take them as they are, without a hidden
 * normalisation (every network of the zoo begins with a convolution and batch norm, which learns
 * its own).
 */
public final class ImageData {

  private final String name;
  private final ImageSet train;
  private final ImageSet test;

  private ImageData(String name, ImageSet train, ImageSet test) {
    checkArgument(
        train.shape().equals(test.shape()) && train.classes() == test.classes(),
        "The training part of '%s' holds %s images of %s classes, the test part %s of %s.",
        name,
        train.shape(),
        train.classes(),
        test.shape(),
        test.classes());
    this.name = name;
    this.train = train;
    this.test = test;
  }

  /** Two parts under one name. */
  public static ImageData of(String name, ImageSet train, ImageSet test) {
    return new ImageData(name, train, test);
  }

  /** A short name for messages and reports. */
  public String name() {
    return name;
  }

  /** The images to train on. */
  public ImageSet train() {
    return train;
  }

  /** The images kept for the final judgement. */
  public ImageSet test() {
    return test;
  }

  /** The shape of every image. */
  public FeatureShape shape() {
    return train.shape();
  }

  /** The number of classes. */
  public int classes() {
    return train.classes();
  }
}
