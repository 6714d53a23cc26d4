package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Which pass comes when: weights alone at first, then weights and logits, equally often: by turns,
 * or both in each pass.
 *
 * @param warmup weight passes before the first logit pass
 * @param pairs weight passes after that, and as many logit passes
 * @param run passes of one kind in a row, the last runs may be shorter; or {@link #TOGETHER}
 */
record Timetable(int warmup, int pairs, int run) {

  /** Instead of a run: every pass after the warm-up is one of weights and of logits. */
  static final int TOGETHER = 0;

  boolean together() {
    return run == TOGETHER;
  }

  int total() {
    return warmup + (together() ? pairs : 2 * pairs);
  }

  int weightPasses() {
    return warmup + pairs;
  }

  Phase phase(int pass) {
    if (pass < warmup) {
      return Phase.WARM_UP;
    }
    if (together()) {
      return Phase.TOGETHER;
    }
    return offset(pass) < length(pass) ? Phase.WEIGHTS : Phase.LOGITS;
  }

  /**
   * How many passes of the same kind came before: weight passes, or logit passes; of passes of both
   * weight passes.
   */
  int index(int pass) {
    if (pass < warmup || together()) {
      return pass;
    }
    int before = block(pass) * run;
    return phase(pass) == Phase.WEIGHTS
        ? warmup + before + offset(pass)
        : before + offset(pass) - length(pass);
  }

  /** Logit passes before this pass. */
  int logitPassesBefore(int pass) {
    if (pass < warmup) {
      return 0;
    }
    if (together()) {
      return pass - warmup;
    }
    return phase(pass) == Phase.LOGITS ? index(pass) : Math.min(pairs, block(pass) * run);
  }

  /** Checks what is said of a pass done. */
  void require(int pass, SearchStep step) {
    checkArgument(
        step.step() == pass && step.phase() == phase(pass),
        "pass %s (%s) is told as %s",
        pass,
        phase(pass),
        step);
    checkArgument(Double.isFinite(step.loss()), "pass %s is told without a finite loss", step);
  }

  private int block(int pass) {
    return (pass - warmup) / (2 * run);
  }

  private int offset(int pass) {
    return (pass - warmup) % (2 * run);
  }

  /** Passes of each kind in the block of a pass. */
  private int length(int pass) {
    return Math.min(run, pairs - block(pass) * run);
  }
}
