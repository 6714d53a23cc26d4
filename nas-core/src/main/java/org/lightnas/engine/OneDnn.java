package org.lightnas.engine;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.dnnl.const_dnnl_op_desc_t;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc_iterator;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;

/**
 * oneDNN's C API in the few words that the kernels need. Owns an engine, a stream, scratch memory
 * that all primitives take turns to use, and everything made with them, until closed. One thread at
 * a time.
 *
 * <p>Dimensions are always in the order N, C, H, W; how they lie in memory is the format's matter.
 */
final class OneDnn implements AutoCloseable {

  private final dnnl_engine engine = new dnnl_engine();
  private final dnnl_stream stream = new dnnl_stream();
  private final Deque<Runnable> owned = new ArrayDeque<>();
  private final List<Format> formats = new ArrayList<>();
  private NativeMemory scratchpad = new NativeMemory(1 << 16);
  private NativeMemory transit = new NativeMemory(1 << 16);
  private NativeMemory packed = new NativeMemory(1 << 16);

  OneDnn() {
    check(dnnl_engine_create(engine, dnnl_cpu, 0), "an engine");
    check(dnnl_stream_create(stream, engine, dnnl_stream_default_flags), "a stream");
  }

  /** {@code 2.5.2}, and the instruction set it uses here. */
  static String version() {
    var version = dnnl_version();
    int isa = dnnl_get_effective_cpu_isa();
    String set =
        isa >= dnnl_cpu_isa_avx512_core
                && (isa & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core
            ? "AVX-512"
            : (isa & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2 ? "AVX2" : "isa " + isa;
    return version.major() + "." + version.minor() + "." + version.patch() + ", " + set;
  }

  /**
   * A shape and how it lies in memory. Two of equal meaning are the same object within one session,
   * so that a packed weight is found by its format.
   */
  static final class Format {
    private final dnnl_memory_desc_t desc;
    private final long bytes;

    private Format(dnnl_memory_desc_t desc) {
      this.desc = desc;
      this.bytes = dnnl_memory_desc_get_size(desc);
    }

    dnnl_memory_desc_t desc() {
      return desc;
    }

    long bytes() {
      return bytes;
    }
  }

  /** float32 in a known layout. */
  Format format(int tag, long... dims) {
    return typed(dnnl_f32, tag, dims);
  }

  /** Values of one of oneDNN's types in a known layout. */
  Format typed(int type, int tag, long... dims) {
    dnnl_memory_desc_t desc = new dnnl_memory_desc_t();
    check(dnnl_memory_desc_init_by_tag(desc, dims.length, dims, type, tag), "a format");
    return intern(desc);
  }

  /** float32 in a layout that the operation shall choose. */
  static dnnl_memory_desc_t anyFormat(long... dims) {
    dnnl_memory_desc_t desc = new dnnl_memory_desc_t();
    check(
        dnnl_memory_desc_init_by_tag(desc, dims.length, dims, dnnl_f32, dnnl_format_tag_any),
        "a format");
    return desc;
  }

  /** A part of a larger map. */
  Format part(Format whole, long[] dims, long[] offsets) {
    dnnl_memory_desc_t desc = new dnnl_memory_desc_t();
    check(dnnl_memory_desc_init_submemory(desc, whole.desc, dims, offsets), "a part of a map");
    return intern(desc);
  }

  private Format intern(dnnl_memory_desc_t desc) {
    for (Format known : formats) {
      if (dnnl_memory_desc_equal(known.desc, desc) != 0) {
        return known;
      }
    }
    Format format = new Format(desc);
    formats.add(format);
    return format;
  }

  /**
   * What oneDNN would do for an operation. Needed as long as primitives are made from it or from
   * those that name it as a hint.
   */
  final class Description {
    private final dnnl_primitive_desc handle;

    private Description(dnnl_primitive_desc handle) {
      this.handle = handle;
    }

    dnnl_primitive_desc handle() {
      return handle;
    }

    /** The format in which an argument is expected. */
    Format argument(int argument) {
      return intern(copy(dnnl_primitive_desc_query_md(handle, dnnl_query_exec_arg_md, argument)));
    }

    /** {@code jit_dw:avx512_core}; names that start with {@code ref} are slow. */
    String implementation() {
      PointerPointer<Pointer> name = new PointerPointer<>(1);
      check(
          dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, name),
          "a primitive's name");
      return new BytePointer(name.get(0)).getString();
    }
  }

  /** A queried descriptor lives in its primitive descriptor; this one by itself. */
  private static dnnl_memory_desc_t copy(dnnl_memory_desc_t queried) {
    dnnl_memory_desc_t copy = new dnnl_memory_desc_t();
    copy.put(queried);
    return copy;
  }

  /**
   * Describes an operation.
   *
   * @param operation one of oneDNN's operation descriptors
   * @param hint for a backward pass, its forward pass
   */
  Description describe(Pointer operation, @Nullable Description hint, PostOp... after) {
    Description description = tryDescribe(operation, hint, after);
    if (description == null) {
      throw new NasException(
          "oneDNN has no implementation of "
              + operation.getClass().getSimpleName()
              + " for these sizes.\nMaybe set -D"
              + KernelChoice.PROPERTY
              + "=nd4j.");
    }
    return description;
  }

  /** As {@link #describe}; null if there is no implementation. */
  @Nullable Description tryDescribe(
      Pointer operation, @Nullable Description hint, PostOp... after) {
    dnnl_primitive_attr attributes = attributes(after);
    Description description = new Description(new dnnl_primitive_desc());
    try {
      int status =
          dnnl_primitive_desc_create(
              description.handle,
              new const_dnnl_op_desc_t(operation),
              attributes,
              engine,
              hint == null ? null : hint.handle);
      if (status != dnnl_success) {
        return null;
      }
    } finally {
      dnnl_primitive_attr_destroy(attributes);
    }
    owned.push(() -> dnnl_primitive_desc_destroy(description.handle));
    return description;
  }

  /**
   * As {@link #describe}, by the implementation whose name starts so if oneDNN has it, which is not
   * the one it would choose.
   */
  Description describePreferring(
      String name, Pointer operation, @Nullable Description hint, PostOp... after) {
    dnnl_primitive_attr attributes = attributes(after);
    dnnl_primitive_desc_iterator all = new dnnl_primitive_desc_iterator();
    check(
        dnnl_primitive_desc_iterator_create(
            all,
            new const_dnnl_op_desc_t(operation),
            attributes,
            engine,
            hint == null ? null : hint.handle),
        "the implementations of an operation");
    try {
      do {
        Description description = new Description(dnnl_primitive_desc_iterator_fetch(all));
        if (description.implementation().startsWith(name)) {
          owned.push(() -> dnnl_primitive_desc_destroy(description.handle));
          return description;
        }
        dnnl_primitive_desc_destroy(description.handle);
      } while (dnnl_primitive_desc_iterator_next(all) == dnnl_success);
    } finally {
      dnnl_primitive_desc_iterator_destroy(all);
      dnnl_primitive_attr_destroy(attributes);
    }
    return describe(operation, hint, after);
  }

  /** Describes a copy from one format into another. */
  Description describeCopy(Format from, Format to, PostOp... after) {
    return describeCopy(from, to, attributes(after));
  }

  /** Describes a copy from one format into another that multiplies every value. */
  Description describeScaling(Format from, Format to, float factor) {
    dnnl_primitive_attr attributes = attributes();
    check(
        dnnl_primitive_attr_set_output_scales(attributes, 1, 0, new float[] {factor}), "a factor");
    return describeCopy(from, to, attributes);
  }

  private Description describeCopy(Format from, Format to, dnnl_primitive_attr attributes) {
    Description description = new Description(new dnnl_primitive_desc());
    try {
      check(
          dnnl_reorder_primitive_desc_create(
              description.handle, from.desc, engine, to.desc, engine, attributes),
          "a copy");
    } finally {
      dnnl_primitive_attr_destroy(attributes);
    }
    owned.push(() -> dnnl_primitive_desc_destroy(description.handle));
    return description;
  }

  /** What a primitive does to its result before it writes it. */
  enum PostOp {
    /** Adds what is there already. */
    SUM,
    RELU,
    RELU6
  }

  /** Memory that lives as long as this. */
  NativeMemory memory(long bytes) {
    NativeMemory memory = new NativeMemory(bytes);
    owned.push(memory::close);
    return memory;
  }

  private static dnnl_primitive_attr attributes(PostOp... after) {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    check(dnnl_primitive_attr_create(attributes), "attributes");
    // The library's own scratchpads belong to threads, not to sessions.
    check(
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
        "a scratchpad mode");
    var chain = new org.bytedeco.dnnl.dnnl_post_ops();
    check(dnnl_post_ops_create(chain), "post-ops");
    for (PostOp op : after) {
      check(
          switch (op) {
            case SUM -> dnnl_post_ops_append_sum(chain, 1);
            case RELU -> dnnl_post_ops_append_eltwise(chain, 1, dnnl_eltwise_relu, 0, 0);
            case RELU6 -> dnnl_post_ops_append_eltwise(chain, 1, dnnl_eltwise_clip_v2, 0, 6);
          },
          "a post-op");
    }
    check(dnnl_primitive_attr_set_post_ops(attributes, chain), "post-ops");
    dnnl_post_ops_destroy(chain);
    return attributes;
  }

  /**
   * Makes a primitive.
   *
   * @param arguments oneDNN's numbers of its arguments, in the order in which their addresses will
   *     be given
   */
  OneDnnPrimitive primitive(Description description, int... arguments) {
    OneDnnPrimitive primitive = new OneDnnPrimitive(this, description, arguments);
    owned.push(primitive::close);
    return primitive;
  }

  dnnl_engine engine() {
    return engine;
  }

  dnnl_stream stream() {
    return stream;
  }

  /** Grows the scratch memory that primitives take turns to use. */
  void needScratchpad(long bytes) {
    if (bytes > scratchpad.bytes()) {
      scratchpad.close();
      scratchpad = new NativeMemory(bytes);
    }
  }

  long scratchpad() {
    return scratchpad.address();
  }

  /** Grows the memory for one weight, gradient or map on its way. */
  void needTransit(long bytes) {
    if (bytes > transit.bytes()) {
      transit.close();
      transit = new NativeMemory(bytes);
    }
  }

  /** Where one weight, gradient or map may lie between two calls. */
  NativeMemory transit() {
    return transit;
  }

  /** Grows the memory for one weight in the layout of the operation that runs next. */
  void needPacked(long bytes) {
    if (bytes > packed.bytes()) {
      packed.close();
      packed = new NativeMemory(bytes);
    }
  }

  /**
   * Where the weight of one operation lies while it runs: copies kept would be stale every step.
   */
  NativeMemory packed() {
    return packed;
  }

  static void check(int status, String what) {
    if (status != dnnl_success) {
      throw new NasException(
          "oneDNN refused "
              + what
              + " (status "
              + status
              + ").\nMaybe set -D"
              + KernelChoice.PROPERTY
              + "=nd4j and report this.");
    }
  }

  @Override
  public void close() {
    // Youngest first: primitives before their descriptions.
    while (!owned.isEmpty()) {
      owned.pop().run();
    }
    dnnl_stream_destroy(stream);
    dnnl_engine_destroy(engine);
    scratchpad.close();
    transit.close();
    packed.close();
  }
}
