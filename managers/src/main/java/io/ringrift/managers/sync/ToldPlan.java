package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.sync.v1.SyncPlan;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A plan as it goes on the wire, in pages: transfers first, then conflicts. No page is much longer
/// than what was asked for, however much there is to move.
///
/// @param id made of the content: an equal plan is the same plan
/// @param missing nodes whose manifest was not to be had
record ToldPlan(String id, CopyPlan plan, List<NodeId> missing) {
  /// Bytes after which an answer that has more to tell ends its part of the plan.
  static final int SHORT = 128 << 10;

  /// Bytes after which a page ends.
  static final int PAGE = 1 << 20;

  static ToldPlan of(CopyPlan plan, Collection<NodeId> missing) {
    var nodes = missing.stream().sorted().toList();
    return new ToldPlan(PlanMessages.id(plan, nodes), plan, nodes);
  }

  /// A plan of some of this one, for the same nodes.
  ToldPlan only(CopyPlan part) {
    return part.equals(plan) ? this : of(part, missing);
  }

  /// The beginning of the plan.
  SyncPlan first(int bytes) {
    return page(0, bytes);
  }

  /// What follows another page of this plan.
  ///
  /// @param token of that page
  /// @return empty when it is of another plan
  /// @throws Refusal INVALID_ARGUMENT
  Optional<SyncPlan> after(String token) {
    int colon = token.lastIndexOf(':');
    if (colon < 0 || !token.substring(0, colon).equals(id)) {
      return Optional.empty();
    }
    try {
      int from = Integer.parseInt(token.substring(colon + 1));
      if (from > 0 && from < size()) {
        return Optional.of(page(from, PAGE));
      }
    } catch (NumberFormatException e) {
      throw bad(token);
    }
    throw bad(token);
  }

  static Refusal bad(String token) {
    return Refusal.invalid(
        "page_token", token, "next_page_token of a plan that this leader remembers; plan again");
  }

  private int size() {
    return plan.moves().size() + plan.clashes().size();
  }

  private SyncPlan page(int from, int bytes) {
    int transfers = plan.moves().size();
    var page =
        SyncPlan.newBuilder()
            .setPlanId(id)
            .setTotalFiles(plan.files())
            .setTotalBytes(plan.bytes())
            .setTotalTransfers(transfers)
            .setTotalConflicts(plan.clashes().size())
            .addAllMissingNodeIds(missing.stream().map(NodeId::value).toList());
    long length = 0;
    int at = from;
    for (; at < size() && length < bytes; at++) {
      if (at < transfers) {
        var transfer = PlanMessages.transfer(plan.moves().get(at));
        page.addTransfers(transfer);
        length += transfer.getSerializedSize();
      } else {
        var conflict = PlanMessages.conflict(plan.clashes().get(at - transfers));
        page.addConflicts(conflict);
        length += conflict.getSerializedSize();
      }
    }
    return page.setNextPageToken(at < size() ? id + ":" + at : "").build();
  }
}
