package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Runs a transcript. Commands: `voters A B C`; `at MS` moves time; `tick A`; `deliver` hands over
/// all messages, in order, until none is left; `cut A`, `mend A`; `propose A text`; `barrier A`;
/// `step-down A`; `transfer A B`; `snapshot A` answers TakeSnapshot.
final class Transcript {
  private record Envelope(NodeId from, NodeId to, Message message) {}

  private final StringBuilder out = new StringBuilder();
  private final TreeMap<NodeId, CoreProbe> cores = new TreeMap<>();
  private final TreeMap<NodeId, LogPosition> applied = new TreeMap<>();
  private final ArrayDeque<Envelope> wire = new ArrayDeque<>();
  private final TreeSet<NodeId> cut = new TreeSet<>();
  private long now;
  private long ticket;

  static String run(String text) {
    var transcript = new Transcript();
    for (String line : text.split("\n", -1)) {
      if (!line.startsWith(">")) {
        transcript.out.append(line).append('\n');
        if (!line.isBlank() && !line.startsWith("#")) {
          transcript.obey(Arrays.asList(line.split(" ")));
        }
      }
    }
    transcript.out.setLength(transcript.out.length() - 1);
    return transcript.out.toString();
  }

  private void obey(List<String> words) {
    switch (words.getFirst()) {
      case "voters" -> words.stream().skip(1).map(NodeId::new).forEach(id -> voter(id, words));
      case "at" -> now = Long.parseLong(words.get(1));
      case "tick" -> step(node(words), new Input.Tick());
      case "deliver" -> deliver();
      case "cut" -> cut.add(node(words));
      case "mend" -> cut.remove(node(words));
      case "propose" ->
          step(node(words), new Input.Propose(++ticket, List.of(CoreProbe.bytes(words.get(2)))));
      case "barrier" -> step(node(words), new Input.Barrier(++ticket));
      case "step-down" -> step(node(words), new Input.StepDown("asked"));
      case "transfer" ->
          step(node(words), new Input.Transfer(++ticket, Optional.of(new NodeId(words.get(2)))));
      case "snapshot" ->
          step(
              node(words),
              new Input.SnapshotTaken(applied.getOrDefault(node(words), LogPosition.START)));
      default -> throw new IllegalArgumentException(words.toString());
    }
  }

  private void voter(NodeId id, List<String> words) {
    Map<NodeId, Integer> voters =
        words.stream().skip(1).collect(Collectors.toMap(NodeId::new, w -> 0));
    cores.put(id, new CoreProbe(CoreProbe.config(id, voters), BullyCore.Recovered.EMPTY));
  }

  private static NodeId node(List<String> words) {
    return new NodeId(words.get(1));
  }

  private void deliver() {
    while (!wire.isEmpty()) {
      Envelope envelope = wire.remove();
      if (!cut.contains(envelope.from()) && !cut.contains(envelope.to())) {
        step(envelope.to(), new Input.Received(envelope.from(), envelope.message()));
      }
    }
  }

  private void step(NodeId id, Input input) {
    CoreProbe core = Objects.requireNonNull(cores.get(id));
    for (Effect effect : core.does(now, input)) {
      out.append("> ").append(id).append(' ').append(told(effect)).append('\n');
      switch (effect) {
        case Effect.Send(var to, var message) -> wire.add(new Envelope(id, to, message));
        case Effect.Replicate(var to, var append) -> wire.add(new Envelope(id, to, append));
        case Effect.SendSnapshot(var to, var epoch) ->
            wire.add(
                new Envelope(
                    id,
                    to,
                    new Message.InstallSnapshot(
                        epoch, applied.getOrDefault(id, LogPosition.START), new byte[0])));
        case Effect.Commit(var entries) -> applied.put(id, entries.getLast().position());
        case Effect.InstallSnapshot(var position, var _) -> applied.put(id, position);
        case Effect.PersistPromise _, Effect.TruncateLog _, Effect.PersistEntries _ -> {}
        case Effect.Announce _, Effect.OpenDuties _, Effect.CloseDuties _ -> {}
        case Effect.Accepted _, Effect.Refused _, Effect.BarrierPassed _ -> {}
        case Effect.Transferred _, Effect.TakeSnapshot _ -> {}
        case Effect.CompactLog _, Effect.Dropped _ -> {}
      }
    }
  }

