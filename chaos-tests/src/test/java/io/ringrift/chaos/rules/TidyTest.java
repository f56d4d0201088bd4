package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Lengths and words (STYLE P20). Each exception stands in a list below with its reason.
final class TidyTest {
  private static final int FILE = 400;
  private static final int LINE = 120;
  private static final int METHOD = 40;

  /// This file names what it bans.
  private static final String SELF = "chaos-tests/src/test/java/io/ringrift/chaos/rules/";

  /// They construct and close, from top to bottom, and decide nothing (STYLE P21).
  private static final Set<String> COMPOSITION =
      Set.of(
          "node/src/main/java/io/ringrift/node/NodeAssembly.java",
          "node/src/main/java/io/ringrift/node/NodeManagers.java");

  private record Ban(String word, String instead, Set<String> allowed) {}

  private static final List<Ban> BANS =
      List.of(
          // The one clock; the command line measures what it shows people.
          new Ban(
              "System.nanoTime(",
              "a Moment handed in, or a Ticker in a shell",
              Set.of(
                  "kernel/src/main/java/io/ringrift/kernel/time/Ticker.java",
                  "node/src/main/java/io/ringrift/node/cli/",
                  "node/src/main/java/io/ringrift/node/client/",
                  "node/src/main/java/io/ringrift/node/local/",
                  "benchmarks/")),
          new Ban("System.currentTimeMillis(", "a Moment, or an Instant for people", Set.of()),
          // A generator with a fixed seed in a test is chance that replays.
          new Ban("new Random(", "a seeded SplittableRandom handed in", Set.of("/src/test/")),
          new Ban("Math.random(", "a seeded SplittableRandom handed in", Set.of()),
          // Programs that talk to people.
          new Ban(
              "System.out",
              "the log, or the command's own writer",
              Set.of("node/src/main/java/io/ringrift/node/cli/", "workloads/src/", "benchmarks/")),
          new Ban(".printStackTrace(", "the log", Set.of()),
          new Ban(
              "Thread.sleep(",
              "Awaitility in tests, a Ticker or a wait in shells",
              Set.of(
                  "node/src/main/java/io/ringrift/node/cli/",
                  "node/src/main/java/io/ringrift/node/local/")),
          new Ban("SECONDS.sleep(", "a park or a wait that can be ended", Set.of()),
          new Ban("@Disabled", "a test that runs, or none", Set.of()),
          new Ban("FIXME", "fix it before merging", Set.of()),
          new Ban("TODO", "do it, or open an issue", Set.of()),
          new Ban("org.mockito", "a fake by hand (STYLE P22)", Set.of()));

