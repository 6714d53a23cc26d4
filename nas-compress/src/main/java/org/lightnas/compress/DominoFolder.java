package org.lightnas.compress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.internal.AtomicFile;
import org.lightnas.internal.StateFile;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;

/**
 * Where a run keeps what it measured and chose: both vary from run to run, so a training could not
 * go on without them.
 *
 * @param path null to keep nothing
 */
record DominoFolder(@Nullable Path path) {

  private static final String REACH = "reach.ckpt";
  private static final String PROFILE = "profile.csv";

  /**
   * What an earlier run measured, or what this one does.
   *
   * @param run what decides the result, by name; asked for only if something is kept
   * @throws CheckpointException if the folder is of another run, naming what differs
   */
  Reach reach(
      Supplier<Map<String, String>> run,
      GraftingSpace space,
      Device device,
      Supplier<Reach> measure) {
    if (path == null) {
      return measure.get();
    }
    Map<String, String> facts = run.get();
    Path file = path.resolve(REACH);
    if (Files.exists(file)) {
      StateFile<Reach.Measured> found = StateFile.read(file, Reach.Measured.class);
      found.requireRun(facts, "compression");
      found.goOn(measured -> measured.requireOf(space));
      return Reach.of(space, found.position(), device);
    }
    if (Files.exists(path.resolve(PROFILE))) {
      throw new CheckpointException(
          path.resolve(PROFILE),
          "is there without '" + REACH + "', which says what run it is of.",
          "take another folder.",
          null);
    }
    Reach reach = measure.get();
    new StateFile<>(file, facts, reach.measured(), Map.of()).write();
    return reach;
  }

  /** The profile of an earlier run, or a new one. */
  Profile profile(GraftingSpace space, Supplier<Profile> measure) {
    if (path == null) {
      return measure.get();
    }
    Path file = path.resolve(PROFILE);
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
    // What is thrown while choosing does not lie with the file.
    Architecture chosen = Files.exists(file) ? null : choose.get();
    try {
      if (chosen != null) {
        AtomicFile.write(file, chosen.toJson());
      }
      return space.read(new String(AtomicFile.read(file), StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(file, e);
    }
  }

  /**
   * What an earlier run measured of the mask that it chose, or what this one does: a verdict that
   * was given stays.
   *
   * @param budget that the mask keeps, a name for a file
   * @throws CheckpointException if the file is damaged, or of another mask
   */
  Measurement latency(String budget, Architecture mask, Supplier<Measurement> measure) {
    if (path == null) {
      return measure.get();
    }
    Path file = path.resolve("latency-" + budget + ".ckpt");
    Map<String, String> of = Map.of("mask", mask.id());
    if (Files.exists(file)) {
      StateFile<Measurement> found = StateFile.read(file, Measurement.class);
      found.requireRun(of, "measurement");
      return found.position();
    }
    Measurement measured = measure.get();
    new StateFile<>(file, of, measured, Map.of()).write();
    return measured;
  }

  private static CheckpointException unusable(Path file, Exception e) {
    return new CheckpointException(
        file, "cannot be used: " + e.getMessage(), "take another folder for this network.", e);
  }
}
