package org.lightnas.search;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/** The file of a search, and what makes two searches the same. */
final class SearchFiles {

  private static final int DIGITS = 16;

  private final Path file;
  private final Map<String, String> run;

  /**
   * Of one search.
   *
   * @param constraints empty for a warm-up, which does not look at them
   * @param kernels what computes: another library rounds otherwise
   */
  SearchFiles(
      Path file,
      SearchSettings settings,
      TrainableSpace trainable,
      List<Constraint> constraints,
      String kernels) {
    this.file = file;
    this.run = new LinkedHashMap<>(settings.facts());
    SearchSpace space = trainable.space();
    run.put("space", named(space));
    if (settings.supernet() != null) {
      run.put("supernet", named(settings.supernet()));
    }
    run.put("images", trainable.images().train().fingerprint());
    for (int m = 0; m < constraints.size(); m++) {
      Constraint constraint = constraints.get(m);
      StringBuilder predicted = new StringBuilder();
      probes(space).forEach(a -> predicted.append(constraint.predict(a)).append(' '));
      run.put(
          "bound " + (m + 1) + " on " + constraint.metric().name(),
          constraint.bound() + " by predictions " + digest(predicted.toString()));
    }
    run.put("kernels", kernels);
  }

  private static String named(SearchSpace space) {
    StringBuilder networks = new StringBuilder();
    probes(space).forEach(a -> networks.append(LayerGraph.of(space, a)));
    return space.name() + " " + digest(networks.toString());
  }

  /** Architectures that together hold all candidates. */
  private static List<Architecture> probes(SearchSpace space) {
    int most = space.choices().stream().mapToInt(Choice::size).max().orElse(1);
    return IntStream.range(0, most).mapToObj(space::uniform).toList();
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  Path file() {
    return file;
  }

  boolean exists() {
    return Files.exists(file);
  }

  /**
   * Reads where this search was.
   *
   * @return null if it is new
   * @throws CheckpointException if the file cannot be used, or is of another search
   */
  @Nullable StateFile<SearchState.Position> read(int total) {
    if (!exists()) {
      return null;
    }
    StateFile<SearchState.Position> found = StateFile.read(file, SearchState.Position.class);
    found.requireRun(run, "search");
    found.requireWithin(found.position().pass(), total);
    return found;
  }

  /**
   * Writes where the search is.
   *
   * @throws CheckpointException if the disk does not take it
   */
  void write(SearchState state) {
    new StateFile<>(file, run, state.position(), state.weights()).write();
  }
}
