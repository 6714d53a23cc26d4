package org.lightnas.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How wide text will be, without asking a font: a page must come out the same on every machine, and
 * the reader's font is unknown. The widths are those of a wide sans-serif face, so that labels laid
 * out by them have room in any usual one.
 */
final class TextSize {

  private static final String NARROW = "iIjl|!.,:;'`";
  private static final String SLIM = "frtJ()[]{}/\\-\" ";
  private static final String BROAD = "mwMW@%—…";
  private static final String ELLIPSIS = "…";

  private TextSize() {}

  /** In pixels; not less than what a usual sans-serif face of this size needs. */
  static double width(String text, double fontSize) {
    return text.codePoints().mapToDouble(TextSize::ems).sum() * fontSize;
  }

  /** Of the widest one; 0 of none. */
  static double widest(Collection<String> texts, double fontSize) {
    return texts.stream().mapToDouble(text -> width(text, fontSize)).max().orElse(0);
  }

  /** The text, or as much of its start as fits, with an ellipsis. */
  static String fit(String text, double maxWidth, double fontSize) {
    if (width(text, fontSize) <= maxWidth) {
      return text;
    }
    StringBuilder kept = new StringBuilder();
    double room = maxWidth - width(ELLIPSIS, fontSize);
    for (int codePoint : text.codePoints().toArray()) {
      room -= ems(codePoint) * fontSize;
      if (room < 0) {
        break;
      }
      kept.appendCodePoint(codePoint);
    }
    return kept.toString().stripTrailing() + ELLIPSIS;
  }

  /** Lines no wider than asked, broken at spaces; a word too long for a line is cut. */
  static List<String> wrap(String text, double maxWidth, double fontSize) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : text.strip().split("\\s+")) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (!line.isEmpty() && width(longer, fontSize) > maxWidth) {
        lines.add(fit(line, maxWidth, fontSize));
        line = word;
      } else {
        line = longer;
      }
    }
    lines.add(fit(line, maxWidth, fontSize));
    return lines;
  }

  private static double ems(int codePoint) {
    if (NARROW.indexOf(codePoint) >= 0) {
      return 0.34;
    }
    if (SLIM.indexOf(codePoint) >= 0) {
      return 0.41;
    }
    if (BROAD.indexOf(codePoint) >= 0) {
      return 0.98;
    }
    if (codePoint >= 0x2e80) {
      return 1.1; // ideographs, emoji
    }
    return Character.isUpperCase(codePoint) ? 0.72 : 0.63;
  }
}
