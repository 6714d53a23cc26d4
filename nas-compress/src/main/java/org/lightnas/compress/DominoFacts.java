package org.lightnas.compress;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.graph.Fingerprint;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;

/**
 * What makes two runs of {@link Domino} the same, by name; not what is to be saved, as masks and
 * trainings are named by that and measurements serve all.
 */
final class DominoFacts {

  private DominoFacts() {}

  /**
   * Of a run.
   *
   * @param given the network's nodes and numbers
   */
  static Map<String, String> of(
      DominoSettings settings,
      ComputationGraph network,
      TrainedGraph given,
      ImageData images,
      Device device) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("network", Fingerprint.of(network, given.graph(), given.values()));
    facts.put("images", images.train().fingerprint());
    facts.put("device", device.fingerprint());
    facts.put("largest kernel of joined blocks", Integer.toString(settings.largestKernel()));
    facts.put("rounds", Integer.toString(settings.training().rounds()));
    facts.put("samples", Integer.toString(settings.samples()));
    facts.put("scores", settings.evaluator() == null ? "learned" : "given");
    List<Constraint> constraints = settings.constraints();
    for (int m = 0; m < constraints.size(); m++) {
      Constraint bound = constraints.get(m);
      facts.put(
          "bound " + (m + 1) + " on " + bound.metric().name(),
          bound.bound() + " by predictions " + digest(bound));
    }
    facts.putAll(settings.training().facts(network));
    return facts;
  }

  /** Of what is predicted with one block linear, or none. */
  private static String digest(Constraint bound) {
    Architecture none = bound.predictor().space().uniform(0);
    List<Choice> choices = none.space().choices();
    String predicted =
        IntStream.range(0, choices.size())
            .boxed()
            .flatMap(l -> IntStream.range(0, choices.get(l).size()).mapToObj(k -> none.with(l, k)))
            .map(mask -> Double.toString(bound.predict(mask)))
            .collect(Collectors.joining(" "));
    return Long.toHexString(Seeds.derive(0, predicted, 0));
  }
}
