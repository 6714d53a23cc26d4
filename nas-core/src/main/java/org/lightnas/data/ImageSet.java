package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.hash.HashCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A list of labelled images of one shape, at least one. Immutable; parts of a set share its pixels
 * and cost four bytes per image.
 *
 * @since 0.1.0
 */
public final class ImageSet {

  private static final int FINGERPRINT_BYTES = 8;

  private final FeatureShape shape;
  private final int classes;
  private final Pixels pixels;
  private final int[] labels;

  /** Where this set's images lie in the pixels and labels. */
  private final int[] rows;

  /** Computed when first asked for; a race computes the same value twice. */
  private volatile @Nullable String fingerprint;

  /** Unsigned bytes, image after image, each {@code [C, H, W]}; taken over. */
  ImageSet(FeatureShape shape, int classes, byte[] pixels, int[] labels) {
    this(shape, classes, new Pixels.Bytes(pixels), labels);
  }

  /**
   * Image after image, each {@code [C, H, W]}; taken over, and put in the order {@code [H, W, C]}.
   */
  ImageSet(FeatureShape shape, int classes, Pixels pixels, int[] labels) {
    this(shape, classes, pixels, labels, upTo(labels.length));
    checkArgument(
        pixels.length() == labels.length * shape.size(), "pixels and labels do not match");
    if (shape.channels() > 1) {
      pixels.interleave(shape.channels(), shape.height() * shape.width());
    }
  }

  private ImageSet(FeatureShape shape, int classes, Pixels pixels, int[] labels, int[] rows) {
    checkArgument(rows.length > 0, "A set of images needs at least one image.");
    this.shape = shape;
    this.classes = classes;
    this.pixels = pixels;
    this.labels = labels;
    this.rows = rows;
  }

  private static int[] upTo(int n) {
    int[] rows = new int[n];
    Arrays.setAll(rows, i -> i);
    return rows;
  }

  /** The shape of every image. */
  public FeatureShape shape() {
    return shape;
  }

  /** The number of classes; labels are below it. */
  public int classes() {
    return classes;
  }

  /** The number of images. */
  public int size() {
    return rows.length;
  }

  /**
   * The class of image {@code i}.
   *
   * @throws IndexOutOfBoundsException if there is no such image
   */
  public int label(int i) {
    return labels[rows[checkElementIndex(i, rows.length, "image")]];
  }

  /**
   * Copies image {@code i} in the order {@code [H, W, C]}, the order the engine works in.
   *
   * @param target receives C·H·W values
   * @param offset where the first one goes
   * @throws IndexOutOfBoundsException if there is no such image, or the target is too short
   */
  public void copyNhwc(int i, float[] target, int offset) {
    int base = base(i);
    int size = (int) shape.size();
    for (int k = 0; k < size; k++) {
      target[offset + k] = pixels.at(base + k);
    }
  }

  /** Copies image {@code i} in the order {@code [C, H, W]}. */
  void copyNchw(int i, float[] target, int offset) {
    Pixels planes = planes(i);
    for (int k = 0; k < planes.length(); k++) {
      target[offset + k] = planes.at(k);
    }
  }

  /** A copy of one image in the order {@code [C, H, W]}. */
  private Pixels planes(int i) {
    Pixels image = pixels.room((int) shape.size());
    pixels.copy(base(i), image.length(), image, 0);
    image.interleave(shape.height() * shape.width(), shape.channels());
    return image;
  }

  /**
   * Images as they are, for an engine.
   *
   * @param from the first one
   * @param images how many; where the set has no more, the rest is zeros and has no labels
   * @return a copy
   * @throws IndexOutOfBoundsException if there is no image {@code from}
   */
  public Batches.Batch batch(int from, int images) {
    checkElementIndex(from, size(), "image");
    int each = (int) shape.size();
    Pixels nhwc = room(images);
    int[] some = new int[Math.min(images, size() - from)];
    for (int i = 0; i < some.length; i++) {
      pixels.copy(base(from + i), each, nhwc, i * each);
      some[i] = label(from + i);
    }
    return new Batches.Batch(nhwc, some);
  }

  /** Zeros for so many images. */
  Pixels room(int images) {
    return pixels.room(Math.multiplyExact(images, (int) shape.size()));
  }

  Pixels pixels() {
    return pixels;
  }

  /** Where image {@code i} begins in the pixels. */
  int base(int i) {
    return rows[checkElementIndex(i, rows.length, "image")] * (int) shape.size();
  }