  private static String told(Effect effect) {
    return switch (effect) {
      case Effect.PersistPromise(var promise, var _) ->
          "stores promise " + promise.epoch() + " to " + promise.grantedTo().orElseThrow();
      case Effect.TruncateLog(var from) -> "truncates from " + from;
      case Effect.PersistEntries(var entries) -> "stores " + told(entries);
      case Effect.InstallSnapshot(var position, var _) -> "installs " + told(position);
      case Effect.Send(var to, var message) -> "to " + to + ": " + told(message);
      case Effect.Replicate(var to, var append) -> "to " + to + ": " + told(append);
      case Effect.SendSnapshot(var to, var epoch) -> "to " + to + ": snapshot in " + epoch;
      case Effect.Commit(var entries) -> "commits " + told(entries);
      case Effect.Announce(var leadership) -> "announces " + told(leadership);
      case Effect.OpenDuties(var epoch) -> "opens duties of " + epoch;
      case Effect.CloseDuties(var epoch, var cause) -> "closes duties of " + epoch + ": " + cause;
      case Effect.Accepted(var ticket, var places) ->
          "accepts " + ticket + " at " + places.stream().map(Transcript::told).toList();
      case Effect.Refused(var ticket, var reason, var _) -> "refuses " + ticket + ": " + reason;
      case Effect.BarrierPassed(var ticket, var index) -> "read " + ticket + " at " + index;
      case Effect.Transferred(var ticket, var target) -> "transfer " + ticket + " to " + target;
      case Effect.TakeSnapshot() -> "wants a snapshot";
      case Effect.CompactLog(var upTo) -> "compacts to " + told(upTo);
      case Effect.Dropped(var entries) -> "drops " + told(entries);
    };
  }

  private static String told(Message message) {
    return switch (message) {
      case Message.PreVote(var epoch, var round, var _, var _) ->
          "would you? " + epoch + " r" + round;
      case Message.PreVoteReply(var epoch, var round, var granted, var outranked, var _) ->
          (granted ? "would " : "would not ")
              + epoch
              + " r"
              + round
              + (outranked ? " after me" : "");
      case Message.LeaseRequest(var epoch, var round, var _, var _) ->
          "lease? " + epoch + " r" + round;
      case Message.LeaseGrant(var epoch, var round, var end) ->
          "granted " + epoch + " r" + round + " log " + told(end);
      case Message.LeaseDenial(var epoch, var round, var promised) ->
          "denied " + epoch + " r" + round + " promised " + promised;
      case Message.LeaseRelease(var epoch, var successor) ->
          "released " + epoch + successor.map(s -> " to " + s).orElse("");
      case Message.Append(var epoch, var sequence, var previous, var entries, var commit) ->
          "append "
              + epoch
              + " #"
              + sequence
              + " behind "
              + told(previous)
              + " "
              + told(entries)
              + " commit "
              + commit;
      case Message.AppendReply(var epoch, var sequence, var accepted, var index) ->
          (accepted ? "matched " : "refused ") + epoch + " #" + sequence + " " + index;
      case Message.FetchTail(var epoch, var from) -> "tail? " + epoch + " from " + told(from);
      case Message.Tail(var epoch, var matched, var previous, var entries, var end) ->
          (matched ? "tail " : "no ")
              + epoch
              + " behind "
              + told(previous)
              + " "
              + told(entries)
              + " end "
              + told(end);
      case Message.InstallSnapshot(var epoch, var position, var _) ->
          "install " + epoch + " " + told(position);
    };
  }

  private static String told(LogPosition place) {
    return place.epoch() + ":" + place.index();
  }

  private static List<String> told(List<LogEntry> entries) {
    var told = new ArrayList<String>();
    for (LogEntry entry : entries) {
      String text = new String(entry.payload(), java.nio.charset.StandardCharsets.UTF_8);
      boolean opens = entry.kind() == LogEntry.Kind.OPEN_EPOCH;
      told.add(told(entry.position()) + (opens ? " open" : " " + text));
    }
    return told;
  }

  private static String told(Leadership leadership) {
    return switch (leadership.role()) {
      case LEADER ->
          "that it leads in "
              + leadership.epoch()
              + " until "
              + leadership.leaseEnds().nanos() / 1_000_000;
      case CANDIDATE -> "that it runs in " + leadership.epoch();
      case FOLLOWER ->
          leadership.leader().map(l -> l + " as leader").orElse("no leader")
              + " in "
              + leadership.epoch();
    };
  }
}
