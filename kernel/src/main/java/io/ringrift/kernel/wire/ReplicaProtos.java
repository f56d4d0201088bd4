package io.ringrift.kernel.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.Message;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.ledger.v1.EntryKind;
import io.ringrift.ledger.v1.ExchangeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The voters' messages as protos and back. Every field is checked on the way in; snapshots travel
/// in chunks, see `SnapshotChunks`.
final class ReplicaProtos {
  /// Most entries taken in one message.
  private static final int MAX_ENTRIES = 10_000;

  private ReplicaProtos() {}

  /// Fills the message of an exchange.
  static ExchangeRequest.Builder encode(Message message) {
    var out = ExchangeRequest.newBuilder();
    return switch (message) {
      case Message.PreVote(var epoch, long round, int priority) ->
          out.setPreVote(
              io.ringrift.ledger.v1.PreVote.newBuilder()
                  .setEpoch(epoch.value())
                  .setRound(round)
                  .setPriority(priority));
      case Message.PreVoteReply(
              var epoch,
              long round,
              boolean granted,
              boolean outranked,
              var promised) ->
          out.setPreVoteReply(
              io.ringrift.ledger.v1.PreVoteReply.newBuilder()
                  .setEpoch(epoch.value())
                  .setRound(round)
                  .setGranted(granted)
                  .setOutranked(outranked)
                  .setPromised(promised.value()));
      case Message.LeaseRequest(var epoch, long round, int priority) ->
          out.setLeaseRequest(
              io.ringrift.ledger.v1.LeaseRequest.newBuilder()
                  .setEpoch(epoch.value())
                  .setRound(round)
                  .setPriority(priority));
      case Message.LeaseGrant(var epoch, long round, var logEnd) ->
          out.setLeaseGrant(
              io.ringrift.ledger.v1.LeaseGrant.newBuilder()
                  .setEpoch(epoch.value())
                  .setRound(round)
                  .setLogEnd(encode(logEnd)));
      case Message.LeaseDenial(var epoch, long round, var promised) ->
          out.setLeaseDenial(
              io.ringrift.ledger.v1.LeaseDenial.newBuilder()
                  .setEpoch(epoch.value())
                  .setRound(round)
                  .setPromised(promised.value()));
      case Message.LeaseRelease(var epoch, var successor) ->
          out.setLeaseRelease(
              io.ringrift.ledger.v1.LeaseRelease.newBuilder()
                  .setEpoch(epoch.value())
                  .setSuccessorId(successor.map(NodeId::value).orElse("")));
      case Message.Append append -> out.setAppend(encode(append));
      case Message.AppendReply(var epoch, long sequence, boolean accepted, long index) ->
          out.setAppendReply(
              io.ringrift.ledger.v1.AppendReply.newBuilder()
                  .setEpoch(epoch.value())
                  .setSequence(sequence)
                  .setAccepted(accepted)
                  .setIndex(index));
      case Message.FetchTail(var epoch, var from) ->
          out.setFetchTail(
              io.ringrift.ledger.v1.FetchTail.newBuilder()
                  .setEpoch(epoch.value())
                  .setFrom(encode(from)));
      case Message.Tail tail -> out.setTail(encode(tail));
      case Message.InstallSnapshot _ ->
          throw new IllegalArgumentException("a snapshot travels in chunks");
    };
  }

  private static io.ringrift.ledger.v1.Append encode(Message.Append append) {
    var out =
        io.ringrift.ledger.v1.Append.newBuilder()
            .setEpoch(append.epoch().value())
            .setSequence(append.sequence())
            .setPrevious(encode(append.previous()))
            .setCommitIndex(append.commitIndex());
    append.entries().forEach(entry -> out.addEntries(encode(entry)));
    return out.build();
  }

  private static io.ringrift.ledger.v1.Tail encode(Message.Tail tail) {
    var out =
        io.ringrift.ledger.v1.Tail.newBuilder()
            .setEpoch(tail.epoch().value())
            .setMatched(tail.matched())
            .setPrevious(encode(tail.previous()))
            .setLogEnd(encode(tail.logEnd()));
    tail.entries().forEach(entry -> out.addEntries(encode(entry)));
    return out.build();
  }

  static io.ringrift.ledger.v1.LogPosition encode(LogPosition position) {
    return io.ringrift.ledger.v1.LogPosition.newBuilder()
        .setEpoch(position.epoch().value())
        .setIndex(position.index())
        .build();
  }

  private static io.ringrift.ledger.v1.LogEntry encode(LogEntry entry) {
    return io.ringrift.ledger.v1.LogEntry.newBuilder()
        .setPosition(encode(entry.position()))
        .setKind(
            switch (entry.kind()) {
              case COMMAND -> EntryKind.ENTRY_KIND_COMMAND;
              case OPEN_EPOCH -> EntryKind.ENTRY_KIND_OPEN_EPOCH;
            })
        .setPayload(bytes(entry.payload()))
        .build();
  }

