package org.lightnas.examples;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.SinceTree;
import com.sun.source.doctree.StartElementTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code docs/API.md}, a line for every public type: {@code mvn -q -Pquickstart
 * -Dexample=ApiPage} in the project's folder. Sources are parsed by javac and not compiled.
 */
public final class ApiPage {

  /** Public to our modules, promised to nobody. */
  private static final Set<String> OURS =
      Set.of("org.lightnas.engine", "org.lightnas.graph", "org.lightnas.internal");

  private static final List<String> MODULES =
      List.of("nas-core", "nas-predictors", "nas-search", "nas-compress");

  /**
   * A public type.
   *
   * @param name with those of the types around it
   * @param kind class, record, interface or enum
   * @param first sentence of its javadoc, as Markdown
   * @param since as its javadoc has it; null if it has none
   */
  record Type(
      String module, String pack, String name, String kind, String first, @Nullable String since) {}

  private final Map<String, String> packages = new TreeMap<>();
  private final List<Type> types = new ArrayList<>();

  /**
   * Reads the sources of all modules.
   *
   * @param root the project's folder
   */
  ApiPage(Path root) throws IOException {
    for (String module : MODULES) {
      read(module, root.resolve(module).resolve("src/main/java"));
    }
  }

  /** Writes the page of the project in the current folder. */
  public static void main(String... args) throws IOException {
    Path root = Path.of("");
    Path page = root.resolve("docs/API.md");
    Files.writeString(page, new ApiPage(root).text());
    System.out.println(page + " is written.");
  }

  private void read(String module, Path sources) throws IOException {
    List<File> files;
    try (Stream<Path> all = Files.walk(sources)) {
      files = all.filter(file -> file.toString().endsWith(".java")).map(Path::toFile).toList();
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromFiles(files));
      DocTrees docs = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        String pack = String.valueOf(unit.getPackageName());
        if (OURS.contains(pack)) {
          continue;
        }
        TreePath path = new TreePath(unit);
        if (unit.getTypeDecls().isEmpty()) {
          packages.put(
              pack, sentence(docs.getDocCommentTree(new TreePath(path, unit.getPackage()))));
        }
        for (Tree type : unit.getTypeDecls()) {
          read(module, pack, "", new TreePath(path, type), docs, false);
        }
      }
    }
  }

  private void read(
      String module, String pack, String around, TreePath path, DocTrees docs, boolean open) {
    if (!(path.getLeaf() instanceof ClassTree type)
        || !(open || type.getModifiers().getFlags().contains(Modifier.PUBLIC))) {
      return;
    }
    String name = around + type.getSimpleName();
    DocCommentTree comment = docs.getDocCommentTree(path);
    types.add(new Type(module, pack, name, kind(type), sentence(comment), since(comment)));
    // Whatever is declared in an interface is public without saying so.
    boolean inside = type.getKind() == Tree.Kind.INTERFACE;
    for (Tree member : type.getMembers()) {
      read(module, pack, name + ".", new TreePath(path, member), docs, inside);
    }
  }

  private static String kind(ClassTree type) {
    return type.getKind().name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable String since(@Nullable DocCommentTree comment) {
    return comment == null
        ? null
        : comment.getBlockTags().stream()
            .filter(SinceTree.class::isInstance)
            .map(tag -> markdown(((SinceTree) tag).getBody()))
            .findFirst()
            .orElse(null);
  }

  private static String sentence(@Nullable DocCommentTree comment) {
    if (comment == null) {
      return "";
    }
    // A list or an example that belongs to the sentence is left out.
    List<? extends DocTree> parts =
        comment.getFirstSentence().stream().takeWhile(part -> !beginsBlock(part)).toList();
    return markdown(parts).replaceAll("\\s+", " ").replaceAll(":$", ".");
  }

  private static boolean beginsBlock(DocTree part) {
    return part instanceof StartElementTree start
        && Set.of("ul", "ol", "pre").contains(start.getName().toString());
  }

  private static String markdown(List<? extends DocTree> parts) {
    return parts.stream().map(ApiPage::markdown).collect(Collectors.joining()).strip();
  }

  private static String markdown(DocTree part) {
    if (part instanceof TextTree text) {
      return text.getBody();
    } else if (part instanceof LiteralTree literal) {
      return "`" + literal.getBody().getBody() + "`";
    } else if (part instanceof LinkTree link) {
      String signature = link.getReference().getSignature();
      return link.getLabel().isEmpty()
          ? "`" + signature.replaceAll("^#|([\\w]+\\.)*(?=[A-Z])", "").replace('#', '.') + "`"
          : markdown(link.getLabel());
    } else if (part instanceof EntityTree) {
      return part.toString();
    }
    return ""; // HTML
  }

  /** All public types of the API, in the order of their files. */
  List<Type> types() {
    return List.copyOf(types);
  }

  /** The page. */
  String text() {
    StringBuilder page =
        new StringBuilder(
            """
            # API

            Every public type with the first sentence of its javadoc. Generated: `mvn -q -Pquickstart -Dexample=ApiPage` writes this page,
            and a test fails when it is out of date. Packages `engine`, `graph` and `internal` of nas-core are public to our modules only
            and promise nothing; a test watches that nothing here mentions them.
            """);
    packages.forEach(
        (pack, about) -> {
          List<Type> held =
              types.stream()
                  .filter(type -> type.pack().equals(pack))
                  .sorted((a, b) -> a.name().compareTo(b.name()))
                  .toList();
          if (!held.isEmpty()) {
            page.append("\n## `")
                .append(pack)
                .append("` (")
                .append(held.get(0).module())
                .append(")\n\n")
                .append(about)
                .append("\n\n");
            held.forEach(
                type ->
                    page.append("- `")
                        .append(type.name())
                        .append("` (")
                        .append(type.kind())
                        .append("): ")
                        .append(type.first())
                        .append('\n'));
          }
        });
    return page.toString();
  }
}
