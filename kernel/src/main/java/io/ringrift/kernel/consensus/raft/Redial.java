package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpcWithProxy;

/// Makes connections to other voters anew: gRPC waits up to two minutes before it dials a peer
/// again that was away, and Ratis cuts that short for appends alone, not for votes. Any thread.
final class Redial {
  private final RaftServer server;

  /// Whose old connections are being closed.
  private final Set<NodeId> under = ConcurrentHashMap.newKeySet();

  Redial(RaftServer server) {
    this.server = server;
  }

  /// Returns at once: a connection on which something is under way is given three seconds before it
  /// is closed. Who is being dialled again already is left to that.
  void to(List<NodeId> others) {
    if (server.getServerRpc() instanceof RaftServerRpcWithProxy<?, ?> rpc) {
      others.stream()
          .filter(under::add)
          .forEach(id -> Thread.ofVirtual().name("redial-" + id).start(() -> anew(rpc, id)));
    }
  }

  private void anew(RaftServerRpcWithProxy<?, ?> rpc, NodeId other) {
    try {
      rpc.getProxies().resetProxy(RaftPeerId.valueOf(other.value()));
    } finally {
      under.remove(other);
    }
  }
}
