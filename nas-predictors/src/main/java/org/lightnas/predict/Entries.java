package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The candidates of all choices of a space in one row: the numbering of flat tables, and the checks
 * of tables that are not.
 */
final class Entries {

  private Entries() {}

  /** The flat form of a table that has the space's shape and finite numbers. */
  static double[] flat(ChoiceSpace space, double[][] table) {
    List<Choice> choices = space.choices();
    checkArgument(
        table.length == choices.size(),
        "Space '%s' has %s choices, but the table has %s rows.",
        space.name(),
        choices.size(),
        table.length);
    int[] offsets = offsets(space);
    double[] entries = new double[offsets[table.length]];
    for (int l = 0; l < table.length; l++) {
      Choice choice = choices.get(l);
      checkArgument(
          table[l].length == choice.size(),
          "Choice '%s' of space '%s' has %s candidates, but its row of the table has %s.",
          choice.name(),
          space.name(),
          choice.size(),
          table[l].length);
      for (int k = 0; k < table[l].length; k++) {
        checkArgument(
            Double.isFinite(table[l][k]),
            "The entry of choice '%s', candidate '%s' must be finite, but is %s ms.",
            choice.name(),
            choice.candidates().get(k).id(),
            table[l][k]);
        entries[offsets[l] + k] = table[l][k];
      }
    }
    return entries;
  }

  /** Where each choice's entries begin in the flat table, and where the last one's end. */
  static int[] offsets(ChoiceSpace space) {
    List<Choice> choices = space.choices();
    int[] offsets = new int[choices.size() + 1];
    for (int l = 0; l < choices.size(); l++) {
      offsets[l + 1] = offsets[l] + choices.get(l).size();
    }
    return offsets;
  }

  /** The entries that an architecture picks, {@code [L]}. */
  static int[] picked(Architecture architecture, int[] offsets) {
    int[] rows = architecture.picks();
    for (int l = 0; l < rows.length; l++) {
      rows[l] += offsets[l];
    }
    return rows;
  }

  /** Refuses relaxed choices that do not have the space's shape. */
  static void requireShape(ChoiceSpace space, double[][] relaxed) {
    List<Choice> choices = space.choices();
    checkArgument(
        relaxed.length == choices.size(),
        "Space '%s' has %s choices, but %s rows of weights were given.",
        space.name(),
        choices.size(),
        relaxed.length);
    for (int l = 0; l < relaxed.length; l++) {
      checkArgument(
          relaxed[l].length == choices.get(l).size(),
          "Choice '%s' of space '%s' has %s candidates, but %s weights were given.",
          choices.get(l).name(),
          space.name(),
          choices.get(l).size(),
          relaxed[l].length);
    }
  }
}
