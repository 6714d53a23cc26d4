package org.lightnas.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

class SameCasesProperties {

  @Property(tries = 1, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  @Tag("slow")
  void everyBuildTriesTheSame(@ForAll long value) {
    assumeThat(Boolean.getBoolean("nas.explore")).isFalse();
    assertThat(value).isEqualTo(-2753199545965554505L);
  }
}
