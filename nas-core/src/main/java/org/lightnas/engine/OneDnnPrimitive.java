package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.javacpp.Pointer;

/**
 * One oneDNN primitive with its argument list. The arguments' places are told at each run and
 * handed on only where they differ from those of the run before, so one primitive serves all layers
 * of its kind, in all plans. Owned by its session.
 */
final class OneDnnPrimitive implements AutoCloseable {

  private final OneDnn session;
  private final dnnl_primitive primitive = new dnnl_primitive();
  private final dnnl_exec_arg_t arguments;
  private final dnnl_memory[] memories;
  private final long[] places;
  private final boolean scratch;
  private final Cursor cursor = new Cursor();

  /** A pointer that can be moved; oneDNN's Java interface takes no addresses. */
  private static final class Cursor extends Pointer {
    void moveTo(long place) {
      address = place;
    }
  }

  OneDnnPrimitive(OneDnn session, OneDnn.Description description, int... numbers) {
    this.session = session;
    OneDnn.check(dnnl_primitive_create(primitive, description.handle()), "a primitive");
    OneDnn.Format scratchpad = description.argument(DNNL_ARG_SCRATCHPAD);
    this.scratch = scratchpad.bytes() > 0;
    session.needScratchpad(scratchpad.bytes());
    int count = numbers.length + (scratch ? 1 : 0);
    this.memories = new dnnl_memory[count];
    this.places = new long[count];
    this.arguments = new dnnl_exec_arg_t(count);
    for (int i = 0; i < count; i++) {
      int number = i < numbers.length ? numbers[i] : DNNL_ARG_SCRATCHPAD;
      OneDnn.Format format = description.argument(number);
      memories[i] = new dnnl_memory();
      OneDnn.check(
          dnnl_memory_create(memories[i], format.desc(), session.engine(), null),
          "a memory object");
      arguments.position(i).arg(number).memory(memories[i]);
    }
    arguments.position(0);
  }

  /** Runs it on arguments that lie at these addresses, in the order they were named at creation. */
  void run(long... addresses) {
    for (int i = 0; i < addresses.length; i++) {
      place(i, addresses[i]);
    }
    if (scratch) {
      place(memories.length - 1, session.scratchpad());
    }
    OneDnn.check(
        dnnl_primitive_execute(primitive, session.stream(), memories.length, arguments), "to run");
  }

  private void place(int argument, long address) {
    if (places[argument] != address) {
      cursor.moveTo(address);
      OneDnn.check(dnnl_memory_set_data_handle(memories[argument], cursor), "an address");
      places[argument] = address;
    }
  }

  @Override
  public void close() {
    dnnl_primitive_destroy(primitive);
    for (dnnl_memory memory : memories) {
      dnnl_memory_destroy(memory);
    }
    arguments.close();
  }
}
