package org.lightnas.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.internal.Backends;
import org.lightnas.internal.JavaCode;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Predictor;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.space.zoo.ShuffleSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Java that repeats a search. No setting is named here: they are written as the components of
 * the records that hold them, as far as they are not what their builder starts from.
 */
final class Reproduction {

  private static final Logger log = LoggerFactory.getLogger(Reproduction.class);

  private static final String KERNELS = "lightnas.kernels";

  /** Spaces that are shorter to read by their method than as calls of a builder, by their names. */
  private static final Map<String, Zoo> ZOO =
      Map.of(
          "lightnas-small", new Zoo(LightNasSpace.class, "small", LightNasSpace::small),
          "lightnas-imagenet", new Zoo(LightNasSpace.class, "imagenet", LightNasSpace::imagenet),
          "shuffle-small", new Zoo(ShuffleSpace.class, "small", ShuffleSpace::small),
          "shuffle-imagenet", new Zoo(ShuffleSpace.class, "imagenet", ShuffleSpace::imagenet),
          "lightnas-imagenet-supernet",
              new Zoo(LightNasSpace.class, "imagenetSupernet", LightNasSpace::imagenetSupernet));

  private record Zoo(
      Class<?> type, String method, BiFunction<FeatureShape, Integer, LayeredSpace> make) {}

  private static final String METHODS =
      """

        /** Fails where something is not as it was. */
        private static void same(String what, String then, String now) {
          if (!now.equals(then)) {
            throw new IllegalStateException("The " + what + " was " + then + " and is " + now);
          }
        }

        /** Stands for what could not be written down. */
        private static <T> T yours(String what) {
          throw new UnsupportedOperationException("Please put in what made it: " + what);
        }
      }
      """;

  private final SearchSettings settings;
  private final @Nullable SearchStage stage;
  private final TrainableSpace trainable;
  private final SearchResult found;

  private Reproduction(
      SearchSettings settings,
      @Nullable SearchStage stage,
      TrainableSpace trainable,
      SearchResult found) {
    this.settings = settings;
    this.stage = stage;
    this.trainable = trainable;
    this.found = found;
  }

  /** A class named {@code Reproduce}; empty if what was searched with fails to say what it is. */
  static String of(
      SearchSettings settings,
      @Nullable SearchStage stage,
      TrainableSpace trainable,
      SearchResult found) {
    try {
      return new Reproduction(settings, stage, trainable, found).code();
    } catch (RuntimeException e) {
      // The result is worth more than the way back to it.
      log.warn("The search cannot be written down as Java", e);
      return "";
    }
  }

  private String code() {
    String statements =
        statements().stream()
            .map(statement -> "    " + JavaCode.indented(statement, 4) + "\n")
            .collect(Collectors.joining());
    return JavaCode.unit(
        "Reproduce",
        head()
            + "public final class Reproduce {\n\n"
            + "  public static void main(String... args) throws Exception {\n"
            + "    System.out.println(search());\n"
            + "  }\n\n"
            + "  static "
            + SearchResult.class.getName()
            + " search() throws Exception {\n"
            + statements
            + "    return found;\n"
            + "  }\n"
            + METHODS.indent(0));
  }

