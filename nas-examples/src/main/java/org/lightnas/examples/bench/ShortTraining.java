package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.graph.Networks;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;
import org.lightnas.train.TrainingListener;

/**
 * The one recipe by which experiments compare networks: {@link #EPOCHS} epochs of the trainer's
 * defaults on {@link ExperimentImages}, the last network, its accuracy on the validation images,
 * and once on the test images. About a minute for a mean network of the small space on two cores.
 *
 * <p>What was trained is in {@code trainings.jsonl} of the {@link ResultsFolder}, by data set,
 * space, architecture, recipe and seed, and is not trained again by any experiment.
 */
final class ShortTraining {

  static final int EPOCHS = 12;

  /** For estimates, of as many epochs and images as the recipe has, on two cores. */
  private static final double SECONDS = 200;

  private static final int DIGITS = 16;

  private final ExperimentImages images;
  private final SearchSpace space;
  private final int epochs;
  private final ResultsFile<Trained> file;
  private final String dataset;
  private final String fingerprint;
  private final String recipe;

  /**
   * Opens the results.
   *
   * @param epochs {@link #EPOCHS}, or fewer for a run that only shows that everything runs; that is
   *     another recipe
   * @throws IOException if the results cannot be read
   * @throws ResultsFileException if they are damaged or of a newer format
   * @throws IllegalArgumentException if the images do not fit the space
   */
  ShortTraining(ExperimentImages images, SearchSpace space, int epochs, ResultsFolder folder)
      throws IOException {
    space.on(images.withoutTest());
    this.images = images;
    this.space = space;
    this.epochs = epochs;
    this.file = ResultsFile.open(folder.file("trainings.jsonl"), new Format());
    this.dataset = images.fingerprint();
    this.fingerprint = fingerprint(space);
    this.recipe =
        trainer(0).settings().entrySet().stream()
            .filter(setting -> !setting.getKey().equals("seed"))
            .map(Map.Entry::toString)
            .collect(Collectors.joining(", "));
  }

  /**
   * What a training led to.
   *
   * @param validationAccuracy in percent
   * @param testAccuracy in percent
   * @param loss mean over the last epoch of what was minimised, in nats
   * @param seconds the training took, without judging
   */
  record Outcome(double validationAccuracy, double testAccuracy, double loss, double seconds) {}

  /**
   * What an outcome depends on.
   *
   * @param dataset name and fingerprint
   * @param space name and fingerprint
   * @param architecture id of the canonical form
   * @param recipe all settings but the seed
   */
  record Key(String dataset, String space, String architecture, String recipe, long seed) {}

  /** A line of the file. */
  record Trained(Key key, Outcome outcome) {}

  ExperimentImages images() {
    return images;
  }

  SearchSpace space() {
    return space;
  }

  /** Passes over the training images. */
  int epochs() {
    return epochs;
  }

  /** The space's name, and digits that depend on every operation in it. */
  String spaceFingerprint() {
    return fingerprint;
  }

  /** The outcome for an architecture if it was trained before. */
  Optional<Outcome> known(Architecture architecture, long seed) {
    return file.find(key(architecture, seed)).map(Trained::outcome);
  }

  /**
   * The outcome for an architecture, trained now if it was not before. Of several architectures
   * that are the same network, the canonical one is trained.
   *
   * @param seed of initial weights, batches and augmentation
   * @throws org.lightnas.DivergedSearchException if the loss is no longer a number
   * @throws IOException if the outcome cannot be kept
   */
  Outcome train(Architecture architecture, long seed) throws IOException {
    Optional<Outcome> known = known(architecture, seed);
    if (known.isPresent()) {
      return known.get();
    }
    double[] loss = new double[1];
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onEpoch(Epoch epoch) {
            loss[0] = epoch.loss();
          }
        };
    long start = System.nanoTime();
    ComputationGraph network =
        trainer(seed, listener).fit(space.canonical(architecture), images.withoutTest());
    double seconds = (System.nanoTime() - start) / 1e9;
    Outcome outcome;
    try {
      outcome =
          new Outcome(
              Accuracy.of(network, images.validation().resized(space.input(architecture))),
              Accuracy.of(network, images.test().resized(space.input(architecture))),
              loss[0],
              seconds);
    } finally {
      Networks.close(network);
    }
    file.add(new Trained(key(architecture, seed), outcome));
    return outcome;
  }

  /** How long a training takes: what those of this recipe took, or a guess. */
  double expectedSeconds() {
    double[] taken =
        file.all().stream()
            .filter(
                trained ->
                    trained.key().recipe().equals(recipe)
                        && trained.key().dataset().equals(dataset))
            .mapToDouble(trained -> trained.outcome().seconds())
            .toArray();
    double size = (double) images.train().size() / ExperimentImages.IMAGES / 0.9;
    return taken.length > 0 ? Bench.Spread.of(taken).median() : SECONDS * epochs / EPOCHS * size;
  }

  private Key key(Architecture architecture, long seed) {
    checkArgument(
        architecture.space().equals(space),
        "Architecture %s belongs to space '%s', but networks of space '%s' are compared.\n"
            + "Maybe the two were built with other operations.",
        architecture.id(),
        architecture.space().name(),
        space.name());
    return new Key(dataset, fingerprint, space.canonical(architecture).id(), recipe, seed);
  }

  private Trainer trainer(long seed, TrainingListener... listeners) {
    Trainer.Builder builder = Trainer.builder().epochs(epochs).seed(seed);
    List.of(listeners).forEach(builder::listener);
    return builder.build();
  }

  /** Two spaces of this fingerprint make the same networks of the same picks. */
  private static String fingerprint(SearchSpace space) {
    Hasher hasher = Hashing.sha256().newHasher();
    int most = 0;
    for (Choice choice : space.choices()) {
      hasher.putUnencodedChars(
          choice.name() + choice.candidates().stream().map(Candidate::id).toList());
      most = Math.max(most, choice.size());
    }
    for (int k = 0; k < most; k++) {
      String configuration = space.toConfiguration(space.uniform(k)).toJson();
      // DL4J takes a seed from the clock where none is given.
      hasher.putString(configuration.replaceAll("\"seed\" : -?\\d+", ""), StandardCharsets.UTF_8);
    }
    return space.name() + " " + hasher.hash().toString().substring(0, DIGITS);
  }

  private static final class Format implements ResultsFile.Format<Trained> {

    @Override
    public String kind() {
      return "short trainings";
    }

    @Override
    public Object key(Trained trained) {
      return trained.key();
    }

    @Override
    public void write(Trained trained, ObjectNode line) {
      Key key = trained.key();
      line.put("dataset", key.dataset());
      line.put("space", key.space());
      line.put("architecture", key.architecture());
      line.put("recipe", key.recipe());
      line.put("seed", key.seed());
      Outcome outcome = trained.outcome();
      line.put("validation_acc", outcome.validationAccuracy());
      line.put("test_acc", outcome.testAccuracy());
      line.put("train_loss", outcome.loss());
      line.put("seconds", outcome.seconds());
    }

    @Override
    public Trained read(ResultsFile.Line line) {
      return new Trained(
          new Key(
              line.text("dataset"),
              line.text("space"),
              line.text("architecture"),
              line.text("recipe"),
              line.whole("seed")),
          new Outcome(
              line.number("validation_acc", 0, 100),
              line.number("test_acc", 0, 100),
              line.number("train_loss"),
              line.number("seconds")));
    }
  }
}
