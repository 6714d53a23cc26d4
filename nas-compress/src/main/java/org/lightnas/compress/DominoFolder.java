package org.lightnas.compress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.internal.AtomicFile;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;

/**
 * Where a run keeps what it measured and chose: both vary from run to run, so a training could not
 * go on without them.
 *
 * @param path null to keep nothing
 */
record DominoFolder(@Nullable Path path) {

  /** The profile of an earlier run, or a new one. */
  Profile profile(GraftingSpace space, Supplier<Profile> measure) {
    if (path == null) {
      return measure.get();
    }
    Path file = path.resolve("profile.csv");
    try {
      if (!Files.exists(file)) {
        measure.get().write(file);
      }
      return Profile.read(file, space);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /**
   * The mask of an earlier run, or a new one.
   *
   * @param budget that it keeps, a name for a file
   */
  Architecture mask(String budget, GraftingSpace space, Supplier<Architecture> choose) {
    if (path == null) {
      return choose.get();
    }
    Path file = path.resolve("mask-" + budget + ".json");
    try {
      if (!Files.exists(file)) {
        AtomicFile.write(file, choose.get().toJson());
      }
      return space.read(new String(AtomicFile.read(file), StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(file, e);
    }
  }

  private static CheckpointException unusable(Path file, Exception e) {
    return new CheckpointException(
        file, "cannot be used: " + e.getMessage(), "take another folder for this network.", e);
  }
}