  private static final Map<String, Integer> LONG_FILES =
      Map.of(
          // All step tests of one core; its scenarios already live beside it.
          "kernel/src/test/java/io/ringrift/kernel/membership/http/PollDetectorTest.java", 450);

  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?<![\\w/.}*$-])/(work|root|home)/\\w");

  private static final Pattern METHOD_HEAD =
      Pattern.compile(
          "^ {2,8}(?:@\\w+(?:\\([^)]*\\))? )?[\\w<>\\[\\],.?@& ]*\\b\\w+\\(.*"
              + "|^ {2,8}(?:public |private |protected )?[A-Z]\\w* \\{$");
  private static final Pattern NO_METHOD =
      Pattern.compile(
          "^ *(?:[})]|(?:return|if|for|while|switch|try|catch|else|new|case|do|throw|yield)\\b"
              + "|(?:synchronized|var|this|super)\\b).*"
              + "|.*\\b(?:record|class|interface|enum)\\b.*|.* = .*|.*;|.*\\{}$");

  @Test
  void filesAreAtMost400Lines() {
    assertThat(SourceTree.files(".java", ".proto"))
        .filteredOn(
            file -> SourceTree.lines(file).size() > LONG_FILES.getOrDefault(file, limit(file)))
        .as("longer than the limit: find the second room that hides in it")
        .isEmpty();
  }

  /// Contracts are one file per area, comments included.
  private static int limit(String file) {
    return file.endsWith(".proto") ? 600 : FILE;
  }

  @Test
  void linesAreAtMost120Characters() {
    assertThat(found(SourceTree.files(".java"), (_, line) -> line.length() > LINE)).isEmpty();
  }

  @Test
  void methodsAreAtMost40Lines() {
    var tooLong = new ArrayList<String>();
    for (String file : SourceTree.files(".java")) {
      if (file.contains("/src/main/") && !COMPOSITION.contains(file)) {
        longMethods(file, SourceTree.lines(file), tooLong);
      }
    }
    assertThat(tooLong).isEmpty();
  }

  /// Formatted code closes a method with a brace at the indentation of its head.
  private static void longMethods(String file, List<String> lines, List<String> tooLong) {
    for (int head = 0; head < lines.size(); head++) {
      String line = lines.get(head);
      if (!METHOD_HEAD.matcher(line).matches() || NO_METHOD.matcher(line).matches()) {
        continue;
      }
      int indent = line.length() - line.stripLeading().length();
      String close = " ".repeat(indent) + "}";
      int end = head;
      while (end < lines.size() && !ends(lines.get(end), indent) && !lines.get(end).equals(close)) {
        end++;
      }
      if (end < lines.size() && lines.get(end).equals(close) && end - head > METHOD) {
        tooLong.add("%s:%d %d lines".formatted(file, head + 1, end - head));
      }
    }
  }

  /// A declaration without a body.
  private static boolean ends(String line, int indent) {
    return line.endsWith(";")
        && line.length() - line.stripLeading().length() <= indent + 4
        && line.length() - line.stripLeading().length() != indent + 2;
  }

  @Test
  void bannedWordsHaveBetterOnes() {
    var broken = new ArrayList<String>();
    for (Ban ban : BANS) {
      var files =
          SourceTree.files(".java").stream()
              .filter(file -> !file.startsWith(SELF))
              .filter(file -> ban.allowed().stream().noneMatch(file::contains))
              .toList();
      found(files, (_, line) -> line.contains(ban.word()))
          .forEach(place -> broken.add(place + " — instead: " + ban.instead()));
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void noFileNamesAMachinesOwnPaths() {
    var files =
        SourceTree.files(".java", ".md", ".xml", ".yaml", ".yml", ".sh", ".proto", ".json").stream()
            .filter(file -> !file.startsWith(SELF))
            .toList();
    assertThat(found(files, (_, line) -> MACHINE_PATH.matcher(line).find())).isEmpty();
  }

  /// A class of tests, a test of it, or a test of the class before.
  private static final Pattern CLAIMED =
      Pattern.compile("`(?:([A-Z]\\w*Test)(?:\\.(\\w+))?|([a-z]+[A-Z]\\w*))`");

  @Test
  void everyTestThatClaimsNamesIsThere() {
    var sources = new HashMap<String, String>();
    SourceTree.files(".java").stream()
        .filter(file -> file.contains("/src/test/"))
        .forEach(
            file ->
                sources.put(
                    file.substring(file.lastIndexOf('/') + 1, file.length() - ".java".length()),
                    String.join("\n", SourceTree.lines(file))));
    var missing = new ArrayList<String>();
    var claimed = new AtomicReference<>("");
    CLAIMED
        .matcher(String.join("\n", SourceTree.lines("docs/CLAIMS.md")))
        .results()
        .forEach(
            name -> {
              String test = Objects.toString(name.group(2), Objects.toString(name.group(3), ""));
              if (name.group(1) != null) {
                claimed.set(name.group(1));
              }
              String source = sources.getOrDefault(claimed.get(), "");
              if (source.isEmpty() || !(test.isEmpty() || source.contains("void " + test + "("))) {
                missing.add(claimed.get() + "." + test);
              }
            });
    assertThat(missing).as("named in docs/CLAIMS.md and nowhere else").isEmpty();
  }

  private interface Rule {
    boolean breaks(String file, String line);
  }

  private static List<String> found(List<String> files, Rule rule) {
    return files.stream()
        .flatMap(
            file -> {
              var lines = SourceTree.lines(file);
              return IntStream.range(0, lines.size())
                  .filter(i -> rule.breaks(file, lines.get(i)))
                  .mapToObj(i -> file + ":" + (i + 1) + ": " + lines.get(i).strip());
            })
        .toList();
  }
}
