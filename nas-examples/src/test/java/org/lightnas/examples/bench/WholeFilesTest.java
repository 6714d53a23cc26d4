package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.internal.StateFile;
import org.lightnas.predict.Profile;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.SkipConnect;

class WholeFilesTest {

  @TempDir private Path folder;

  private Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    Path state = folder.resolve("state");
    new StateFile<>(state, Map.of("run", "test"), 3, Map.of("all", new double[] {1, 2})).write();
    files.put("last.ckpt", Files.readAllBytes(state));
    LayeredSpace space =
        LayeredSpace.named("s", new org.lightnas.FeatureShape(3, 8, 8), 2)
            .choice("a", new SkipConnect(3, 1))
            .build();
    Path csv = folder.resolve("csv");
    Profile.of(space, "paper", Map.of(space.uniform(0), 1.5)).write(csv);
    files.put("profile.csv", Files.readAllBytes(csv));
    files.put(
        "mask.json", space.uniform(0).toJson().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Path zip = folder.resolve("zip");
    try (OutputStream out = Files.newOutputStream(zip);
        ZipOutputStream entries = new ZipOutputStream(out)) {
      entries.putNextEntry(new ZipEntry("coefficients.bin"));
      entries.write(new byte[500]);
    }
    files.put("best.zip", Files.readAllBytes(zip));
    return files;
  }

  @Test
  void tellsWholeFilesFromHalvesAndFromWhatWasNeverMoved() throws IOException {
    Path below = Files.createDirectories(folder.resolve("run").resolve("below"));
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      byte[] all = file.getValue();
      Path whole = Files.write(below.resolve("whole-" + file.getKey()), all);
      Path half =
          Files.write(below.resolve("half-" + file.getKey()), Arrays.copyOf(all, all.length / 2));
      Path none = Files.write(below.resolve("none-" + file.getKey()), new byte[0]);
      Path aside = Files.write(below.resolve("." + file.getKey() + ".7-1.tmp"), new byte[0]);
      WholeFiles found = WholeFiles.in(folder.resolve("run"));
      assertThat(found.whole()).as(file.getKey()).containsExactly(whole);
      assertThat(found.broken()).containsExactlyInAnyOrder(half, none);
      assertThat(found.aside()).containsExactly(aside);
      for (Path seen : java.util.List.of(whole, half, none, aside)) {
        Files.delete(seen);
      }
    }
    assertThat(WholeFiles.in(folder.resolve("nowhere")).whole()).isEmpty();
  }
}
