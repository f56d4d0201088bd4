package io.ringrift.chaos.scenario;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The two modes of consensus that a run does not have, as its file names them before it is known:
/// `other`, with a log of its own, and `another`.
@Pure
public final class OtherModes {
  /// As files write them.
  private static final List<String> WORDS = List.of("other", "another");

  private static final String SETTING = "consensus_mode";

  private OtherModes() {}

  /// Notes a mode that neither has a name nor is one of these two.
  static void check(Fields fields, String field) {
    String word = fields.scalar(field).orElse("");
    var words =
        Stream.concat(
                Stream.of(ConsensusMode.values()).map(mode -> mode.name().toLowerCase(Locale.ROOT)),
                WORDS.stream())
            .toList();
    if (!words.contains(word)) {
      fields.invalid(field, word, "one of " + String.join(", ", words));
    }
  }

  /// The fault in a run of that mode.
  public static FaultSpec of(FaultSpec fault, ConsensusMode mode) {
    var options = new HashMap<>(fault.options());
    options.computeIfPresent("mode", (_, word) -> named(word, mode));
    if (fault.text("setting").equals(SETTING)) {
      options.computeIfPresent("value", (_, word) -> named(word, mode));
    }
    return new FaultSpec(
        fault.kind(), fault.at(), fault.lasting(), fault.targets(), fault.to(), options);
  }

  private static String named(String word, ConsensusMode mode) {
    int index = WORDS.indexOf(word);
    return index < 0 ? word : others(mode).get(index).name().toLowerCase(Locale.ROOT);
  }

  private static List<ConsensusMode> others(ConsensusMode mode) {
    return switch (mode) {
      case BULLY -> List.of(ConsensusMode.RAFT, ConsensusMode.HYBRID);
      case RAFT -> List.of(ConsensusMode.BULLY, ConsensusMode.HYBRID);
      case HYBRID -> List.of(ConsensusMode.BULLY, ConsensusMode.RAFT);
    };
  }
}
