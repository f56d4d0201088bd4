package io.ringrift.kernel.wire;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.Mailbox;
import io.ringrift.kernel.consensus.bully.Message;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.ledger.v1.ExchangeRequest;
import io.ringrift.ledger.v1.ExchangeResponse;
import io.ringrift.ledger.v1.GetLedgerRequest;
import io.ringrift.ledger.v1.GetLedgerResponse;
import io.ringrift.ledger.v1.ReplicaServiceGrpc;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The voters' service: checks every message and puts it into the mailbox.
public final class ReplicaRpc extends ReplicaServiceGrpc.ReplicaServiceImplBase
    implements NonBlocking {
  private final String clusterId;
  private final Mailbox mailbox;
  private final Ledger ledger;
  private final Consumer<NodeId> heard;
  private final Supplier<Epoch> known;

  /// @param heard told of each voter that was heard
  /// @param known greatest epoch that this voter promised or was told of; must not block
  public ReplicaRpc(
      String clusterId,
      Mailbox mailbox,
      Ledger ledger,
      Consumer<NodeId> heard,
      Supplier<Epoch> known) {
    this.clusterId = clusterId;
    this.mailbox = mailbox;
    this.ledger = ledger;
    this.heard = heard;
    this.known = known;
  }

  @Override
  public StreamObserver<ExchangeRequest> exchange(StreamObserver<ExchangeResponse> reply) {
    return new Incoming(reply);
  }

  @Override
  public void getLedger(GetLedgerRequest request, StreamObserver<GetLedgerResponse> reply) {
    var status = ledger.status();
    reply.onNext(
        GetLedgerResponse.newBuilder()
            .setLogEnd(ReplicaProtos.encode(status.logEnd()))
            .setCommitIndex(status.commitIndex())
            .setAppliedIndex(status.appliedIndex())
            .setStateHash(status.stateHash())
            .setSnapshotIndex(status.snapshotIndex())
            .build());
    reply.onCompleted();
  }

  /// One stream from one voter. gRPC calls it from one thread at a time.
  private final class Incoming implements StreamObserver<ExchangeRequest> {
    private final StreamObserver<ExchangeResponse> reply;
    private final SnapshotChunks chunks = new SnapshotChunks();
    private boolean ended;

    Incoming(StreamObserver<ExchangeResponse> reply) {
      this.reply = reply;
    }

    @Override
    public void onNext(ExchangeRequest request) {
      if (ended) {
        return;
      }
      try {
        take(request);
      } catch (Refusal refusal) {
        ended = true;
        reply.onError(Errors.toStatus(refusal));
      }
    }

    private Refusal stranger(String from, String there) {
      boolean sameCluster = clusterOf(there).equals(clusterOf(clusterId));
      String what =
          sameCluster
              ? "the log of this voter is "
                  + clusterId
                  + ", that of "
                  + from
                  + " is "
                  + there
                  + ": the mode of consensus changed at one of them without the other. The one that"
                  + " differs from most voters needs an empty folder with a copy of the file"
                  + " \"engine\" of one of those (docs/protocol/modes.md, \"Lives of a log\")"
              : "this node belongs to cluster "
                  + clusterId
                  + ", the sender "
                  + from
                  + " to "
                  + there
                  + "; correct the address or the cluster id of one of them";
      return new Refusal(Reason.WRONG_CLUSTER, what).with("here", clusterId).with("there", there);
    }

    private static String clusterOf(String logId) {
      return logId.replaceFirst("#[0-9]+$", "");
    }

    private void take(ExchangeRequest request) {
      if (!request.getClusterId().equals(clusterId)) {
        throw stranger(request.getFromNodeId(), request.getClusterId());
      }
      var from = new NodeId(request.getFromNodeId());
      Optional<? extends Message> message =
          request.hasInstallSnapshot()
              ? chunks.add(request.getInstallSnapshot())
              : Optional.of(ReplicaProtos.decode(request));
      message.ifPresent(m -> EpochBound.check(m, known.get()));
      if (message.isPresent() && mailbox.receive(from, message.get())) {
        heard.accept(from);
      }
    }

    @Override
    public void onError(Throwable failure) {
      ended = true;
    }

    @Override
    public void onCompleted() {
      if (!ended) {
        ended = true;
        reply.onNext(ExchangeResponse.getDefaultInstance());
        reply.onCompleted();
      }
    }
  }
}
