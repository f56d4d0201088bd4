package io.ringrift.chaos.scenario;

import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The settings that a fault `config` may give one node: those that nodes compare when they meet.
/// With another, or a value that none of them has, the node would end by itself, and be accused.
final class OddSettings {
  private static final List<String> TIMES =
      List.of("lease_duration", "renew_interval", "raft_election_timeout");
  private static final List<String> ALL =
      Stream.concat(Stream.of("cluster_id", "membership_mode", "consensus_mode"), TIMES.stream())
          .toList();
  private static final List<String> MEMBERSHIPS =
      Stream.of(MembershipMode.values()).map(mode -> mode.name().toLowerCase(Locale.ROOT)).toList();
  private static final Duration LONGEST = Duration.ofHours(1);

  private OddSettings() {}

  /// What is missing is told elsewhere.
  static void check(Fields fields) {
    String setting = fields.scalar("setting").orElse("");
    if (!fields.has("setting") || !fields.has("value")) {
      return;
    }
    String value = fields.scalar("value").orElse("");
    if (!ALL.contains(setting)) {
      fields.invalid("setting", setting, "one of " + String.join(", ", ALL));
    } else if (TIMES.contains(setting)) {
      if (fields.duration("value", LONGEST, LONGEST).isZero()) {
        fields.invalid("value", value, "above 0");
      }
    } else if (setting.equals("consensus_mode")) {
      OtherModes.check(fields, "value");
    } else if (setting.equals("membership_mode")) {
      if (!MEMBERSHIPS.contains(value)) {
        fields.invalid("value", value, "one of " + String.join(", ", MEMBERSHIPS));
      }
    } else if (!value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,39}")) {
      fields.invalid(
          "value", value, "1 to 40 of A-Z a-z 0-9 . _ -, beginning with a letter or digit");
    }
  }
}
