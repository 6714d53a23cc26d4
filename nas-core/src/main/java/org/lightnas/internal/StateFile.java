package org.lightnas.internal;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;

/**
 * The state of a long run between two steps. As a file, all numbers big-endian:
 *
 * <pre>
 * 8 bytes   "LightNAS"
 * int       format, 1
 * int       length of the header
 * header    JSON in UTF-8: run, position, tensors (name to number of values)
 * float...  the tensors' values, in the header's order
 * long      CRC-32 of all bytes before
 * </pre>
 *
 * @param file where it is, or is to be
 * @param run what decides the result, by name; only the same run can go on from here
 * @param position how far it is: a record that Jackson writes and reads
 * @param tensors by name; float32 values
 * @param <P> the type of the position
 */
public record StateFile<P>(
    Path file, Map<String, String> run, P position, Map<String, double[]> tensors) {

  private static final byte[] MAGIC = "LightNAS".getBytes(StandardCharsets.US_ASCII);
  private static final int FORMAT = 1;

  /** Magic, format, length of the header. */
  private static final int PREFIX = 16;

  /** Nothing is null unless its record says so with {@code @JsonSetter}. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
          .build();

  private static final int REASON_SHOWN = 200;

  private static final String DELETE = "delete it to begin anew, or put back a copy.";

  /**
   * Writes it, whole or not at all.
   *
   * @throws CheckpointException if the disk does not take it, or a value is not finite; what was
   *     there before is then untouched
   */
  public void write() {
    tensors.forEach(this::requireFinite);
    ObjectNode root = MAPPER.createObjectNode();
    root.set("run", MAPPER.valueToTree(run));
    root.set("position", MAPPER.valueToTree(position));
    ObjectNode sizes = root.putObject("tensors");
    tensors.forEach((name, values) -> sizes.put(name, values.length));
    byte[] header = root.toString().getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFile.write(
          file,
          stream -> {
            CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
            DataOutputStream out = new DataOutputStream(checked);
            out.write(MAGIC);
            out.writeInt(FORMAT);
            out.writeInt(header.length);
            out.write(header);
            for (double[] values : tensors.values()) {
              ByteBuffer floats = ByteBuffer.allocate(Float.BYTES * values.length);
              for (double value : values) {
                floats.putFloat((float) value);
              }
              out.write(floats.array());
            }
            out.writeLong(checked.getChecksum().getValue());
          });
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** What went too far must not replace the last state from which a run can go on. */
  private void requireFinite(String name, double[] values) {
    for (double value : values) {
      if (!Float.isFinite((float) value)) {
        throw new CheckpointException(
            file,
            "was not written, because '" + name + "' holds " + value + ".",
            "lower the learning rate.",
            null);
      }
    }
  }

  /**
   * Reads one. Takes no more memory than a few times the file's length, whatever it holds.
   *
   * @param type of the position
   * @throws CheckpointException if it cannot be read, is damaged, or of a newer format
   */
  public static <P> StateFile<P> read(Path file, Class<P> type) {
    byte[] bytes;
    try {
      requireRoom(file, Files.size(file));
      bytes = AtomicFile.read(file);
    } catch (IOException e) {
      throw new CheckpointException(
          file, "cannot be read: " + e.getMessage() + ".", "check the rights of the file.", e);
    }
    ByteBuffer content = ByteBuffer.wrap(bytes);
    for (byte letter : MAGIC) {
      if (!content.hasRemaining() || content.get() != letter) {
        throw new CheckpointException(
            file,
            "does not begin as a checkpoint does.",
            "it is another file; choose another folder.",
            null);
      }
    }
    if (bytes.length < PREFIX + Long.BYTES) {
      throw damaged(file, "holds " + bytes.length + " bytes, too few for any", null);
    }
    int format = content.getInt();
    if (format > FORMAT) {
      throw new CheckpointException(
          file,
          "is of format " + format + "; this version of the library reads up to " + FORMAT + ".",
          "use the version that wrote it.",
          null);
    }
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, bytes.length - Long.BYTES);
    if (crc.getValue() != content.getLong(bytes.length - Long.BYTES)) {
      throw damaged(file, "does not have the checksum it was written with", null);
    }
    if (format < 1) {
      throw damaged(file, "is of format " + format, null);
    }
    int length = content.getInt();
    content.limit(bytes.length - Long.BYTES);
    if (length < 0 || length > content.remaining()) {
      throw damaged(file, "has no room for a header of " + length + " bytes", null);
    }
    String header = new String(bytes, PREFIX, length, StandardCharsets.UTF_8);
    content.position(PREFIX + length);
    return read(file, type, header, content);
  }

  /** Beyond this the VM would end in an {@link OutOfMemoryError}, whatever the file holds. */
  private static void requireRoom(Path file, long size) {
    long most = Math.min(Runtime.getRuntime().maxMemory(), Integer.MAX_VALUE - Long.BYTES);
    if (size > most) {
      throw new CheckpointException(
          file,
          "holds " + size + " bytes, but at most " + most + " can be read.",
          "it is another file, or Java needs a larger heap (-Xmx).",
          null);
    }
  }

  /**
   * Goes on from the position.
   *
   * @param from refuses a position that this run cannot be in with an {@link
   *     IllegalArgumentException}
   * @throws CheckpointException if it does
   */
  public void goOn(Consumer<? super P> from) {
    try {
      from.accept(position);
    } catch (IllegalArgumentException e) {
      throw damaged(file, "holds a state that this run is never in (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Checks that it is a state of this run.
   *
   * @param now what decides the result of this run, by name
   * @param kind of run, for the message: "training"
   * @throws CheckpointException naming all that differs
   */
  public void requireRun(Map<String, String> now, String kind) {
    Set<String> names = new LinkedHashSet<>(now.keySet());
    names.addAll(run.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String was = run.getOrDefault(name, "unknown");
      String is = now.getOrDefault(name, "unknown");
      if (!was.equals(is)) {
        differences.add(name + " was " + was + " and is " + is);
      }
    }
    if (!differences.isEmpty()) {
      throw new CheckpointException(
          file,
          "is of another " + kind + ": " + String.join(", ", differences) + ".",
          "choose another folder, or ask for the same as then.",
          null);
    }
  }

  /**
   * Checks that a step lies in a run of so many steps.
   *
   * @throws CheckpointException if not
   */
  public void requireWithin(long step, long total) {
    if (step < 0 || step > total) {
      throw damaged(file, "stands at step " + step + " of " + total, null);
    }
  }

  private static <P> StateFile<P> read(
      Path file, Class<P> type, String header, ByteBuffer content) {
    try {
      JsonNode root = MAPPER.readTree(header);
      Map<String, String> run =
          MAPPER.treeToValue(
              root.path("run"), new TypeReference<LinkedHashMap<String, String>>() {});
      P position = MAPPER.treeToValue(root.path("position"), type);
      Map<String, Long> sizes =
          MAPPER.treeToValue(
              root.path("tensors"), new TypeReference<LinkedHashMap<String, Long>>() {});
      if (run == null || position == null || sizes == null) {
        throw damaged(file, "lacks a part of its header", null);
      }
      Map<String, double[]> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, Long> entry : sizes.entrySet()) {
        tensors.put(entry.getKey(), take(file, entry.getKey(), entry.getValue(), content));
      }
      if (content.hasRemaining()) {
        throw damaged(file, "holds " + content.remaining() + " bytes more than it names", null);
      }
      return new StateFile<>(file, run, position, tensors);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw damaged(file, "has a header that cannot be read (" + reason(e) + ")", e);
    }
  }

  /** What a record says of its values is clearer than what Jackson makes of it. */
  private static String reason(Exception e) {
    Throwable cause = e instanceof ValueInstantiationException ? e.getCause() : e;
    String reason =
        cause instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : String.valueOf(cause == null ? e : cause.getMessage());
    return reason.length() <= REASON_SHOWN ? reason : reason.substring(0, REASON_SHOWN) + "…";
  }

  private static double[] take(Path file, String name, long size, ByteBuffer content) {
    if (size < 0 || size > content.remaining() / Float.BYTES) {
      throw damaged(file, "has no room for the " + size + " values of '" + name + "'", null);
    }
    double[] values = new double[(int) size];
    for (int i = 0; i < values.length; i++) {
      values[i] = content.getFloat();
      if (!Double.isFinite(values[i])) {
        throw damaged(file, "holds " + values[i] + " among the values of '" + name + "'", null);
      }
    }
    return values;
  }

  /** Whether there is a tensor of this name. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The values of a tensor.
   *
   * @throws CheckpointException if it is missing or of another size
   */
  public double[] take(String name, long size) {
    double[] data = tensors.get(name);
    if (data == null || data.length != size) {
      throw damaged(
          file,
          "holds "
              + (data == null ? "no" : data.length)
              + " values of '"
              + name
              + "' instead of "
              + size,
          null);
    }
    return data;
  }

  /** For a file that the disk does not take. */
  public static CheckpointException unwritable(Path file, IOException e) {
    Throwable reason = e.getCause() == null ? e : e.getCause();
    return new CheckpointException(
        file,
        "cannot be written: " + reason + ".",
        "choose another folder, or make room on the disk.",
        e);
  }

  private static CheckpointException damaged(Path file, String problem, @Nullable Throwable cause) {
    return new CheckpointException(file, problem + ": it is damaged.", DELETE, cause);
  }
}
