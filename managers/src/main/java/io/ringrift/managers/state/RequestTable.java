package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.StoredRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// First results by request id, so that a repeated request changes nothing. The newest 10,000 are
/// kept, at most 16 MiB of them.
@Pure
final class RequestTable {
  /// Most request ids kept.
  static final int MOST_REQUESTS = 10_000;

  /// Most bytes kept.
  static final long MOST_BYTES = 16L << 20;

  private final Changes changes;
  private final Map<String, StoredRequest> byId = new HashMap<>();
  private final TreeMap<Long, String> bySequence = new TreeMap<>();
  private long bytes;
  private long lastSequence;

  RequestTable(Changes changes) {
    this.changes = changes;
  }

  void load(StoredRequest request) {
    byId.put(request.getRequestId(), request);
    bySequence.put(request.getSequence(), request.getRequestId());
    bytes += request.getSerializedSize();
    lastSequence = Math.max(lastSequence, request.getSequence());
  }

  /// The decision on a request id that was used before; empty when it is new.
  Optional<Decision> judge(Command command) {
    StoredRequest first = byId.get(command.getRequestId());
    if (command.getRequestId().isEmpty() || first == null) {
      return Optional.empty();
    }
    if (!first.getBodyDigest().equals(command.getBodyDigest())) {
      return Optional.of(
          Decision.refused(
              Reason.REQUEST_ID_REUSED,
              "request_id \""
                  + command.getRequestId()
                  + "\" was used before with another body; use a new request_id for a new"
                  + " request"));
    }
    return Optional.of(
        new Decision.Repeated(first.getResult().toBuilder().setDuplicate(true).build()));
  }

  void remember(String requestId, ByteString digest, CommandResult result) {
    var request =
        StoredRequest.newBuilder()
            .setRequestId(requestId)
            .setBodyDigest(digest)
            .setResult(result)
            .setSequence(lastSequence + 1)
            .build();
    load(request);
    changes.record(Family.REQUESTS, Keys.of(requestId), null, request);
    while (bySequence.size() > MOST_REQUESTS || (bytes > MOST_BYTES && bySequence.size() > 1)) {
      forgetOldest();
    }
  }

  int size() {
    return byId.size();
  }

  private void forgetOldest() {
    StoredRequest oldest = byId.remove(bySequence.pollFirstEntry().getValue());
    if (oldest != null) {
      bytes -= oldest.getSerializedSize();
      changes.record(Family.REQUESTS, Keys.of(oldest.getRequestId()), oldest, null);
    }
  }
}