  /**
   * The images {@code from} (inclusive) to {@code to} (exclusive), in this order.
   *
   * @throws IllegalArgumentException unless 0 &lt;= from &lt; to &lt;= size
   */
  public ImageSet subset(int from, int to) {
    checkArgument(
        from >= 0 && from < to && to <= size(),
        "Images %s (inclusive) to %s (exclusive) are no part of a set of %s images.",
        from,
        to,
        size());
    return view(Arrays.copyOfRange(rows, from, to));
  }

  /**
   * The first {@code n} images, or all of them if there are no more.
   *
   * @throws IllegalArgumentException if {@code n} is below 1
   */
  public ImageSet take(int n) {
    checkArgument(n >= 1, "A set of images needs at least one image, but %s were to be taken.", n);
    return subset(0, Math.min(n, size()));
  }

  /**
   * Two disjoint parts that together are this set, each in this set's order. The first has {@code
   * round(firstShare * size)} images, and of every class its share, give or take one image.
   *
   * @param firstShare between 0 and 1, both excluded
   * @param seed decides which images go where
   * @return the first part and the rest
   * @throws IllegalArgumentException if the share is out of range or leaves a part empty
   */
  public List<ImageSet> split(double firstShare, long seed) {
    checkArgument(
        firstShare > 0 && firstShare < 1,
        "The share of a split must lie between 0 and 1, but is %s.",
        firstShare);
    int firstSize = (int) Math.round(firstShare * size());
    checkArgument(
        firstSize > 0 && firstSize < size(),
        "A share of %s splits %s images into %s and %s, but both parts need one.\nMaybe split a"
            + " larger set.",
        firstShare,
        size(),
        firstSize,
        size() - firstSize);
    boolean[] first = new boolean[size()];
    int seen = 0;
    for (int c = 0; c < classes; c++) {
      int[] members = membersOf(c);
      shuffle(members, Seeds.random(seed, "split", c));
      // Rounding the running total keeps the sum exact, however small the classes are.
      int quota =
          (int) (Math.round(firstShare * (seen + members.length)) - Math.round(firstShare * seen));
      for (int k = 0; k < quota; k++) {
        first[members[k]] = true;
      }
      seen += members.length;
    }
    return List.of(view(where(first, true)), view(where(first, false)));
  }

  /**
   * The images of some classes, in this set's order. Class {@code classes[i]} becomes class i; the
   * pixels are shared.
   *
   * @throws IllegalArgumentException if there are fewer than 2, one does not exist or is given
   *     twice, or there is no image of them
   */
  public ImageSet ofClasses(int... some) {
    checkArgument(
        some.length >= 2, "A choice between classes needs at least 2, but got %s.", some.length);
    int[] renamed = new int[classes];
    Arrays.fill(renamed, -1);
    for (int i = 0; i < some.length; i++) {
      checkArgument(
          some[i] >= 0 && some[i] < classes && renamed[some[i]] < 0,
          "Class %s is not among the %s classes or was given twice: %s.",
          some[i],
          classes,
          Arrays.toString(some));
      renamed[some[i]] = i;
    }
    int[] newLabels = Arrays.stream(labels).map(label -> renamed[label]).toArray();
    int[] members = Arrays.stream(rows).filter(row -> newLabels[row] >= 0).toArray();
    return new ImageSet(shape, some.length, pixels, newLabels, members);
  }

  /**
   * The same images smaller by a whole factor: each new value is the mean of a square of old ones.
   * Rows and columns that do not fill a square are cut off at the end.
   *
   * @param factor at least 1, at most the smaller side
   * @throws IllegalArgumentException if it is out of range
   */
  public ImageSet shrunk(int factor) {
    checkArgument(
        factor >= 1 && factor <= Math.min(shape.height(), shape.width()),
        "Images of %s cannot be made smaller by a factor of %s.",
        shape,
        factor);
    FeatureShape small =
        new FeatureShape(shape.channels(), shape.height() / factor, shape.width() / factor);
    float[] means = new float[Math.multiplyExact(size(), (int) small.size())];
    int[] newLabels = new int[size()];
    int at = 0;
    for (int i = 0; i < size(); i++) {
      newLabels[i] = label(i);
      for (int y = 0; y < small.height(); y++) {
        for (int x = 0; x < small.width(); x++) {
          for (int c = 0; c < small.channels(); c++) {
            means[at++] = mean(base(i), factor, y, x, c);
          }
        }
      }
    }
    return new ImageSet(small, classes, new Pixels.Floats(means), newLabels, upTo(size()));
  }

