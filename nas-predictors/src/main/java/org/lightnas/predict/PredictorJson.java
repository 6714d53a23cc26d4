package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/** What the kinds of predictors say of themselves in a file. */
final class PredictorJson {

  /** Of so many layers of the largest size the parameters can still be counted in an int. */
  private static final int MOST_LAYERS = 100;

  private static final int MOST_GNN = 1 << 28;

  private PredictorJson() {}

  static void write(Predictor predictor, ObjectNode json) {
    if (predictor instanceof ReachablePredictor reachable) {
      json.put("kind", "reachable");
      write(reachable.inner(), json.putObject("of"));
    } else if (predictor instanceof LatencyTable table) {
      writeTable(table, json.put("kind", "table"));
    } else if (predictor instanceof MlpPredictor mlp) {
      json.put("kind", "mlp");
      numbers(json.putArray("hidden"), mlp.hidden());
      writeModel(mlp.model(), json);
    } else if (predictor instanceof GnnPredictor gnn) {
      json.put("kind", "gnn");
      GnnNet net = (GnnNet) gnn.model().net();
      json.put("width", net.width()).put("layers", net.layers());
      writeModel(gnn.model(), json);
    } else {
      throw new IllegalArgumentException(
          "A "
              + predictor.getClass().getSimpleName()
              + " cannot be written.\n"
              + "Maybe write what it was fitted on, Profile.write.");
    }
    writeReport((Reported) predictor, json);
  }

  private static void writeTable(LatencyTable table, ObjectNode json) {
    json.put("fingerprint", table.fingerprint().orElse(null));
    json.put("reference_ms", table.referenceMillis().orElse(0.0));
    json.put("constant_ms", table.constant());
    ArrayNode rows = json.putArray("entries_ms");
    for (double[] row : table.table()) {
      numbers(rows.addArray(), row);
    }
  }

  private static void writeReport(Reported predictor, ObjectNode json) {
    predictor
        .report()
        .ifPresent(
            report -> {
              ObjectNode part = json.putObject("report").put("folds", report.folds());
              double[] measured =
                  report.pairs().stream().mapToDouble(PredictorReport.Pair::measured).toArray();
              double[] predicted =
                  report.pairs().stream().mapToDouble(PredictorReport.Pair::predicted).toArray();
              numbers(part.putArray("measured_ms"), measured);
              numbers(part.putArray("predicted_ms"), predicted);
            });
  }

  private static void writeModel(NetModel model, ObjectNode json) {
    json.put("fingerprint", model.fingerprint());
    json.put("mean_ms", model.scale().mean());
    json.put("deviation_ms", model.scale().deviation());
    json.put("floor_ms", model.scale().floor());
    numbers(json.putArray("parameters"), model.parameters());
  }

  private static void numbers(ArrayNode array, double... values) {
    for (double value : values) {
      array.add(value);
    }
  }

  private static void numbers(ArrayNode array, int... values) {
    for (int value : values) {
      array.add(value);
    }
  }

  /**
   * Reads a predictor of a space that the file was found to be of.
   *
   * @throws IllegalArgumentException if something is missing, is no finite number or does not fit
   */
  static Predictor read(JsonNode json, ChoiceSpace space) {
    String kind = json.path("kind").asText();
    return switch (kind) {
      case "reachable" -> new ReachablePredictor(read(json.path("of"), space), readReport(json));
      case "table" -> readTable(json, space);
      case "mlp" -> readMlp(json, space);
      case "gnn" -> readGnn(json, space);
      default ->
          throw new IllegalArgumentException(
              "the kind of predictor must be table, mlp, gnn or reachable, but is '" + kind + "'.");
    };
  }

