package org.lightnas.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.lightnas.Progress;
import org.lightnas.internal.AtomicFile;

/** Passes as lines of a file. */
final class CsvListener implements SearchListener {

  private final Path file;
  private boolean headed;

  CsvListener(Path file) {
    this.file = file;
  }

  @Override
  public void onStart(SearchPlan plan) {
    headed = false;
  }

  @Override
  public void onStep(Progress progress, SearchStep step) {
    StringBuilder text = new StringBuilder();
    boolean first = !headed && (step.step() == 0 || !Files.exists(file));
    if (first) {
      text.append("step,phase,loss,entropy");
      for (int m = 0; m < step.pressures().size(); m++) {
        text.append(",expected").append(m).append(",multiplier").append(m);
      }
      text.append('\n');
    }
    headed = true;
    text.append(step.step()).append(',').append(step.phase().name().toLowerCase(Locale.ROOT));
    text.append(',').append(step.loss()).append(',').append(step.entropy());
    step.pressures()
        .forEach(p -> text.append(',').append(p.expected()).append(',').append(p.multiplier()));
    text.append('\n');
    try {
      if (first) {
        AtomicFile.write(file, text.toString());
      } else {
        AtomicFile.append(file, text.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write '" + file + "'", e);
    }
  }

  @Override
  public String toString() {
    return "CSV listener of '" + file + "'";
  }
}
