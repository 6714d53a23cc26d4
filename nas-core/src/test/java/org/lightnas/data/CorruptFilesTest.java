package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.lightnas.FeatureShape;

/** Damaged files either read as a data set of the same size or are refused by name. */
final class CorruptFilesTest {

  private static Path folder = Path.of("target");

  @BeforeContainer
  static void createFolder() throws IOException {
    folder = Files.createTempDirectory("corrupt");
  }

  @AfterContainer
  static void deleteFolder() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** A change of bytes: at a share of the length, so that it fits files of every length. */
  record Damage(String kind, double where, int value) {

    byte[] applyTo(byte[] bytes) {
      int at = (int) (where * bytes.length);
      byte[] changed = Arrays.copyOf(bytes, length(bytes.length, at));
      switch (kind) {
        case "cut" -> {}
        case "flip" -> changed[Math.min(at, bytes.length - 1)] ^= (byte) (1 << (value & 7));
        case "insert" -> {
          System.arraycopy(bytes, at, changed, at + 1, bytes.length - at);
          changed[at] = (byte) value;
        }
        default -> throw new IllegalArgumentException(kind);
      }
      return changed;
    }

    private int length(int before, int at) {
      return kind.equals("cut") ? at : kind.equals("insert") ? before + 1 : before;
    }
  }

  /** Half of the damage falls on the first bytes, where headers are. */
  @Provide
  Arbitrary<List<Damage>> damages() {
    Arbitrary<Double> where =
        Arbitraries.oneOf(
            Arbitraries.doubles().between(0, 1), Arbitraries.doubles().between(0, 0.06));
    return Combinators.combine(
            Arbitraries.of("cut", "flip", "flip", "insert"), where, Arbitraries.integers())
        .as(Damage::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  private static byte[] damaged(byte[] bytes, List<Damage> damages) {
    byte[] result = bytes;
    for (Damage damage : damages) {
      if (result.length > 0) {
        result = damage.applyTo(result);
      }
    }
    return result;
  }

  private static void readsAsManyOrNamesTheFile(Supplier<ImageSet> read, int size, Path... files) {
    try {
      assertThat(read.get().size()).isEqualTo(size);
    } catch (ImageFormatException e) {
      assertThat(e.file()).isIn((Object[]) files);
      assertThat(e.offset()).isNotNegative();
      assertThat(e).hasMessageContaining("'" + e.file() + "'").hasMessageContaining("\nMaybe ");
    }
  }

  @Property(tries = 600)
  @Tag("slow")
  void idxImages(@ForAll("damages") List<Damage> damages, @ForAll boolean packed) {
    byte[] valid = SampleFiles.idxImages(12, 5, 4);
    byte[] bytes = damaged(packed ? SampleFiles.gzip(valid) : valid, damages);
    Path images = SampleFiles.write(folder, "images", bytes);
    Path labels = SampleFiles.write(folder, "labels", SampleFiles.idxLabels(12));
    ImageSet like = new ImageSet(new FeatureShape(1, 5, 4), 10, new byte[20], new int[1]);
    readsAsManyOrNamesTheFile(() -> IdxReader.read(images, labels, like), 12, images, labels);
  }

  @Property(tries = 600)
  void idxLabels(@ForAll("damages") List<Damage> damages, @ForAll boolean packed) {
    byte[] valid = SampleFiles.idxLabels(12);
    byte[] bytes = damaged(packed ? SampleFiles.gzip(valid) : valid, damages);
    Path images = SampleFiles.write(folder, "images", SampleFiles.idxImages(12, 5, 4));
    Path labels = SampleFiles.write(folder, "labels", bytes);
    readsAsManyOrNamesTheFile(() -> IdxReader.read(images, labels, 10), 12, images, labels);
  }

  /** The format has no header: what remains of a plain file decides how many images it holds. */
  @Property(tries = 400)
  void cifarRecords(@ForAll("damages") List<Damage> damages, @ForAll boolean packed) {
    byte[] valid = SampleFiles.cifar(3, 0);
    byte[] bytes = damaged(packed ? SampleFiles.gzip(valid) : valid, damages);
    Path file = SampleFiles.write(folder, "train.bin", bytes);
    int size = packed ? 3 : bytes.length / SampleFiles.CIFAR_RECORD;
    readsAsManyOrNamesTheFile(() -> CifarReader.read(List.of(file)), size, file);
  }

  /** Cuts at every length leave no valid archive and no valid IDX file. */
  @Property(tries = 300)
  void everyCutIsNoticed(@ForAll boolean packed, @ForAll("shares") double share) {
    byte[] valid = SampleFiles.idxImages(12, 5, 4);
    byte[] bytes = packed ? SampleFiles.gzip(valid) : valid;
    Path images =
        SampleFiles.write(folder, "images", Arrays.copyOf(bytes, (int) (share * bytes.length)));
    Path labels = SampleFiles.write(folder, "labels", SampleFiles.idxLabels(12));
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> IdxReader.read(images, labels, 10))
        .satisfies(e -> assertThat(e.file()).isEqualTo(images));
  }

  @Provide
  Arbitrary<Double> shares() {
    return Arbitraries.doubles().between(0, true, 1, false);
  }
}
