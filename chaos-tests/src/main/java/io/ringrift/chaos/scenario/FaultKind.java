package io.ringrift.chaos.scenario;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// What can be done to a cluster. Every fault ends by itself after its `for`.
@SuppressWarnings("ImmutableEnumChecker") // its collections are unmodifiable copies
public enum FaultKind {
  /// Nothing passes from `targets` to `to`, nor back unless `one_way`.
  CUT(List.of("targets", "to"), List.of("one_way")),
  /// `targets` and the rest do not hear each other; or as many equal parts.
  SPLIT(List.of(), List.of("targets", "parts")),
  /// `targets` hear nobody and nobody hears them, each alone.
  ISOLATE(List.of("targets"), List.of()),
  /// Two halves hear `targets` and not each other.
  BRIDGE(List.of("targets"), List.of()),
  /// Each node hears its two neighbours alone.
  RING(List.of(), List.of()),
  /// `targets` are isolated and joined again, a change in each `every`.
  FLAP(List.of("targets", "every"), List.of()),
  /// What goes from `targets` to `to` and back comes `delay` later, and up to `jitter` more.
  DELAY(List.of("targets", "to", "delay"), List.of("jitter")),
  /// That part of what passes is lost: datagrams for good, pieces of streams until sent again.
  LOSS(List.of("targets", "to", "percent"), List.of()),
  /// Connections are reset, and each new one too.
  RESET(List.of("targets", "to"), List.of()),
  /// That part of the pieces of a stream is forwarded by half, and the connection reset.
  TRUNCATE(List.of("targets", "to", "percent"), List.of()),
  /// That part of all datagrams comes twice, and of all requests with one message: TCP itself
  /// leaves copies of its own out.
  DUPLICATE(List.of("targets", "to", "percent"), List.of()),
  /// That part of all datagrams, and of what requests say, is held until others have overtaken it,
  /// for `delay` at most. What one call says keeps its order, as HTTP/2 promises.
  REORDER(List.of("targets", "to", "percent"), List.of("delay")),
  /// SIGKILL; started again at the end.
  KILL(List.of("targets"), List.of()),
  /// SIGSTOP; SIGCONT at the end.
  PAUSE(List.of("targets"), List.of()),
  /// SIGTERM and a start, one node behind the other; all at once unless `rolling`.
  RESTART(List.of("targets"), List.of("rolling")),
  /// SIGKILL; started again at the end with an empty state folder.
  WIPE(List.of("targets"), List.of()),
  /// SIGKILL; started again at the end with its state folder as it was at the beginning of the
  /// fault.
  STALE(List.of("targets"), List.of()),
  /// SIGKILL, bytes of `file` flipped; started again at the end.
  CORRUPT(List.of("targets", "file"), List.of()),
  /// Started again with `setting` at `value`, and as before at the end.
  CONFIG(List.of("targets", "setting", "value"), List.of()),
  /// Each fsync takes `delay` longer.
  SLOW_DISK(List.of("targets", "delay"), List.of()),
  /// The disk of the state folder has no room.
  FULL_DISK(List.of("targets"), List.of()),
  /// The operator changes the mode of consensus to `mode`; may be refused.
  SWITCH_MODE(List.of("mode"), List.of()),
  /// The operator takes `targets` out of the voters; they stay out at the end.
  REMOVE_VOTER(List.of("targets"), List.of()),
  /// The operator makes `targets` voters; they stay voters at the end.
  ADD_VOTER(List.of("targets"), List.of()),
  /// A client sends frames that are too long, cut short, garbage or nothing to every port.
  HOSTILE(List.of("targets"), List.of()),
  /// A client sends what is far longer than a node takes, whole, to every port, and asks each port
  /// afterwards.
  OVERSIZED(List.of("targets"), List.of()),
  /// A client orders in the name of former leaders, of the present one in an epoch that nobody can
  /// have, and of others in the present epoch and the next.
  FORGE(List.of("targets"), List.of()),
  /// All clocks go at another rate, in thousandths more than true time. A real node is started with
  /// them, and with true ones at the end.
  CLOCK(List.of("targets", "rate"), List.of()),
  /// The wall clock goes ahead `by` so much at once, or as far `behind`, and back at the end.
  CLOCK_JUMP(List.of("targets", "by"), List.of("behind"));

  private final List<String> needed;
  private final Set<String> fields;

  FaultKind(List<String> needed, List<String> more) {
    this.needed = List.copyOf(needed);
    this.fields =
        Set.copyOf(
            Stream.of(List.of("kind", "at", "for"), needed, more).flatMap(List::stream).toList());
  }

  /// Whether it ends with the start of a process.
  boolean starts() {
    return switch (this) {
      case KILL, RESTART, WIPE, STALE, CORRUPT, CONFIG, CLOCK -> true;
      case CUT, SPLIT, ISOLATE, BRIDGE, RING, FLAP -> false;
      case DELAY, LOSS, RESET, TRUNCATE, DUPLICATE, REORDER -> false;
      case PAUSE, SLOW_DISK, FULL_DISK, CLOCK_JUMP -> false;
      case SWITCH_MODE, REMOVE_VOTER, ADD_VOTER -> false;
      case HOSTILE, OVERSIZED, FORGE -> false;
    };
  }

  List<String> needed() {
    return needed;
  }

  Set<String> fields() {
    return fields;
  }

  /// As files write it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
