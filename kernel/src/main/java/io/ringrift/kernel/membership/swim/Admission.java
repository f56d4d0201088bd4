package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.membership.swim.SwimEffect.Trouble;
import io.scalecube.cluster.gossip.GossipProtocolImpl;
import io.scalecube.cluster.membership.MembershipProtocolImpl;
import io.scalecube.cluster.transport.api.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// Which whole messages may reach ScaleCube: none that would mix another cluster's members into its
/// table, or let a table grow beyond its bound. Owner thread.
final class Admission {
  private static final int MAX_STRANGERS = 2 * SwimConfig.MAX_MEMBERS;

  private final Set<String> strangers = new HashSet<>();
  private final WireTypes types;
  private final String namespace;
  private final Supplier<Set<String>> known;
  private final BiConsumer<Trouble, String> report;
  private final BiConsumer<String, String> tell;
  private final SwimConfig config;

  /// @param known ids in the table
  /// @param tell says a refusal to an address, at most once a minute each
  Admission(
      SwimConfig config,
      WireTypes types,
      Supplier<Set<String>> known,
      BiConsumer<Trouble, String> report,
      BiConsumer<String, String> tell) {
    this.config = config;
    this.types = types;
    this.namespace = Identity.namespace(config.settings().clusterId());
    this.known = known;
    this.report = report;
    this.tell = tell;
  }

  boolean admits(Message message) {
    return switch (message.qualifier()) {
      case MembershipProtocolImpl.SYNC, MembershipProtocolImpl.SYNC_ACK -> admitsSync(message);
      case GossipProtocolImpl.GOSSIP_REQ -> admitsGossip(message);
      default -> true;
    };
  }

  private boolean admitsSync(Message message) {
    List<WireTypes.Row> rows = types.sync(message.data());
    var teller =
        rows == null
            ? java.util.Optional.<WireTypes.Row>empty()
            : rows.stream()
                .filter(row -> row.member().address().equals(message.sender()))
                .findFirst();
    if (rows == null || teller.isEmpty()) {
      return false;
    }
    var member = teller.get().member();
    if (!member.namespace().equals(namespace)) {
      String text =
          "the node at "
              + member.address()
              + " is of cluster \""
              + Identity.shown(member.alias())
              + "\" but "
              + config.self()
              + " is of cluster \""
              + config.settings().clusterId()
              + "\"; correct its voters or seeds";
      report.accept(Trouble.WRONG_CLUSTER, text);
      tell.accept(member.address(), text);
      return false;
    }
    Set<String> here = known.get();
    long strangers = rows.stream().filter(row -> !here.contains(row.member().id())).count();
    if (here.size() + strangers > 2L * SwimConfig.MAX_MEMBERS) {
      report.accept(
          Trouble.TABLE_FULL,
          member.address() + " tells of " + strangers + " members beyond the bound");
      return false;
    }
    return true;
  }

  /// ScaleCube keeps a count for each teller that it ever heard of, and drops it with the member.
  /// Tellers that are no members here are needed, since gossip is how a newcomer is learned of
  /// without a sync that is gossiped again by all; so many of them and no more.
  private boolean admitsGossip(Message message) {
    var gossips = types.gossips(message.data());
    if (gossips == null) {
      return false;
    }
    Set<String> here = known.get();
    for (var gossip : gossips) {
      String teller = gossip.getKey();
      if (!here.contains(teller) && !strangers.contains(teller)) {
        strangers.removeAll(here);
        if (strangers.size() >= MAX_STRANGERS) {
          return false;
        }
        strangers.add(teller);
      }
    }
    return true;
  }
}
