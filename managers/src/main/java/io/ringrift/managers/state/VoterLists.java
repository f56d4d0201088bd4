package io.ringrift.managers.state;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What is asked of lists of voters.
@Pure
final class VoterLists {
  private static final int LONGEST_HOST = 253;
  private static final int MOST_PORT = 65535;

  private VoterLists() {}

  /// What is wrong with a voter's addresses, by the name of the field.
  static Optional<Refusal> fault(VoterEntry voter) {
    String id = voter.getNodeId();
    String host = voter.getHost();
    try {
      var _ = new NodeId(id);
    } catch (Refusal refusal) {
      return Optional.of(refusal);
    }
    if (host.isEmpty()
        || host.length() > LONGEST_HOST
        || !host.equals(host.strip())
        || host.chars().anyMatch(Character::isWhitespace)) {
      return fault(id, "host", host, "1 to 253 characters without spaces");
    }
    return port(id, "port", voter.getPort())
        .or(() -> port(id, "raft_port", voter.getRaftPort()))
        .or(() -> port(id, "swim_port", voter.getSwimPort()));
  }

  private static Optional<Refusal> port(String id, String field, int port) {
    return port >= 1 && port <= MOST_PORT
        ? Optional.empty()
        : fault(id, field, Integer.toString(port), "1 to 65535");
  }

  private static Optional<Refusal> fault(String id, String field, String value, String rule) {
    return Optional.of(Refusal.invalid("voters[" + id + "]." + field, value, rule));
  }

  static List<VoterEntry> sorted(List<VoterEntry> voters) {
    return voters.stream().sorted(Comparator.comparing(VoterEntry::getNodeId)).toList();
  }

  static List<NodeId> ids(List<VoterEntry> voters) {
    return voters.stream().map(v -> new NodeId(v.getNodeId())).sorted().toList();
  }

  static Map<NodeId, Endpoint> addresses(VoterList list) {
    var addresses = new TreeMap<NodeId, Endpoint>();
    for (VoterEntry voter : list.getVotersList()) {
      addresses.put(
          new NodeId(voter.getNodeId()), new Endpoint(voter.getHost(), voter.getRaftPort()));
    }
    return addresses;
  }

  static String names(List<VoterEntry> voters) {
    return String.join(", ", voters.stream().map(VoterEntry::getNodeId).sorted().toList());
  }

  static boolean lists(VoterList list, String node) {
    return list.getVotersList().stream().anyMatch(v -> v.getNodeId().equals(node));
  }

  /// Whether one has one more or one less than the other, as over every change.
  static boolean oneApart(List<NodeId> some, List<NodeId> others) {
    var shared = new ArrayList<>(some);
    shared.retainAll(others);
    return some.size() + others.size() - 2 * shared.size() == 1;
  }
}
