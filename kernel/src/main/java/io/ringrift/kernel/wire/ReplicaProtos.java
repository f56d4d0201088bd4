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
      case Message.PreVote vote -> out.setPreVote(encode(vote));
      case Message.PreVoteReply reply -> out.setPreVoteReply(encode(reply));
      case Message.LeaseRequest request -> out.setLeaseRequest(encode(request));
      case Message.LeaseGrant grant -> out.setLeaseGrant(encode(grant));
      case Message.LeaseDenial denial -> out.setLeaseDenial(encode(denial));
      case Message.LeaseRelease release -> out.setLeaseRelease(encode(release));
      case Message.Append append -> out.setAppend(encode(append));
      case Message.AppendReply reply -> out.setAppendReply(encode(reply));
      case Message.FetchTail fetch -> out.setFetchTail(encode(fetch));
      case Message.Tail tail -> out.setTail(encode(tail));
      case Message.InstallSnapshot _ ->
          throw new IllegalArgumentException("a snapshot travels in chunks");
    };
  }

  private static io.ringrift.ledger.v1.PreVote encode(Message.PreVote vote) {
    return io.ringrift.ledger.v1.PreVote.newBuilder()
        .setEpoch(vote.epoch().value())
        .setRound(vote.round())
        .setPriority(vote.priority())
        .setLeaseDuration(MembershipProtos.proto(vote.lease()))
        .build();
  }

  private static io.ringrift.ledger.v1.PreVoteReply encode(Message.PreVoteReply reply) {
    return io.ringrift.ledger.v1.PreVoteReply.newBuilder()
        .setEpoch(reply.epoch().value())
        .setRound(reply.round())
        .setGranted(reply.granted())
        .setOutranked(reply.outranked())
        .setPromised(reply.promised().value())
        .build();
  }

  private static io.ringrift.ledger.v1.LeaseRequest encode(Message.LeaseRequest request) {
    return io.ringrift.ledger.v1.LeaseRequest.newBuilder()
        .setEpoch(request.epoch().value())
        .setRound(request.round())
        .setPriority(request.priority())
        .setLeaseDuration(MembershipProtos.proto(request.lease()))
        .build();
  }

  private static io.ringrift.ledger.v1.LeaseGrant encode(Message.LeaseGrant grant) {
    return io.ringrift.ledger.v1.LeaseGrant.newBuilder()
        .setEpoch(grant.epoch().value())
        .setRound(grant.round())
        .setLogEnd(encode(grant.logEnd()))
        .build();
  }

  private static io.ringrift.ledger.v1.LeaseDenial encode(Message.LeaseDenial denial) {
    return io.ringrift.ledger.v1.LeaseDenial.newBuilder()
        .setEpoch(denial.epoch().value())
        .setRound(denial.round())
        .setPromised(denial.promised().value())
        .build();
  }

  private static io.ringrift.ledger.v1.LeaseRelease encode(Message.LeaseRelease release) {
    return io.ringrift.ledger.v1.LeaseRelease.newBuilder()
        .setEpoch(release.epoch().value())
        .setSuccessorId(release.successor().map(NodeId::value).orElse(""))
        .build();
  }

  private static io.ringrift.ledger.v1.AppendReply encode(Message.AppendReply reply) {
    return io.ringrift.ledger.v1.AppendReply.newBuilder()
        .setEpoch(reply.epoch().value())
        .setSequence(reply.sequence())
        .setAccepted(reply.accepted())
        .setIndex(reply.index())
        .build();
  }

  private static io.ringrift.ledger.v1.FetchTail encode(Message.FetchTail fetch) {
    return io.ringrift.ledger.v1.FetchTail.newBuilder()
        .setEpoch(fetch.epoch().value())
        .setFrom(encode(fetch.from()))
        .build();
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
      case PRE_VOTE -> decode(in.getPreVote());
      case PRE_VOTE_REPLY -> decode(in.getPreVoteReply());
      case LEASE_REQUEST -> decode(in.getLeaseRequest());
      case LEASE_GRANT -> decode(in.getLeaseGrant());
      case LEASE_DENIAL -> decode(in.getLeaseDenial());
      case LEASE_RELEASE -> decode(in.getLeaseRelease());
      case APPEND -> decode(in.getAppend());
      case APPEND_REPLY -> decode(in.getAppendReply());
      case FETCH_TAIL -> decode(in.getFetchTail());
      case TAIL -> decode(in.getTail());
      case INSTALL_SNAPSHOT -> throw new IllegalArgumentException("a chunk is no message");
      case MESSAGE_NOT_SET -> throw Refusal.invalid("message", "", "set");
    };
  }

  private static Message decode(io.ringrift.ledger.v1.PreVote m) {
    return new Message.PreVote(
        epoch(m.getEpoch()),
        m.getRound(),
        m.getPriority(),
        MembershipProtos.duration(m.getLeaseDuration()));
  }

  private static Message decode(io.ringrift.ledger.v1.PreVoteReply m) {
    return new Message.PreVoteReply(
        epoch(m.getEpoch()),
        m.getRound(),
        m.getGranted(),
        m.getOutranked(),
        epoch(m.getPromised()));
  }

  private static Message decode(io.ringrift.ledger.v1.LeaseRequest m) {
    return new Message.LeaseRequest(
        epoch(m.getEpoch()),
        m.getRound(),
        m.getPriority(),
        MembershipProtos.duration(m.getLeaseDuration()));
  }

  private static Message decode(io.ringrift.ledger.v1.LeaseGrant m) {
    return new Message.LeaseGrant(epoch(m.getEpoch()), m.getRound(), decode(m.getLogEnd()));
  }

  private static Message decode(io.ringrift.ledger.v1.LeaseDenial m) {
    return new Message.LeaseDenial(epoch(m.getEpoch()), m.getRound(), epoch(m.getPromised()));
  }

  private static Message decode(io.ringrift.ledger.v1.LeaseRelease m) {
    Optional<NodeId> successor =
        m.getSuccessorId().isEmpty()
            ? Optional.empty()
            : Optional.of(new NodeId(m.getSuccessorId()));
    return new Message.LeaseRelease(epoch(m.getEpoch()), successor);
  }

  private static Message decode(io.ringrift.ledger.v1.AppendReply m) {
    return new Message.AppendReply(
        epoch(m.getEpoch()),
        m.getSequence(),
        m.getAccepted(),
        index("append_reply.index", m.getIndex()));
  }

  private static Message decode(io.ringrift.ledger.v1.FetchTail m) {
    return new Message.FetchTail(epoch(m.getEpoch()), decode(m.getFrom()));
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