  /// Without a copy: nobody may change payloads (see `LogEntry`).
  static ByteString bytes(byte[] payload) {
    return UnsafeByteOperations.unsafeWrap(payload);
  }

  /// Reads any message but a snapshot's chunk.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field
  static Message decode(ExchangeRequest in) {
    return switch (in.getMessageCase()) {
      case PRE_VOTE -> {
        var m = in.getPreVote();
        yield new Message.PreVote(epoch(m.getEpoch()), m.getRound(), m.getPriority());
      }
      case PRE_VOTE_REPLY -> {
        var m = in.getPreVoteReply();
        yield new Message.PreVoteReply(
            epoch(m.getEpoch()),
            m.getRound(),
            m.getGranted(),
            m.getOutranked(),
            epoch(m.getPromised()));
      }
      case LEASE_REQUEST -> {
        var m = in.getLeaseRequest();
        yield new Message.LeaseRequest(epoch(m.getEpoch()), m.getRound(), m.getPriority());
      }
      case LEASE_GRANT -> {
        var m = in.getLeaseGrant();
        yield new Message.LeaseGrant(epoch(m.getEpoch()), m.getRound(), decode(m.getLogEnd()));
      }
      case LEASE_DENIAL -> {
        var m = in.getLeaseDenial();
        yield new Message.LeaseDenial(epoch(m.getEpoch()), m.getRound(), epoch(m.getPromised()));
      }
      case LEASE_RELEASE -> {
        var m = in.getLeaseRelease();
        yield new Message.LeaseRelease(
            epoch(m.getEpoch()),
            m.getSuccessorId().isEmpty()
                ? Optional.empty()
                : Optional.of(new NodeId(m.getSuccessorId())));
      }
      case APPEND -> decode(in.getAppend());
      case APPEND_REPLY -> {
        var m = in.getAppendReply();
        yield new Message.AppendReply(
            epoch(m.getEpoch()),
            m.getSequence(),
            m.getAccepted(),
            index("append_reply.index", m.getIndex()));
      }
      case FETCH_TAIL -> {
        var m = in.getFetchTail();
        yield new Message.FetchTail(epoch(m.getEpoch()), decode(m.getFrom()));
      }
      case TAIL -> decode(in.getTail());
      case INSTALL_SNAPSHOT -> throw new IllegalArgumentException("a chunk is no message");
      case MESSAGE_NOT_SET -> throw Refusal.invalid("message", "", "set");
    };
  }

  private static Message decode(io.ringrift.ledger.v1.Append m) {
    LogPosition previous = decode(m.getPrevious());
    return new Message.Append(
        epoch(m.getEpoch()),
        m.getSequence(),
        previous,
        entries("append.entries", previous, m.getEntriesList()),
        index("append.commit_index", m.getCommitIndex()));
  }

  private static Message decode(io.ringrift.ledger.v1.Tail m) {
    LogPosition previous = decode(m.getPrevious());
    return new Message.Tail(
        epoch(m.getEpoch()),
        m.getMatched(),
        previous,
        entries("tail.entries", previous, m.getEntriesList()),
        decode(m.getLogEnd()));
  }

  static Epoch epoch(long value) {
    return new Epoch(value);
  }

  static LogPosition decode(io.ringrift.ledger.v1.LogPosition position) {
    return new LogPosition(epoch(position.getEpoch()), index("index", position.getIndex()));
  }

  private static long index(String field, long value) {
    if (value < 0) {
      throw Refusal.invalid(field, Long.toUnsignedString(value), "below 2^63");
    }
    return value;
  }

  /// Entries have to follow on each other: a gap here would become a gap in the log.
  private static List<LogEntry> entries(
      String field, LogPosition previous, List<io.ringrift.ledger.v1.LogEntry> list) {
    if (list.size() > MAX_ENTRIES) {
      throw Refusal.invalid(field, list.size() + " entries", "at most " + MAX_ENTRIES);
    }
    var entries = new ArrayList<LogEntry>(list.size());
    LogPosition last = previous;
    for (var m : list) {
      LogPosition at = decode(m.getPosition());
      if (at.index() != last.index() + 1 || at.epoch().isBefore(last.epoch())) {
        throw Refusal.invalid(field, at.toString(), "right behind " + last);
      }
      entries.add(new LogEntry(at, kind(field, m.getKind()), m.getPayload().toByteArray()));
      last = at;
    }
    return entries;
  }

  private static LogEntry.Kind kind(String field, EntryKind kind) {
    return switch (kind) {
      case ENTRY_KIND_COMMAND -> LogEntry.Kind.COMMAND;
      case ENTRY_KIND_OPEN_EPOCH -> LogEntry.Kind.OPEN_EPOCH;
      case ENTRY_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw Refusal.invalid(field + ".kind", kind.name(), "COMMAND or OPEN_EPOCH");
    };
  }
}