  /** What was found, and what has to be the same for it to be found again. */
  private String head() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Found", found.toString());
    facts.putAll(found.provenance().facts());
    facts.put("backend", Backends.description());
    facts.put("threads", Integer.toString(Backends.threads()));
    String forced = System.getProperty(KERNELS);
    if (forced != null) {
      facts.put("run with", "-D" + KERNELS + "=" + forced);
    }
    return facts.entrySet().stream()
        .map(fact -> JavaCode.comment(fact.getKey() + ": " + fact.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  private List<String> statements() {
    List<String> statements = new ArrayList<>();
    ImageData images = trainable.images();
    statements.add(
        variable(ImageData.class, "images", images.code(), "the images '" + images.name() + "'"));
    statements.add(
        same(
            "fingerprint of the images",
            images.train().fingerprint(),
            "images.train().fingerprint()"));
    SearchSpace space = trainable.space();
    statements.add(variable(SearchSpace.class, "space", written(space), named(space)));
    List<String> bounds = new ArrayList<>();
    for (Constraint constraint : found.constraints()) {
      String number = found.constraints().size() == 1 ? "" : "" + (bounds.size() + 1);
      bounds.add("bound" + number);
      statements.addAll(bound(number, constraint));
    }
    statements.add(
        variable(
            SearchResult.class,
            "found",
            Optional.of(
                searcher() + "\n    .search(space.on(images), " + String.join(", ", bounds) + ")"),
            ""));
    statements.addAll(expected());
    return statements;
  }

  private static String variable(
      Class<?> type, String name, Optional<String> value, String otherwise) {
    String start = type.getName() + " " + name + " = ";
    return value
        .map(code -> start + code + ";")
        .orElseGet(
            () -> "// Put in yours here.\n" + start + "yours(" + JavaCode.text(otherwise) + ");");
  }

  private static String same(String what, String then, String now) {
    return "same(" + JavaCode.text(what) + ", " + JavaCode.text(then) + ", " + now + ");";
  }

  private static Optional<String> written(SearchSpace space) {
    Zoo zoo = ZOO.get(space.name());
    return zoo != null && zoo.make().apply(space.input(), space.classes()).equals(space)
        ? JavaCode.all(List.of(space.input(), space.classes()))
            .map(size -> zoo.type().getName() + "." + zoo.method() + "(" + size + ")")
        : JavaCode.of(space);
  }

  private static String named(SearchSpace space) {
    return "the space '"
        + space.name()
        + "' of "
        + space.input()
        + " images in "
        + space.classes()
        + " classes";
  }

  private List<String> bound(String number, Constraint constraint) {
    List<String> statements = new ArrayList<>();
    Predictor predictor = constraint.predictor();
    String fitted =
        predictor.fingerprint().map(device -> ", fitted on [" + device + "]").orElse("");
    String name = "predictor" + number;
    statements.add(
        variable(
            Predictor.class,
            name,
            JavaCode.of(predictor),
            "the "
                + predictor
                + fitted
                + ", which predicts "
                + constraint.predict(found.architecture())
                + " "
                + constraint.metric().unit()
                + " for "
                + found.architecture().id()));
    String code = Constraint.class.getName() + ".atMost(" + constraint.bound() + ", " + name + ")";
    Device device = constraint.device();
    if (device != null) {
      statements.add(
          variable(
              Device.class,
              "device" + number,
              JavaCode.of(device),
              "the device [" + device.fingerprint() + "]"));
      code += ".measuredOn(device" + number + ")";
    }
    statements.add(variable(Constraint.class, "bound" + number, Optional.of(code), ""));
    return statements;
  }

  private String searcher() {
    Procedure procedure = settings.procedure();
    SearchSettings usual = procedure.usual();
    return procedure.start()
        + calls((Record) procedure, (Record) usual.procedure())
        + calls(settings, usual, "procedure", "seed")
        + "\n    .seed("
        + JavaCode.of(settings.seed()).orElseThrow()
        + ")"
        + (stage == null
            ? ""
            : "\n    .channels(" + JavaCode.indented(value("the stage after it: ", stage), 4) + ")")
        + "\n    .build()";
  }

  private static <R extends Record> String calls(R settings, R usual, String... apart) {
    return JavaCode.calls(settings, usual, value -> Optional.of(value("", value)), apart)
        .orElseThrow();
  }

  private static String value(String what, Object value) {
    Optional<String> code =
        value instanceof SearchSpace space ? written(space) : JavaCode.of(value);
    return code.orElseGet(() -> "yours(" + JavaCode.text(what + value) + ")");
  }

  private List<String> expected() {
    String id = found.architecture().id();
    if (found.constraints().stream().anyMatch(constraint -> constraint.device() != null)) {
      return List.of(
          "// Measurements vary, and with them what is found.",
          JavaCode.comment("Then it was " + id));
    }
    List<String> statements = new ArrayList<>();
    statements.add(same("architecture", id, "found.architecture().id()"));
    Found refined = found.refined();
    if (refined != null) {
      statements.add(
          same(
              "architecture of the next stage",
              refined.architecture().id(),
              "found.refined().architecture().id()"));
    }
    return statements;
  }
}