  /**
   * The same images in another size: bilinear, with antialiasing where they become smaller, as
   * Pillow and PyTorch ({@code antialias=True}) resize them. Values are floats that are not
   * rounded; sides need not keep their proportion.
   *
   * @param size of as many channels
   * @return this set if it has that size already
   * @throws IllegalArgumentException if the channels differ
   */
  public ImageSet resized(FeatureShape size) {
    checkArgument(
        size.channels() == shape.channels(),
        "Images of %s cannot be resized to %s: their channels stay.",
        shape,
        size);
    if (size.equals(shape)) {
      return this;
    }
    Resampling columns = new Resampling(shape.width(), size.width());
    Resampling rows = new Resampling(shape.height(), size.height());
    int each = (int) size.size();
    float[] values = new float[Math.multiplyExact(size(), each)];
    double[] image = new double[(int) shape.size()];
    int[] newLabels = new int[size()];
    for (int i = 0; i < size(); i++) {
      newLabels[i] = label(i);
      for (int k = 0; k < image.length; k++) {
        image[k] = pixels.at(base(i) + k);
      }
      double[] narrow = columns.apply(image, shape.height(), shape.width(), shape.channels());
      double[] small = rows.apply(narrow, 1, shape.height(), size.width() * shape.channels());
      for (int k = 0; k < each; k++) {
        values[i * each + k] = (float) small[k];
      }
    }
    return new ImageSet(
        size, classes, new Pixels.Floats(values), newLabels, upTo(newLabels.length));
  }

  private float mean(int base, int factor, int y, int x, int c) {
    double sum = 0;
    for (int v = y * factor; v < (y + 1) * factor; v++) {
      for (int u = x * factor; u < (x + 1) * factor; u++) {
        sum += pixels.at(base + (v * shape.width() + u) * shape.channels() + c);
      }
    }
    return (float) (sum / (factor * factor));
  }

  private int[] membersOf(int c) {
    int[] members = new int[size()];
    int n = 0;
    for (int i = 0; i < size(); i++) {
      if (labels[rows[i]] == c) {
        members[n++] = i;
      }
    }
    return Arrays.copyOf(members, n);
  }

  private int[] where(boolean[] first, boolean wanted) {
    int[] part = new int[first.length];
    int n = 0;
    for (int i = 0; i < first.length; i++) {
      if (first[i] == wanted) {
        part[n++] = rows[i];
      }
    }
    return Arrays.copyOf(part, n);
  }

  private ImageSet view(int[] someRows) {
    return new ImageSet(shape, classes, pixels, labels, someRows);
  }

  /** Fisher-Yates, from the end. */
  static void shuffle(int[] values, RandomGenerator random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int held = values[i];
      values[i] = values[j];
      values[j] = held;
    }
  }

  /**
   * The images in order for DL4J, say for {@code network.evaluate(images.iterator(64))}: features
   * float32 {@code [N, C, H, W]}, labels one-hot float32 {@code [N, classes]}. The last batch may
   * be smaller. Every call returns a new iterator, at the start.
   *
   * @param batchSize images per batch, at least 1
   * @throws IllegalArgumentException if the batch size is below 1
   */
  public DataSetIterator iterator(int batchSize) {
    return new ImageSetIterator(this, batchSize);
  }

  /**
   * Sixteen hexadecimal digits from the shape, the number of classes, the labels and the pixels in
   * order: other data has, for all practical purposes, other digits. Bytes and floats of the same
   * value count as different data. Takes time linear in the pixels on the first call.
   */
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      known = computeFingerprint();
      fingerprint = known;
    }
    return known;
  }

  private String computeFingerprint() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256, but this one has not.", e);
    }
    String header =
        "images 1 "
            + (pixels instanceof Pixels.Bytes ? "bytes " : "floats ")
            + shape
            + " "
            + classes
            + " "
            + size()
            + "\n";
    digest.update(header.getBytes(StandardCharsets.US_ASCII));
    ByteBuffer labelBytes = ByteBuffer.allocate(Integer.BYTES * size());
    for (int row : rows) {
      labelBytes.putInt(labels[row]);
    }
    digest.update(labelBytes.flip());
    for (int i = 0; i < size(); i++) {
      planes(i).digest(digest);
    }
    return HashCode.fromBytes(Arrays.copyOf(digest.digest(), FINGERPRINT_BYTES)).toString();
  }
}
