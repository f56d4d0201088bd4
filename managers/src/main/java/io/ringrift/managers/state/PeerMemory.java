package io.ringrift.managers.state;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Members as this node last knew them, so that after a restart it can find the others even when
/// its seeds have moved (SPEC 2.6, 10). A hint only, never evidence of life. A broken database
/// costs the memory, not the node.
final class PeerMemory {
  private static final Logger LOG = LoggerFactory.getLogger(PeerMemory.class);

  /// A remembered member.
  ///
  /// @param address `host:port`, empty for an outbound-only node
  record Peer(String nodeId, String address, String state, long lastSeenMillis) {}

  private final NodeDatabase database;

  PeerMemory(NodeDatabase database) {
    this.database = database;
  }

  /// Replaces what is remembered by the members given; those that vanished are forgotten too.
  void save(List<Member> members, long wallMillis) {
    try {
      database.quickly(
          connection -> {
            try (var statement = connection.createStatement()) {
              statement.executeUpdate("DELETE FROM peers");
            }
            for (Member member : members) {
              insert(connection, member, wallMillis);
            }
            return members.size();
          });
    } catch (Refusal e) {
      LOG.warn("members not remembered: {}", e.text());
    }
  }

  private static void insert(Connection connection, Member member, long wallMillis)
      throws SQLException {
    try (var insert =
        connection.prepareStatement(
            "INSERT INTO peers (node_id, host, port, last_seen, status, metadata)"
                + " VALUES (?, ?, ?, ?, ?, '{}')")) {
      insert.setString(1, member.id().value());
      insert.setString(2, member.endpoint().map(e -> e.host()).orElse(""));
      insert.setInt(3, member.endpoint().map(e -> e.port()).orElse(0));
      insert.setDouble(4, wallMillis / 1000.0);
      insert.setString(5, member.state().name());
      insert.executeUpdate();
    }
  }

  /// The members remembered, by node id.
  List<Peer> load() {
    try {
      return database.quickly(
          connection -> {
            var peers = new ArrayList<Peer>();
            try (var statement = connection.createStatement();
                var rows =
                    statement.executeQuery(
                        "SELECT node_id, host, port, status, last_seen FROM peers"
                            + " ORDER BY node_id")) {
              while (rows.next()) {
                String host = rows.getString(2);
                peers.add(
                    new Peer(
                        rows.getString(1),
                        host.isEmpty() ? "" : host + ":" + rows.getInt(3),
                        rows.getString(4),
                        (long) (rows.getDouble(5) * 1000)));
              }
            }
            return peers;
          });
    } catch (Refusal e) {
      LOG.warn("members not read: {}", e.text());
      return List.of();
    }
  }
}
