package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.managers.sync.SyncPlanning.Wants;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// A plan for all targets, and how it would be without some of them.
///
/// @param told the plan
/// @param holdings what it was made from
/// @param wants what it was made for
record RoundPlan(ToldPlan told, SortedMap<NodeId, List<Content>> holdings, Wants wants) {
  /// @param missing nodes whose manifest was not to be had
  static RoundPlan of(
      SortedMap<NodeId, List<Content>> holdings, Wants wants, Collection<NodeId> missing) {
    var plan = SyncPlanning.plan(holdings, wants);
    return new RoundPlan(ToldPlan.of(plan, missing), holdings, wants);
  }

  /// Nothing is to be moved to anybody.
  static RoundPlan nothing(Collection<NodeId> missing) {
    var nobody = new Wants(new TreeSet<>(), Map.of(), 0);
    return new RoundPlan(ToldPlan.of(CopyPlan.NOTHING, missing), new TreeMap<>(), nobody);
  }

  CopyPlan all() {
    return told.plan();
  }

  /// Other targets get what these would have got.
  CopyPlan without(Set<NodeId> targets) {
    return SyncPlanning.plan(holdings, wants.without(targets));
  }

  /// Targets of which nothing may be wanted although they lack files, since others have enough
  /// copies.
  Set<NodeId> passedOver() {
    return wants.replicationTarget() == 0 ? Set.of() : wants.targets();
  }
}
