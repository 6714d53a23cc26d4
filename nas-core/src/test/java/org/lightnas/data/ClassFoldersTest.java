package org.lightnas.data;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;

class ClassFoldersTest {

  private static final FeatureShape COLOUR = new FeatureShape(3, 8, 8);
  private static final FeatureShape GREY = new FeatureShape(1, 8, 8);

  @TempDir private Path root;

  @BeforeEach
  void write() throws IOException {
    for (String part : List.of("train", "test")) {
      for (int i = 0; i < 3; i++) {
        put(part + "/rose/" + i + ".png", encoded(plain(16 + i, 9, Color.RED), "png"));
        put(part + "/daisy/" + i + ".jpg", encoded(plain(8, 30 + i, Color.WHITE), "jpg"));
      }
    }
  }

  private Path put(String name, byte[] bytes) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    return Files.write(file, bytes);
  }

  private static BufferedImage plain(int width, int height, Color colour) {
    return painted(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), colour);
  }

  private static BufferedImage painted(BufferedImage image, Color colour) {
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.dispose();
    return image;
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  private ImageData read(ClassFolders folders) {
    return folders.read("flowers", root.resolve("train"), root.resolve("test"));
  }

  /** {@code [C, H, W]} of an image. */
  private static float[] values(ImageSet images, int i) {
    float[] values = new float[(int) images.shape().size()];
    images.copyNchw(i, values, 0);
    return values;
  }

  @Test
  void classesAreNumberedByNameAndImagesOfAllSizesBecomeOne() {
    ImageData flowers = read(ClassFolders.of(COLOUR));
    assertThat(ClassFolders.classes(root.resolve("train"))).containsExactly("daisy", "rose");
    assertThat(flowers.name()).isEqualTo("flowers");
    assertThat(flowers.shape()).isEqualTo(COLOUR);
    assertThat(flowers.classes()).isEqualTo(2);
    assertThat(flowers.train().size()).isEqualTo(6);
    for (int i = 0; i < 6; i++) {
      assertThat(flowers.train().label(i)).isEqualTo(i / 3);
      float[] values = values(flowers.train(), i);
      for (int k = 0; k < values.length; k++) {
        // Red is the first plane; white is all of them. JPEG is not exact.
        assertThat(values[k]).isEqualTo(i < 3 || k < 64 ? 1 : 0, within(0.01f));
      }
    }
    assertThat(read(ClassFolders.of(COLOUR)).train().fingerprint())
        .isEqualTo(flowers.train().fingerprint());
  }

  @Test
  void colourBecomesGreyByItsLumaAndGreyIsRepeated() throws IOException {
    ImageSet grey = read(ClassFolders.of(GREY)).train();
    assertThat(values(grey, 0)[0]).isEqualTo(1, within(0.01f));
    assertThat(values(grey, 5)[0]).isEqualTo(Math.round(0.299 * 255) / 255f);
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      BufferedImage image = new BufferedImage(8, 8, type);
      int value = type == BufferedImage.TYPE_BYTE_GRAY ? 100 : 100 << 8 | 7;
      for (int k = 0; k < 64; k++) {
        image.getRaster().setSample(k % 8, k / 8, 0, value);
      }
      put("train/daisy/0.png", encoded(image, "png"));
      Files.deleteIfExists(root.resolve("train/daisy/0.jpg"));
      for (FeatureShape shape : List.of(GREY, COLOUR)) {
        assertThat(values(read(ClassFolders.of(shape)).train(), 0)).containsOnly(100 / 255f);
      }
    }
  }

  @Test
  void transparencyIsNotLookedAtAndPalettesAre() throws IOException {
    BufferedImage clear = new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB);
    for (int k = 0; k < 64; k++) {
      clear.setRGB(k % 8, k / 8, 0x00336699);
    }
    put("train/daisy/0.png", encoded(clear, "png"));
    put(
        "train/daisy/00.gif",
        encoded(
            painted(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED), Color.BLUE), "gif"));
    ImageSet images = read(ClassFolders.of(COLOUR)).train();
    float[] first = values(images, 1);
    assertThat(new float[] {first[0], first[64], first[128]})
        .containsExactly(0x33 / 255f, 0x66 / 255f, 0x99 / 255f);
    float[] blue = values(images, 2);
    assertThat(new float[] {blue[0], blue[64], blue[128]}).containsExactly(0, 0, 1);
  }

  @Test
  void theMiddleIsCutOutOfTheSmallestImageThatCovers() throws IOException {
    // Left third black, middle third grey, right third white; half as many pixels each way.
    BufferedImage wide = new BufferedImage(48, 16, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < 48; x++) {
      for (int y = 0; y < 16; y++) {
        wide.setRGB(x, y, new int[] {0, 0x808080, 0xFFFFFF}[x / 16]);
      }
    }
    put("train/daisy/0.jpg", encoded(wide, "png"));
    float[] values = values(read(ClassFolders.of(GREY)).train(), 0);
    for (int y = 0; y < 8; y++) {
      assertThat(values[8 * y + 4]).isEqualTo(0x80 / 255f);
      // A triangle two old pixels wide on either side: an eighth of it is beyond the border.
      assertThat(values[8 * y]).isEqualTo(Math.round(0x80 * 7 / 8.0) / 255f);
      assertThat(values[8 * y + 7]).isEqualTo(Math.round((0x80 * 7 + 255) / 8.0) / 255f);
    }
  }

  @Test
  void aShareOfEachClassCanBeKeptForTesting() {
    ImageData flowers = ClassFolders.of(COLOUR).read("one", root.resolve("train"), 1.0 / 3, 1);
    assertThat(flowers.train().size()).isEqualTo(4);
    assertThat(flowers.test().size()).isEqualTo(2);
    assertThat(flowers.test().label(0)).isZero();
    assertThat(flowers.test().label(1)).isEqualTo(1);
    for (double share : new double[] {0, 1.5, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ClassFolders.of(COLOUR).read("one", root.resolve("no"), share, 1))
          .withMessage("The share of images to test on must be between 0 and 1, but is %s.", share);
    }
  }

  @Test
  void otherFilesArePassedOver() throws IOException {
    String before = read(ClassFolders.of(COLOUR)).train().fingerprint();
    put("train/daisy/Thumbs.db", new byte[] {1});
    put("train/daisy/.0.jpg", new byte[] {1});
    put("train/.cache/0.jpg", new byte[] {1});
    put("train/list.txt", new byte[] {1});
    Files.createDirectories(root.resolve("train/daisy/folder.jpg"));
    assertThat(read(ClassFolders.of(COLOUR)).train().fingerprint()).isEqualTo(before);
  }

  @Test
  void damagedImagesAreNamedOrSkippedAndListed() throws IOException {
    Path text = put("train/daisy/1.jpg", "no image".getBytes(StandardCharsets.US_ASCII));
    byte[] png = encoded(plain(16, 16, Color.RED), "png");
    Path cut = put("train/rose/2.png", Arrays.copyOf(png, png.length / 2));
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> read(ClassFolders.of(COLOUR)))
        .withMessage(
            "Image file '"
                + text
                + "', byte 0: this is no image that ImageIO can read.\n"
                + "Maybe the file is damaged; skipping(…) leaves such files out.")
        .satisfies(e -> assertThat(e.file()).isEqualTo(text));
    List<ImageFormatException> damaged = new ArrayList<>();
    ImageData flowers = read(ClassFolders.of(COLOUR).skipping(damaged::add));
    assertThat(flowers.train().size()).isEqualTo(4);
    assertThat(damaged).extracting(ImageFormatException::file).containsExactly(text, cut);
    assertThat(damaged.get(1)).hasMessageContaining("it cannot be decoded (");
  }

  /** A disk that fails is no damaged image, and is not skipped. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void filesThatCannotBeReadAreNamed() throws IOException {
    // A regular file whose first byte nobody can read.
    Path memory =
        Files.createSymbolicLink(root.resolve("train/rose/3.png"), Path.of("/proc/self/mem"));
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> read(ClassFolders.of(COLOUR).skipping(damage -> {})))
        .withMessageStartingWith("Cannot read image '" + memory + "': ")
        .withMessageEndingWith("\nMaybe check who may read it.");
  }

  /** A header of a few bytes may claim any size. */
  @Test
  void sizesThatAFileOnlyClaimsTakeNoMemory() throws IOException {
    byte[] png = encoded(plain(16, 16, Color.RED), "png");
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 60_000).putInt(20, 60_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    Path forged = put("train/rose/2.png", png);
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> read(ClassFolders.of(COLOUR)))
        .withMessageStartingWith(
            "Image file '"
                + forged
                + "', byte 0: it says that it is 60000x60000 pixels, more than the 50,000,000 that"
                + " are read.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
  @Tag("slow")
  void whateverIsDamagedIsReadOrNamed(String format) throws IOException {
    byte[] valid = encoded(plain(12, 10, Color.ORANGE), format);
    RandomGenerator random = Seeds.random(1, "damage", 0);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = valid.clone();
      for (int k = 0; k <= i % 4; k++) {
        // Half of the damage falls on the header.
        int reach = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 60);
        bytes[random.nextInt(reach)] = (byte) random.nextInt(256);
      }
      Path file = put("few/daisy/1.jpg", bytes);
      put("few/rose/1.jpg", valid);
      List<ImageFormatException> damaged = new ArrayList<>();
      Path few = root.resolve("few");
      ImageData read = ClassFolders.of(GREY).skipping(damaged::add).read("few", few, few);
      assertThat(read.train().size()).isEqualTo(2 - damaged.size() / 2);
      assertThat(damaged).allMatch(e -> file.equals(e.file()));
    }
  }

  @Test
  void foldersThatAreNotOfClassesAreRefused() throws IOException {
    ClassFolders folders = ClassFolders.of(COLOUR);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(ClassFolders.of(new FeatureShape(3, 20_000, 20_000))))
        .withMessage(
            "The 6 images in '"
                + root.resolve("train")
                + "' are too many for 3x20000x20000: a set holds 2 GiB at most.\n"
                + "Maybe ask for smaller images.");
    Path rose = root.resolve("train/rose");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> folders.read("rose", rose, rose))
        .withMessage(
            "Folder '"
                + rose
                + "' must hold a folder of images for each of two classes at least, but holds"
                + " [].\nMaybe name the folder above it.");
    Path none = root.resolve("none");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> folders.read("none", none, none))
        .withMessageStartingWith("Cannot list image folder '" + none + "': ")
        .withMessageEndingWith("\nMaybe check its name.");
    put("test/tulip/0.jpg", new byte[0]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(folders))
        .withMessage(
            "Folder '"
                + root.resolve("test")
                + "' holds images of class 'tulip', but those to train on are of [daisy, rose].\n"
                + "Maybe the folder is named otherwise there.");
    Files.createDirectories(root.resolve("empty/a"));
    Files.createDirectories(root.resolve("empty/b"));
    Path empty = root.resolve("empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> folders.read("empty", empty, empty))
        .withMessage(
            "There is no image in the folders [a, b] of '" + empty + "' that can be read.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassFolders.of(new FeatureShape(2, 8, 8)))
        .withMessage("Images have 1 channel or 3, but 2 were asked for.");
  }

  /** As one photograph of 8 pixels' width it would be sixteen million high. */
  @Test
  @Tag("slow")
  void ofALineOfMillionsOnlyTheMiddleIsMade() throws IOException {
    BufferedImage line = plain(1, 2_000_000, Color.BLACK);
    for (int y = 1_000_000 - 4; y < 1_000_000 + 4; y++) {
      line.setRGB(0, y, 0xFFFFFF);
    }
    put("train/rose/2.png", encoded(line, "png"));
    BufferedImage lying = plain(2_000_000, 1, Color.WHITE);
    put("train/rose/3.png", encoded(lying, "png"));
    ImageSet images = read(ClassFolders.of(COLOUR)).train();
    assertThat(values(images, 5)).containsOnly(1);
    assertThat(values(images, 6)).containsOnly(1);
  }

  @Test
  void whatTakesMoreMemoryThanThereIsIsDamage() throws IOException {
    byte[] png = encoded(plain(16, 16, Color.RED), "png");
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 5_000).putInt(20, 5_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    Path forged = put("train/rose/2.png", png);
    assertThat(damage(new PhotoReader(COLOUR, 71).read(forged)))
        .isEqualTo(
            "Image file '"
                + forged
                + "', byte 0: it takes 72 MB to decode, more than the 71 MB of half the heap (-Xmx)."
                + DAMAGED);
    // With enough room the decoder itself finds that there is less than announced.
    assertThat(damage(new PhotoReader(COLOUR, 72).read(forged)))
        .contains("byte 0: it cannot be decoded (");
    Path huge = put("train/rose/3.png", png);
    try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    assertThat(damage(new PhotoReader(COLOUR).read(huge)))
        .isEqualTo(
            "Image file '"
                + huge
                + "', byte 0: it has 3,221,225,472 bytes, more than the 200,000,000 that are read."
                + DAMAGED);
  }

  private static final String DAMAGED =
      "\nMaybe the file is damaged; skipping(…) leaves such files out.";

  private static String damage(PhotoReader.Decoded decoded) {
    assertThat(decoded.image()).isNull();
    return String.valueOf(requireNonNull(decoded.damage()).getMessage());
  }

  /** Decoders believe sizes in headers, and plug-ins may do whatever they like. */
  @Test
  void decodersThatTakeAllMemoryDoNotEndTheReading() throws IOException {
    Greedy greedy = new Greedy();
    IIORegistry.getDefaultInstance().registerServiceProvider(greedy);
    try {
      Path file = put("train/rose/2.png", Greedy.MAGIC.getBytes(StandardCharsets.US_ASCII));
      assertThat(damage(new PhotoReader(COLOUR).read(file)))
          .isEqualTo(
              "Image file '"
                  + file
                  + "', byte 0: it claims more memory than there is (java.lang.OutOfMemoryError:"
                  + " greedy)."
                  + DAMAGED);
      assertThat(greedy.asked).as("alone, too").isEqualTo(2);
      List<ImageFormatException> skipped = new ArrayList<>();
      assertThat(read(ClassFolders.of(COLOUR).skipping(skipped::add)).train().size()).isEqualTo(5);
      assertThat(skipped).hasSize(1);
    } finally {
      IIORegistry.getDefaultInstance().deregisterServiceProvider(greedy);
    }
  }

  /** A format whose decoder fails for want of memory. */
  private static final class Greedy extends ImageReaderSpi {

    static final String MAGIC = "greedy, greedy, greedy";

    private int asked;

    Greedy() {
      super(
          "tests",
          "1",
          new String[] {"greedy"},
          null,
          null,
          "none",
          new Class<?>[] {ImageInputStream.class},
          null,
          false,
          null,
          null,
          null,
          null,
          false,
          null,
          null,
          null,
          null);
    }

    @Override
    public boolean canDecodeInput(Object source) throws IOException {
      ImageInputStream in = (ImageInputStream) source;
      in.mark();
      boolean ours = in.read() == 'g' && in.read() == 'r' && in.read() == 'e';
      in.reset();
      return ours;
    }

    @Override
    public String getDescription(Locale locale) {
      return MAGIC;
    }

    @Override
    public ImageReader createReaderInstance(Object extension) {
      return new ImageReader(this) {
        @Override
        public int getNumImages(boolean search) {
          return 1;
        }

        @Override
        public int getWidth(int index) {
          return 4;
        }

        @Override
        public int getHeight(int index) {
          return 4;
        }

        @Override
        public Iterator<ImageTypeSpecifier> getImageTypes(int index) {
          return List.of(ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_INT_RGB))
              .iterator();
        }

        @Override
        public BufferedImage read(int index, ImageReadParam param) {
          asked++;
          throw new OutOfMemoryError("greedy");
        }

        @Override
        public IIOMetadata getStreamMetadata() {
          throw new IllegalStateException();
        }

        @Override
        public IIOMetadata getImageMetadata(int index) {
          throw new IllegalStateException();
        }
      };
    }
  }
}
