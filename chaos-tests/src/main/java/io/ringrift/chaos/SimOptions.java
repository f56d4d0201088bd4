package io.ringrift.chaos;

import io.ringrift.chaos.sim.SideCells;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.gossip.GossipCell;
import io.ringrift.kernel.membership.http.MembershipCell;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// What both commands ask for.
final class SimOptions {
  enum Preset {
    LOCAL,
    LAN,
    WAN;

    Timing timing() {
      return switch (this) {
        case LOCAL -> Timing.local();
        case LAN -> Timing.lan();
        case WAN -> Timing.wan();
      };
    }
  }

  @Option(names = "--nodes", defaultValue = "5", description = "Voters (default: 5).")
  int nodes;

  @Option(
      names = "--virtual",
      defaultValue = "1h",
      converter = Span.class,
      description = "Virtual time under faults per seed: 90s, 10m, 1h (default: 1h).")
  Duration virtual = Duration.ofHours(1);

  @Option(
      names = "--timing",
      defaultValue = "LAN",
      description = "Timing preset: local, lan or wan (default: lan).")
  Preset timing = Preset.LAN;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  SimConfig config(long seed) {
    return SimConfig.of(seed, nodes, virtual, timing.timing(), BullyCell.protocol())
        .beside(new SideCells(MembershipCell.protocol(), GossipCell.protocol()));
  }

  /// Refuses what no simulation can be made of.
  void check() {
    if (nodes < 1 || nodes > SimConfig.MOST_NODES) {
      throw new ParameterException(
          spec.commandLine(),
          "--nodes is %d but must be 1 to %d".formatted(nodes, SimConfig.MOST_NODES));
    }
  }

  /// The same options as text, for a command to copy.
  String text() {
    return "--nodes %d --virtual %ds --timing %s".formatted(nodes, virtual.toSeconds(), timing());
  }

  /// The preset's name as files have it.
  String timing() {
    return timing.name().toLowerCase(Locale.ROOT);
  }

  /// Reads `90s`, `10m`, `1h` and sums such as `1h30m`.
  static final class Span implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        var span = Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
        if (span.compareTo(Duration.ofSeconds(1)) >= 0 && span.compareTo(Duration.ofDays(7)) <= 0) {
          return span;
        }
      } catch (java.time.format.DateTimeParseException e) {
        throw new TypeConversionException(rule(text) + ": " + e.getMessage());
      }
      throw new TypeConversionException(rule(text));
    }

    private static String rule(String text) {
      return "'" + text + "' must be a span of 1s to 168h, such as 90s, 10m or 1h30m";
    }
  }
}
