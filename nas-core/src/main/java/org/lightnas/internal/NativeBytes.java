package org.lightnas.internal;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Structure;
import java.util.List;
import java.util.OptionalLong;

/**
 * What this process has taken from {@code malloc} and not given back, to the byte. ND4J's arrays
 * are counted nowhere else, and resident memory stays with the allocator when they are freed.
 */
public final class NativeBytes {

  private NativeBytes() {}

  /** {@code struct mallinfo2}; JNA wants its fields public. */
  public static final class Info extends Structure implements Structure.ByValue {
    public long arena;
    public long ordblks;
    public long smblks;
    public long hblks;
    public long hblkhd;
    public long usmblks;
    public long fsmblks;
    public long uordblks;
    public long fordblks;
    public long keepcost;

    @Override
    protected List<String> getFieldOrder() {
      return List.of(
          "arena",
          "ordblks",
          "smblks",
          "hblks",
          "hblkhd",
          "usmblks",
          "fsmblks",
          "uordblks",
          "fordblks",
          "keepcost");
    }
  }

  /** Bytes in use; nothing where the C library does not tell (glibc does, since 2.33). */
  public static OptionalLong live() {
    try {
      Info info =
          (Info)
              NativeLibrary.getProcess().getFunction("mallinfo2").invoke(Info.class, new Object[0]);
      return OptionalLong.of(info.uordblks + info.hblkhd);
    } catch (LinkageError e) {
      return OptionalLong.empty();
    }
  }
}
