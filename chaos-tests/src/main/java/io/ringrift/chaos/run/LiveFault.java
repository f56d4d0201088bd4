package io.ringrift.chaos.run;

import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What live mode does to a deployment: nothing that the API does not offer, and to one node at
/// most.
public enum LiveFault {
  /// Load alone.
  LOAD("load", false, 0, "no fault"),
  /// The run's own workers stand still until their claims have run out.
  CONSUMERS(
      "consumers", false, 7, "workers of the run that stand still until their claims have run out"),
  /// The leader hands over.
  TRANSFER("transfer", true, 0, "a leader that hands over"),
  /// The leader gives up.
  STEP_DOWN("step-down", true, 0, "a leader that gives up"),
  /// One node that does not lead takes no new jobs for a while.
  DRAIN("drain", true, 10, "a node that takes no new jobs for ten seconds");

  private final String word;
  private final boolean touches;
  private final int seconds;
  private final String told;

  LiveFault(String word, boolean touches, int seconds, String told) {
    this.word = word;
    this.touches = touches;
    this.seconds = seconds;
    this.told = told;
  }

  public String word() {
    return word;
  }

  /// What it is, for people.
  String told() {
    return told;
  }

  /// Whether it does something to a node, and so has to be allowed by name.
  boolean touches() {
    return touches;
  }

  /// How long it lasts; zero for a blow.
  Duration lasting() {
    return Duration.ofSeconds(seconds);
  }

  /// The words of those that need to be allowed.
  static String touching() {
    return Arrays.stream(values())
        .filter(LiveFault::touches)
        .map(LiveFault::word)
        .collect(Collectors.joining(", "));
  }

  /// @throws Refusal INVALID_ARGUMENT with the choices
  static LiveFault of(String field, String word) {
    return find(word)
        .orElseThrow(
            () ->
                Refusal.invalid(
                    field,
                    word,
                    "one of "
                        + words()
                        + ", or all: other scenarios cut links, end processes or damage disks,"
                        + " which live mode cannot and may not"));
  }

  private static Optional<LiveFault> find(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }

  private static List<String> words() {
    return Arrays.stream(values()).map(LiveFault::word).toList();
  }
}
