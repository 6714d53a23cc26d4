package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

class DeviceProfileTest {

  private static LayeredSpace space(int candidates) {
    Op[] ops =
        IntStream.range(0, candidates)
            .mapToObj(i -> new MbConv(3 + 2 * (i % 3), 1 + i / 3, 4, 1))
            .toArray(Op[]::new);
    return LayeredSpace.named("wide", new FeatureShape(3, 4, 4), 2)
        .stem(new ConvBnAct(3, 4, 1))
        .choice("a", ops)
        .choice("b", ops[0], ops[1], ops[2])
        .build();
  }

  @Test
  @Tag("slow")
  void operationsAreMeasuredAloneWhereChoicesHaveManyCandidates() {
    LayeredSpace many = space(SharedTable.FEW + 1);
    assertThat(SharedTable.measured(many, new ExactDevice()).report().orElseThrow().pairs())
        .hasSize(30);
    LayeredSpace few = space(SharedTable.FEW);
    assertThat(SharedTable.measured(few, new ExactDevice()).report().orElseThrow().pairs())
        .hasSize(60);
  }
}
