package org.lightnas.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class NetworksTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("one", new FeatureShape(1, 4, 4), 2)
          .choice("a", new ConvBnAct(3, 2, 1))
          .build();

  private static ComputationGraph network() {
    return SPACE.network(SPACE.uniform(0), 1);
  }

  /** By an updater that has a state. */
  private static ComputationGraph trained() {
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .updater(new Adam())
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", new OutputLayer.Builder().nIn(3).nOut(2).build(), "in")
                .setOutputs("out")
                .build());
    network.init();
    network.fit(new DataSet(Nd4j.ones(2, 3), Nd4j.eye(2)));
    return network;
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  @Test
  void closingFreesWhatTrainingTook() {
    ComputationGraph network = trained();
    INDArray params = network.params();
    INDArray gradients = network.getGradientsViewArray();
    INDArray updater = network.getUpdater().getStateViewArray();
    assertThat(Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread()).isNotEmpty();
    Networks.close(network);
    assertThat(List.of(params, gradients, updater)).allMatch(INDArray::wasClosed);
    assertThat(Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread()).isEmpty();
    Networks.close(network);
  }

  @Test
  void garbageIsNotCollectedForEveryNetwork() {
    ComputationGraph[] networks = {network(), trained(), network()};
    // Nobody else has a reason to then.
    Nd4j.getMemoryManager().invokeGc();
    long before = collections();
    for (ComputationGraph network : networks) {
      Networks.close(network);
    }
    assertThat(collections()).isEqualTo(before);
  }

  @Test
  void workspacesThatACallerIsInStay() {
    ComputationGraph network = network();
    try (MemoryWorkspace callers =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace("the caller's")) {
      ComputationGraph copy = TrainedGraph.of(network).toNetwork();
      assertThat(copy.params()).isEqualTo(network.params());
      assertThat(copy.params().isAttached()).isFalse();
      Networks.close(copy);
      Networks.close(network);
      assertThat(Nd4j.getWorkspaceManager().checkIfWorkspaceExistsAndActive("the caller's"))
          .isTrue();
      assertThat(callers.isScopeActive()).isTrue();
    }
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
  }
}
