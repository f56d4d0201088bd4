package io.ringrift.kernel.wire;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.Message;
import io.ringrift.kernel.consensus.bully.Outbox;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.ledger.v1.ExchangeRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One outgoing stream to each other voter: ordered, bounded, opened at the first message and again
/// after a failure. A stream that takes nothing for a third of the lease is given up. Sending is
/// for one thread; `heard` and `close` are for any.
public final class PeerStreams implements Outbox, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerStreams.class);

  private final Identity identity;
  private final Function<NodeId, Optional<Endpoint>> addresses;
  private final PeerChannels channels;
  private final Ticker ticker;
  private final Duration patience;
  private final Counter sent;
  private final Counter lost;
  private final Map<NodeId, PeerStream> streams = new ConcurrentHashMap<>();
  private final Map<NodeId, String> told = new ConcurrentHashMap<>();
  private final Counter refused;
  private volatile boolean closed;

  /// Who sends.
  public record Identity(String clusterId, NodeId self, BootId boot) {}

  /// @param addresses where a voter listens, asked at each (re)connection
  public PeerStreams(
      Identity identity,
      Function<NodeId, Optional<Endpoint>> addresses,
      PeerChannels channels,
      Ticker ticker,
      Duration lease,
      MeterRegistry meters) {
    this.identity = identity;
    this.addresses = addresses;
    this.channels = channels;
    this.ticker = ticker;
    this.patience = lease.dividedBy(3);
    this.sent = meters.counter("ringrift.voter.messages.sent");
    this.lost = meters.counter("ringrift.voter.messages.lost");
    this.refused = meters.counter("ringrift.voter.refused");
  }

  @Override
  public void send(NodeId to, Message message) {
    if (closed) {
      return;
    }
    var chunks =
        switch (message) {
          case Message.InstallSnapshot snapshot -> SnapshotChunks.split(snapshot);
          case Message other -> List.of(ReplicaProtos.encode(other));
        };
    var stream = streams.computeIfAbsent(to, this::stream);
    boolean heartbeat = message instanceof Message.Append append && append.entries().isEmpty();
    stream.send(chunks.stream().map(this::sign).toList(), heartbeat);
  }

  private ExchangeRequest sign(ExchangeRequest.Builder message) {
    return message
        .setFromNodeId(identity.self().value())
        .setClusterId(identity.clusterId())
        .setBootId(identity.boot().toString())
        .build();
  }

  private PeerStream stream(NodeId to) {
    return new PeerStream(
        () -> addresses.apply(to).map(channels::to),
        ticker,
        patience,
        sent,
        lost,
        refusal -> refused(to, refusal));
  }

  /// A voter that is refused knows no leader, which somebody has to mend: told once in the same
  /// words. What ends a stream otherwise comes and goes.
  private void refused(NodeId by, Refusal refusal) {
    if (refusal.reason() == Reason.WRONG_CLUSTER) {
      refused.increment();
      if (!refusal.text().equals(told.put(by, refusal.text()))) {
        LOG.warn("the voter {} refuses this one: {}", by, refusal.text());
      }
    }
  }

  /// The voter is alive: a stream that waits before its next try need not wait longer.
  public void heard(NodeId from) {
    var stream = streams.get(from);
    if (stream != null) {
      stream.hurry();
    }
  }

  /// Ends the streams in order: what was sent before still goes out.
  @Override
  public void close() {
    closed = true;
    streams.values().forEach(PeerStream::close);
  }
}
