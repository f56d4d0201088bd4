package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.membership.swim.SwimEffect.Trouble;
import io.scalecube.cluster.membership.MembershipProtocolImpl;
import io.scalecube.cluster.transport.api.Message;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// Which whole messages may reach ScaleCube: none that would mix another cluster's members into its
/// table, or let a table grow beyond its bound. Owner thread.
final class Admission {
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
      case WordGossip.WORDS -> admitsWords(message);
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
    return fits(rows, member.address());
  }

  /// Words about members of another cluster are none of ours to pass on.
  private boolean admitsWords(Message message) {
    List<WireTypes.Row> rows = types.sync(message.data());
    return rows != null
        && rows.stream().allMatch(row -> row.member().namespace().equals(namespace))
        && fits(rows, message.sender());
  }

  private boolean fits(List<WireTypes.Row> rows, String teller) {
    Set<String> here = known.get();
    long strangers = rows.stream().filter(row -> !here.contains(row.member().id())).count();
    if (here.size() + strangers > 2L * SwimConfig.MAX_MEMBERS) {
      report.accept(
          Trouble.TABLE_FULL, teller + " tells of " + strangers + " members beyond the bound");
      return false;
    }
    return true;
  }
}
