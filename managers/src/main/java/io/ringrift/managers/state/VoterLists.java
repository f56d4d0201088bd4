package io.ringrift.managers.state;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What is asked of lists of voters.
@Pure
final class VoterLists {
  private VoterLists() {}

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
