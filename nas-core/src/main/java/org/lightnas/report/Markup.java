package org.lightnas.report;

/** Text as it may stand inside an element or a quoted attribute, in HTML and in XML alike. */
final class Markup {

  private static final int REPLACEMENT = 0xfffd;

  private Markup() {}

  /** Escaped; characters that XML 1.0 cannot hold become U+FFFD. */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(allowed(c) ? c : REPLACEMENT);
              }
            });
    return safe.toString();
  }

  /** See <a href="https://www.w3.org/TR/xml/#charsets">XML 1.0, 2.2</a>. */
  private static boolean allowed(int codePoint) {
    return codePoint == '\t'
        || codePoint == '\n'
        || codePoint == '\r'
        || (codePoint >= 0x20 && codePoint <= 0xd7ff)
        || (codePoint >= 0xe000 && codePoint <= 0xfffd)
        || codePoint >= 0x10000;
  }
}
