package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lightnas.compress.LabelledMask;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Masks that were tried in one task, as results files keep them.
 *
 * @param labels accuracy in percent by the picks of a mask, with commas between them
 */
record MaskLabels(Key key, Map<String, Double> labels) {

  /**
   * What labels depend on.
   *
   * @param dataset name and fingerprint
   * @param task which network for which of its images
   * @param recipe all settings
   */
  record Key(String dataset, String task, String recipe) {}

  static MaskLabels of(Key key, List<LabelledMask> masks) {
    Map<String, Double> labels = new LinkedHashMap<>();
    masks.forEach(mask -> labels.put(picks(mask.mask()), mask.accuracy()));
    return new MaskLabels(key, labels);
  }

  /** As masks of a space. */
  List<LabelledMask> in(ChoiceSpace space) {
    List<LabelledMask> masks = new ArrayList<>();
    labels.forEach(
        (picks, accuracy) -> {
          int[] picked = Arrays.stream(picks.split(",")).mapToInt(Integer::parseInt).toArray();
          masks.add(new LabelledMask(space.architecture(picked), accuracy));
        });
    return masks;
  }

  private static String picks(Architecture mask) {
    return Arrays.stream(mask.picks()).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }

  /** One line for each task. */
  static final class Format implements ResultsFile.Format<MaskLabels> {

    @Override
    public String kind() {
      return "mask labels";
    }

    @Override
    public Object key(MaskLabels result) {
      return result.key();
    }

    @Override
    public void write(MaskLabels result, ObjectNode line) {
      line.put("dataset", result.key().dataset());
      line.put("task", result.key().task());
      line.put("recipe", result.key().recipe());
      ObjectNode labels = line.putObject("labels");
      result.labels().forEach(labels::put);
    }

    @Override
    public MaskLabels read(ResultsFile.Line line) {
      Key key = new Key(line.text("dataset"), line.text("task"), line.text("recipe"));
      Map<String, Double> labels = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> label : line.object("labels").properties()) {
        double accuracy = label.getValue().isNumber() ? label.getValue().doubleValue() : -1;
        if (!label.getKey().matches("\\d(,\\d)*") || !(accuracy >= 0 && accuracy <= 100)) {
          throw new IllegalArgumentException(
              "'labels' must hold percentages by picks, but has " + label + ".");
        }
        labels.put(label.getKey(), accuracy);
      }
      return new MaskLabels(key, labels);
    }
  }
}
