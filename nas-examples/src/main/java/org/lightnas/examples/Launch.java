package org.lightnas.examples;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs the main class of an example in a JVM of its own; called by Maven, inside Maven's JVM. What
 * needs the own JVM can only be set at its start: heap, off-heap limit, and for benchmarks the
 * environment of native libraries, which their other processes inherit (a program that is a single
 * process sets its own: {@link org.lightnas.NativeTuning}). The program works in the directory
 * where Maven was started and shares Maven's console; its exit code becomes Maven's.
 *
 * <p>Every {@code -Dkey=value} of Maven's command line becomes a system property of the program, so
 * that no POM lists the keys. Maven has made system properties of them, between its own: the
 * <em>keys</em> are found in the command line, which Maven's start script hands on without its
 * quotes; the <em>values</em>, which may hold anything, are looked up.
 */
public final class Launch {

  private static final Pattern ENVIRONMENT = Pattern.compile("([A-Z][A-Z_]*)=(.*)");
  private static final Pattern DEFINITION =
      Pattern.compile("(?<![^\\s\"'])(?:-D|--define)[\\s=]*([^\\s=\"']+)");

  private Launch() {}

  /**
   * Starts the program and waits for its end.
   *
   * @param args settings of the environment ({@code NAME=value}) and options of the JVM ({@code
   *     -Xmx2g}), then the main class, then its arguments
   * @throws IOException if the JVM cannot be started
   * @throws InterruptedException if the wait is interrupted; the program is ended then
   */
  public static void main(String... args) throws IOException, InterruptedException {
    int exitCode;
    try {
      exitCode = run(command(List.of(args), userProperties(mavenCommandLine())).inheritIO());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      exitCode = 2;
    }
    if (exitCode != 0) {
      // Not an exception: Maven's stack trace would bury the program's own last words.
      System.exit(exitCode);
    }
  }

  private static int run(ProcessBuilder command) throws IOException, InterruptedException {
    Process program = command.start();
    // Whoever ends Maven ends the program.
    Runtime.getRuntime().addShutdownHook(new Thread(program::destroy, "end of the program"));
    try {
      return program.waitFor();
    } finally {
      program.destroy();
    }
  }

  /** The command for {@code args} as in {@link #main}, with system properties added. */
  static ProcessBuilder command(List<String> args, Map<String, String> properties) {
    ProcessBuilder builder = new ProcessBuilder();
    List<String> command = builder.command();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    int next = 0;
    for (; next < args.size(); next++) {
      Matcher setting = ENVIRONMENT.matcher(args.get(next));
      if (setting.matches()) {
        builder.environment().put(setting.group(1), setting.group(2));
      } else if (args.get(next).startsWith("-")) {
        command.add(args.get(next));
      } else {
        break;
      }
    }
    // After the options: of two definitions of a property the JVM takes the last.
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    checkArgument(next < args.size(), "No main class among the arguments %s.", args);
    checkExists(args.get(next));
    command.add("-classpath");
    command.add(classPath());
    command.addAll(args.subList(next, args.size()));
    return builder;
  }

  private static void checkExists(String mainClass) {
    try {
      Class.forName(mainClass, false, Launch.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          "There is no program "
              + mainClass
              + ".\nMaybe name one with -Dbench=NAME, as it is written in nas-examples.",
          e);
    }
  }

  /** The class path of this class: that of Maven's plugin, or of the JVM in a test. */
  private static String classPath() {
    if (!(Launch.class.getClassLoader() instanceof URLClassLoader loader)) {
      return System.getProperty("java.class.path");
    }
    List<String> files = new ArrayList<>();
    for (URL url : loader.getURLs()) {
      try {
        files.add(Path.of(url.toURI()).toString());
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException("'" + url + "' on the class path is no file.", e);
      }
    }
    return String.join(File.pathSeparator, files);
  }

  /** What was given to Maven; without its start script (in an IDE), what its JVM was given. */
  private static String mavenCommandLine() {
    String scripts = System.getenv("MAVEN_CMD_LINE_ARGS");
    return scripts != null
        ? scripts
        : String.join(" ", ProcessHandle.current().info().arguments().orElse(new String[0]));
  }

  /**
   * The system properties that {@code commandLine} defines, with their present values, in order.
   *
   * @param commandLine arguments separated by spaces, with or without quotes; {@code -Dkey=value},
   *     {@code -D key=value}, {@code -Dkey}, {@code --define key=value}
   */
  static Map<String, String> userProperties(String commandLine) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (Matcher definition = DEFINITION.matcher(commandLine); definition.find(); ) {
      String key = definition.group(1);
      String value = System.getProperty(key);
      if (value != null) { // else it is part of another's value
        properties.put(key, value);
      }
    }
    return properties;
  }
}
