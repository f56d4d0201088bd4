package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One core under a test's hand, with the words that step tests need. Voters n1 to n3 of equal
/// priority, so n3 ranks highest; timing of one machine: a voter's grant runs 2020 ms, a holder's
/// lease 1960 ms.
final class CoreProbe {
  static final NodeId N1 = new NodeId("n1");
  static final NodeId N2 = new NodeId("n2");
  static final NodeId N3 = new NodeId("n3");
  static final Map<NodeId, Integer> THREE = Map.of(N1, 0, N2, 0, N3, 0);

  final BullyCore core;

  CoreProbe(NodeId self) {
    this(config(self, THREE), BullyCore.Recovered.EMPTY);
  }

  CoreProbe(BullyConfig config, BullyCore.Recovered recovered) {
    this.core = new BullyCore(config, recovered, ms(0));
  }

  static BullyConfig config(NodeId self, Map<NodeId, Integer> voters) {
    return new BullyConfig(self, voters, Timing.local(), 2, 1 << 20, 3, 1, 4, 64);
  }

  static BullyCore.Recovered log(Promise promise, LogEntry... entries) {
    return new BullyCore.Recovered(
        promise, Epoch.ZERO, LogPosition.START, LogPosition.START, List.of(entries));
  }

  static Moment ms(long millis) {
    return new Moment(millis * 1_000_000);
  }

  static Epoch epoch(long value) {
    return new Epoch(value);
  }

  static Promise promise(long epoch, NodeId holder) {
    return new Promise(epoch(epoch), Optional.of(holder));
  }

  static LogPosition place(long epoch, long index) {
    return new LogPosition(epoch(epoch), index);
  }

  static LogEntry opening(long epoch, long index, NodeId leader) {
    return new LogEntry(
        place(epoch, index),
        LogEntry.Kind.OPEN_EPOCH,
        leader.value().getBytes(StandardCharsets.UTF_8));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static LogEntry command(long epoch, long index, String text) {
    return new LogEntry(place(epoch, index), LogEntry.Kind.COMMAND, bytes(text));
  }

  static Effect.Send send(NodeId to, Message message) {
    return new Effect.Send(to, message);
  }

  static Effect.Replicate replicate(NodeId to, Message.Append append) {
    return new Effect.Replicate(to, append);
  }

  static Message.Append append(
      long epoch, long sequence, LogPosition previous, long commit, LogEntry... entries) {
    return new Message.Append(epoch(epoch), sequence, previous, List.of(entries), commit);
  }

  static Message.AppendReply matched(long epoch, long sequence, long index) {
    return new Message.AppendReply(epoch(epoch), sequence, true, index);
  }

  static Message.AppendReply refused(long epoch, long sequence, long index) {
    return new Message.AppendReply(epoch(epoch), sequence, false, index);
  }

  static Message.LeaseGrant grant(long epoch, long round, LogPosition logEnd) {
    return new Message.LeaseGrant(epoch(epoch), round, logEnd);
  }

  static Message.LeaseRequest request(long epoch, long round) {
    return new Message.LeaseRequest(epoch(epoch), round, 0, Timing.local().lease());
  }

  static Message.LeaseDenial denial(long epoch, long round, long promised) {
    return new Message.LeaseDenial(epoch(epoch), round, epoch(promised));
  }

  static Message.PreVote ask(long epoch, long round) {
    return new Message.PreVote(epoch(epoch), round, 0, Timing.local().lease());
  }

  static Message.PreVoteReply would(long epoch, long round) {
    return new Message.PreVoteReply(epoch(epoch), round, true, false, Epoch.ZERO);
  }

  List<Effect> tick(long millis) {
    return core.step(ms(millis), new Input.Tick());
  }

  List<Effect> hears(long millis, NodeId from, Message message) {
    return core.step(ms(millis), new Input.Received(from, message));
  }

  List<Effect> does(long millis, Input input) {
    return core.step(ms(millis), input);
  }

  /// n3 elected in epoch 1 with the grant of n2 and its duties open; the lease counts from 1 ms.
  static CoreProbe leader() {
    var n3 = new CoreProbe(N3);
    n3.tick(0);
    n3.hears(1, N2, would(1, 1));
    n3.hears(2, N2, grant(1, 2, LogPosition.START));
    n3.hears(3, N2, matched(1, 2, 1));
    return n3;
  }
}