  private static MlpPredictor readMlp(JsonNode json, ChoiceSpace space) {
    int[] hidden = new int[json.path("hidden").size()];
    checkArgument(
        hidden.length >= 1 && hidden.length <= MOST_LAYERS,
        "'hidden' must hold 1 to %s sizes, but holds %s.",
        MOST_LAYERS,
        hidden.length);
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = size(json.path("hidden").path(i), "hidden");
    }
    return new MlpPredictor(
        readModel(json, space, MlpPredictor.net(space, hidden)), readReport(json), hidden);
  }

  private static GnnPredictor readGnn(JsonNode json, ChoiceSpace space) {
    int width = size(json.path("width"), "width");
    int layers = size(json.path("layers"), "layers");
    // Their parameters would be more than an array holds.
    checkArgument(
        (long) layers * width * width <= MOST_GNN,
        "%s layers of width %s are more than any net of ours has.",
        layers,
        width);
    GnnNet net = new GnnNet(new ChoiceGraph(space), width, layers);
    return new GnnPredictor(readModel(json, space, net), readReport(json));
  }

  private static LatencyTable readTable(JsonNode json, ChoiceSpace space) {
    JsonNode rows = json.path("entries_ms");
    double[][] entries = new double[rows.size()][];
    for (int l = 0; l < entries.length; l++) {
      entries[l] = numbers(rows.path(l), "entries_ms", rows.path(l).size());
    }
    return new LatencyTable(
        space,
        number(json.path("constant_ms"), "constant_ms"),
        Entries.flat(space, entries),
        fingerprint(json),
        reference(json),
        readReport(json));
  }

  private static double reference(JsonNode json) {
    double millis = number(json.path("reference_ms"), "reference_ms");
    checkArgument(millis >= 0, "'reference_ms' must not be negative, but is %s.", millis);
    return millis;
  }

  private static @Nullable PredictorReport readReport(JsonNode predictor) {
    if (!predictor.has("report")) {
      return null;
    }
    JsonNode json = predictor.path("report");
    int count = json.path("measured_ms").size();
    double[] measured = numbers(json.path("measured_ms"), "measured_ms", count);
    double[] predicted = numbers(json.path("predicted_ms"), "predicted_ms", count);
    List<PredictorReport.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(new PredictorReport.Pair(measured[i], predicted[i]));
    }
    return new PredictorReport(size(json.path("folds"), "folds"), pairs);
  }

  private static NetModel readModel(JsonNode json, ChoiceSpace space, Net net) {
    NetModel model =
        new NetModel(
            space,
            net,
            numbers(json.path("parameters"), "parameters", net.parameters()),
            new NetModel.Scale(
                number(json.path("mean_ms"), "mean_ms"),
                number(json.path("deviation_ms"), "deviation_ms"),
                number(json.path("floor_ms"), "floor_ms")),
            fingerprint(json),
            0);
    // Finite parameters can be so large that sums of them are not; every candidate is tried.
    int most = space.choices().stream().mapToInt(Choice::size).max().orElse(1);
    for (int k = 0; k < most; k++) {
      Architecture probe = space.uniform(k);
      double millis = model.predict(probe);
      checkArgument(
          millis > 0 && Double.isFinite(millis),
          "the net predicts %s ms for architecture %s, but latencies are positive.",
          millis,
          probe.id());
    }
    return model;
  }

  private static @Nullable String fingerprint(JsonNode json) {
    if (!json.path("fingerprint").isTextual()) {
      return null;
    }
    String text = json.path("fingerprint").asText();
    checkArgument(
        !text.isBlank() && text.lines().count() == 1,
        "the fingerprint must be one line of text, but is '%s'.",
        text);
    return text;
  }

  private static double[] numbers(JsonNode array, String name, int count) {
    checkArgument(
        array.isArray() && array.size() == count,
        "'%s' must hold %s numbers, but holds %s.",
        name,
        count,
        array.size());
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = number(array.get(i), name);
    }
    return values;
  }

  private static double number(JsonNode node, String name) {
    double value = node.isNumber() ? node.doubleValue() : Double.NaN;
    checkArgument(
        Double.isFinite(value), "'%s' must be finite numbers, but one is %s.", name, node);
    return value;
  }

  private static int size(JsonNode node, String name) {
    // Above this no net of ours fits into memory, so a file that says so is damaged.
    checkArgument(
        node.isInt() && node.intValue() >= 1 && node.intValue() <= 4096,
        "'%s' must be whole numbers from 1 to 4096, but one is %s.",
        name,
        node);
    return node.intValue();
  }
}
